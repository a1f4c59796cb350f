"""Files written whole or not at all, output folders held by one run, and hashes."""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scanwright.base.errors import FileError, OccupiedError, ResourceError

CHUNK_BYTES = 1 << 20


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file so that a reader sees the old content or the new, never a part.

    Raises
    ------
    ResourceError
        The disk is full.
    FileError
        The place cannot be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with replacing(path) as temporary, temporary.open("wb") as stream:
        stream.write(data)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; on leaving without error it becomes `path`.

    The content is forced to disk before the rename, so a power cut leaves the old file.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writing-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Give an empty temporary folder; on leaving without error it takes the place of `folder`.

    At every moment one of `folder` and its `.previous` sibling is whole; `heal_folder` puts the
    sibling back after a death between the two renames.
    """
    temporary = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))
        temporary.chmod(0o755)
        yield temporary
        previous = _previous(folder)
        if folder.exists():
            shutil.rmtree(previous, ignore_errors=True)
            folder.replace(previous)
        temporary.replace(folder)
        shutil.rmtree(previous, ignore_errors=True)
    except OSError as error:
        raise write_error(folder, error) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def heal_folder(folder: Path) -> None:
    """Put back the previous content of a folder whose replacement was cut off."""
    previous = _previous(folder)
    if not folder.exists() and previous.exists():
        previous.replace(folder)


def _previous(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.previous"


def write_error(path: Path, error: OSError) -> FileError | ResourceError:
    """Turn an operating-system error met while writing into ours."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ResourceError(
            "The disk is full.",
            next="free some space and run the same command again; it goes on where it stopped",
            where=path.parent,
        )
    return FileError(
        "The file cannot be written.",
        got=error.strerror or type(error).__name__,
        next="choose another output with -o",
        where=path,
    )


def write_json(path: Path, value: Any) -> None:  # Any: whatever JSON holds
    """Write JSON, sorted and indented, refusing NaN."""
    write_atomic(path, json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n")


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(CHUNK_BYTES):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Hold an output folder for this process; the system lets go when the process ends.

    Raises
    ------
    OccupiedError
        Another process holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / ".lock").open("a+b")
    except OSError as error:
        raise write_error(folder, error) from error
    with stream:
        if not _try_lock(stream.fileno()):
            raise OccupiedError(
                "Another run is using this output folder.",
                next="wait for it to end, or choose another folder with -o",
                where=folder,
            )
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]  # Windows only
        except OSError:
            return False
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
