"""The border with decoding libraries: whatever they raise leaves as one of our errors."""

import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scanwright.base import FileError, InputError, ResourceError


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn every failure met while reading `path` into a `FileError`.

    The text of a library's error is not passed on, as it may quote a patient's data; it stays
    reachable as the cause.

    Raises
    ------
    FileError
        The file cannot be read, or is not what it says.
    ResourceError
        Memory ran out.
    """
    with warnings.catch_warnings():
        # Libraries warn of odd but readable values; what matters is checked by ourselves.
        warnings.simplefilter("ignore")
        try:
            yield
        except ResourceError:
            raise
        except FileError as error:
            raise _placed(error, path) from error.__cause__
        except InputError as error:
            raise FileError(
                "The file does not hold a usable image.",
                got=error.sentence(),
                next="look at the file with the program that wrote it",
                where=path,
            ) from error
        except MemoryError as error:
            raise ResourceError("There is not enough memory to read a file.", where=path) from error
        except Exception as error:  # decoders raise anything at all
            raise FileError(
                "The file cannot be read.",
                got=_describe(error),
                next="copy or export the file again",
                where=path,
            ) from error


def check_is_file(path: Path) -> int:
    """Return the size in bytes of an ordinary file with something in it.

    Raises
    ------
    FileError
        It is missing, a folder, a device, empty, or may not be looked at.
    """
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise FileError(
            "There is no such file.", next="check the path and its spelling", where=path
        ) from error
    except (OSError, ValueError) as error:
        raise FileError("The path cannot be used.", got=_describe(error), where=path) from error
    if stat.S_ISDIR(status.st_mode):
        raise FileError(
            "The path is a folder, not a file.",
            next="for a DICOM series, use scan_series and read_series",
            where=path,
        )
    if not stat.S_ISREG(status.st_mode):
        raise FileError("The path is no ordinary file.", legal="a file on disk", where=path)
    if status.st_size == 0:
        raise FileError(
            "The file is empty.", got="0 bytes", next="copy or export the file again", where=path
        )
    return status.st_size


def read_head(path: Path, length: int) -> bytes:
    """Return the first bytes of a file.

    Raises
    ------
    FileError
        The file cannot be opened.
    """
    check_is_file(path)
    try:
        with path.open("rb") as stream:
            return stream.read(length)
    except OSError as error:
        raise FileError("The file cannot be opened.", got=_describe(error), where=path) from error


def refuse_to_hold(name: str, got: object, legal: str, *, where: Path) -> FileError:
    """Make the error for an image that a format cannot hold without loss."""
    return FileError(
        f"{name} cannot hold this image without loss.",
        got=got,
        legal=legal,
        next="choose another format, for example .nii.gz for volumes or .npz for anything",
        where=where,
    )


def _placed(error: FileError, path: Path) -> FileError:
    """Name the file in an error that was raised where the path is not known."""
    if error.where is not None:
        return error
    return FileError(error.what, got=error.got, legal=error.legal, next=error.next, where=path)


def _describe(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error).lower()
    if isinstance(error, EOFError) or any(word in text for word in ("truncat", "eof", "end of")):
        return f"the data ends too early ({type(error).__name__})"
    return f"damaged or incomplete data ({type(error).__name__})"
