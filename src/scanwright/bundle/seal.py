"""A bundle's files and their hashes, from a folder or a zip, with nothing trusted."""

import hashlib
import json
import tomllib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanwright.base import BundleError, heal_folder, sha256_file, write_json

MANIFEST = "manifest.json"
DAMAGE = (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, zlib.error)
"""What the zip reader raises over damaged, encrypted or unsupported members."""
LARGEST_BYTES = 8 << 30
"""Bytes in all files of a bundle together; a zip that unpacks to more is refused."""
ENDINGS = (".safetensors", ".json", ".toml", ".md")
"""Kinds of file a bundle holds; none of them can execute when loaded."""


@dataclass(frozen=True, slots=True)
class Files:
    """Files of a bundle whose hashes have been checked, by name with forward slashes."""

    contents: dict[str, bytes]

    def names(self) -> list[str]:
        """Return all names, the manifest included."""
        return sorted(self.contents)

    def under(self, prefix: str) -> list[str]:
        """Return names that begin with `prefix`, in the order of members."""
        return sorted(
            (name for name in self.contents if name.startswith(prefix)),
            key=lambda name: (len(name), name),
        )

    def content(self, name: str) -> bytes:
        """Return a file's bytes.

        Raises
        ------
        BundleError
            There is no such file.
        """
        if name not in self.contents:
            raise BundleError("The bundle lacks a file.", got=name)
        return self.contents[name]

    def toml(self, name: str) -> dict[str, Any]:
        """Return a TOML file's tables."""
        try:
            return tomllib.loads(self.content(name).decode("utf-8"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BundleError("The bundle is damaged.", got=error, where=name) from error


def write_manifest(folder: Path) -> None:
    """Write the SHA-256 of every file in a bundle's folder."""
    files = {
        path.relative_to(folder).as_posix(): sha256_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    write_json(folder / MANIFEST, {"sha256": files})


def bundle_digest(folder: Path) -> str:
    """Return one hash for a whole bundle: that of its manifest."""
    return sha256_file(folder / MANIFEST)


def read_files(path: Path) -> Files:
    """Read all files of a bundle and check their hashes.

    Raises
    ------
    BundleError
        It is missing, too large, holds a foreign file, or a hash differs.
    """
    heal_folder(path)
    if path.is_dir():
        contents = _from_folder(path)
    elif path.is_file():
        contents = _from_zip(path)
    else:
        raise BundleError(
            "There is no bundle here.",
            next="give the bundle folder that `scanwright train` made, or its zip",
            where=path,
        )
    _check_hashes(contents, path)
    return Files(contents)


def _from_folder(folder: Path) -> dict[str, bytes]:
    if not (folder / MANIFEST).is_file():
        inner = folder / "bundle"
        raise BundleError(
            "This folder is no bundle.",
            got=f"no {MANIFEST}",
            next=f"did you mean {inner}?" if inner.is_dir() else None,
            where=folder,
        )
    paths = [path for path in folder.rglob("*") if path.is_file()]
    _check_names([path.relative_to(folder).as_posix() for path in paths], folder)
    _check_total(sum(path.stat().st_size for path in paths), folder)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _from_zip(archive: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(archive) as packed:
            entries = [entry for entry in packed.infolist() if not entry.is_dir()]
            _check_names([entry.filename for entry in entries], archive)
            _check_total(sum(entry.file_size for entry in entries), archive)
            # `read` gives at most the declared size, so a lying header cannot inflate further.
            return {entry.filename: packed.read(entry) for entry in entries}
    except DAMAGE as error:
        raise BundleError("The bundle's zip is damaged.", got=error, where=archive) from error


def _check_names(names: list[str], where: Path) -> None:
    for name in names:
        parts = name.split("/")
        if not name.endswith(ENDINGS) or ".." in parts or name.startswith(("/", "\\")):
            raise BundleError(
                "The bundle holds a file that does not belong there.",
                got=name,
                legal="files ending in " + ", ".join(ENDINGS),
                where=where,
            )


def _check_total(total: int, where: Path) -> None:
    if total > LARGEST_BYTES:
        raise BundleError(
            "The bundle is too large.",
            got=f"{total / 2**30:.1f} GiB",
            legal=f"up to {LARGEST_BYTES >> 30} GiB",
            where=where,
        )


def _check_hashes(contents: dict[str, bytes], where: Path) -> None:
    try:
        expected = json.loads(contents[MANIFEST])["sha256"]
    except (KeyError, ValueError, TypeError) as error:
        raise BundleError("The bundle's manifest is damaged.", where=where) from error
    actual = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in contents.items()
        if name != MANIFEST
    }
    if not isinstance(expected, dict):
        raise BundleError("The bundle's manifest is damaged.", where=where)
    if actual != expected:
        names = sorted(set(actual) ^ set(expected)) or sorted(
            name for name in actual if actual[name] != expected[name]
        )
        raise BundleError(
            "The bundle was changed after it was sealed.",
            got=", ".join(names[:5]),
            next="take the original again; do not use this one",
            where=where,
        )
