"""Arrays in NumPy .npz archives, one row at a time and within bounds of memory."""

import hashlib
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from pathlib import Path
from struct import unpack
from typing import Any

import numpy as np

from scanwright.base import (
    FileError,
    ResourceError,
    cache_folder,
    free_disk_bytes,
    read_machine,
    replacing,
)
from scanwright.image import Array, Image, Modality

IN_MEMORY_SHARE = 0.15
"""A compressed array that takes more of the free memory than this is unpacked to disk."""
LARGEST_SMALL_BYTES = 1 << 30
"""Arrays that are read whole (labels) are refused above this."""
LOCAL_HEADER_BYTES = 30
"""Length of the fixed part of a zip member's own header (zip specification, 4.3.7)."""
COPY_BYTES = 1 << 20
HEADERS: dict[tuple[int, int], Callable[..., Any]] = {  # Any: NumPy's own reader functions
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclass(frozen=True, slots=True)
class Member:
    """What is known of one array in an archive without unpacking it.

    Parameters
    ----------
    archive
        Path of the .npz file.
    name
        Name of the array.
    shape, dtype
        As its header declares them.
    offset
        Bytes of the header before the numbers.
    is_compressed
        Whether the numbers must be unpacked to be read.
    """

    archive: Path
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]  # Any: whatever the archive holds
    offset: int
    is_compressed: bool
    is_fortran: bool = False

    @property
    def size_bytes(self) -> int:
        """Size of the numbers in memory."""
        return prod(self.shape) * self.dtype.itemsize


@dataclass(frozen=True, slots=True)
class MemberReference:
    """One image: a row of an array in an archive.

    Parameters
    ----------
    archive, member, row
        File, name of the array, and index along its first axis.
    has_colours
        Whether the last axis of the array holds colours.
    modality
        How the image was made.
    """

    archive: Path
    member: str
    row: int
    has_colours: bool
    modality: Modality = Modality.UNKNOWN

    @property
    def files(self) -> tuple[Path, ...]:
        """The archive."""
        return (self.archive,)

    @property
    def source(self) -> str:
        """Archive, array and row."""
        return f"{self.archive.name}::{self.member}[{self.row}]"

    def read(self) -> Image:
        """Read the row."""
        return Image.from_array(self.read_array(), self.modality)

    def read_array(self) -> Array:
        """Read the row's numbers alone, shape (C, *space)."""
        array = open_member(self.archive, self.member)[self.row]
        array = np.moveaxis(array, -1, 0) if self.has_colours else array[None]  # (C, *space)
        return np.array(array, order="C")


def read_members(path: Path) -> dict[str, Member]:
    """List the arrays of an archive.

    Raises
    ------
    FileError
        It is no sound archive, or an array would have to be unpickled.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [_read_member(path, archive, info) for info in archive.infolist()]
    except (OSError, zipfile.BadZipFile, ValueError, EOFError, zlib.error, KeyError) as error:
        raise _damaged(path, error) from error
    return {member.name: member for member in members}


def read_small(member: Member) -> Array:
    """Read a whole array that must be small, such as labels.

    Raises
    ------
    FileError
        It is not small, or is damaged.
    """
    if member.size_bytes > LARGEST_SMALL_BYTES:
        raise FileError(
            "An array of labels is absurdly large.",
            got=f"{member.size_bytes / 2**30:.1f} GiB",
            where=f"{member.archive}::{member.name}",
        )
    return _unpack_in_memory(member)


def open_member(archive: Path, name: str) -> Array:
    """Open an array of images: in memory where it fits, else mapped from disk.

    Raises
    ------
    FileError
        The archive has changed or is damaged.
    ResourceError
        The disk is too small to unpack it.
    """
    try:
        status = archive.stat()
    except OSError as error:
        raise _damaged(archive, error) from error
    return _open_member(archive, name, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=3)
def _open_member(archive: Path, name: str, changed: int, size: int) -> Array:
    """Open an array once; `changed` and `size` tell one version of the file from the next."""
    member = read_members(archive).get(name)
    if member is None:
        raise FileError("The archive has lost an array.", got=name, where=archive)
    if not member.is_compressed:
        return _map(archive, member, _stored_offset(archive, member))
    if member.size_bytes <= IN_MEMORY_SHARE * read_machine().memory_bytes:
        array = _unpack_in_memory(member)
        array.setflags(write=False)
        return array
    key = hashlib.sha256(f"{archive.resolve()}|{name}|{changed}|{size}".encode()).hexdigest()
    unpacked = cache_folder() / "unpacked" / f"{key[:24]}.npy"
    if not unpacked.exists():
        _unpack_to(member, unpacked)
    return _map(unpacked, member, member.offset)


def _read_member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    with archive.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        if version not in HEADERS:
            raise ValueError(f"array format {version} is unknown")
        shape, is_fortran, dtype = HEADERS[version](stream)
        offset = stream.tell()
    where = f"{path}::{info.filename}"
    if dtype.hasobject:
        raise FileError(
            "The archive holds Python objects, which can execute code when loaded.",
            next="save the array as numbers or text",
            where=where,
        )
    member = Member(
        archive=path,
        name=info.filename.removesuffix(".npy"),
        shape=tuple(shape),
        dtype=dtype,
        offset=offset,
        is_compressed=info.compress_type != zipfile.ZIP_STORED,
        is_fortran=is_fortran,
    )
    if info.file_size != offset + member.size_bytes:
        raise FileError(
            "An array is not as long as its header declares.",
            got=f"{info.file_size} bytes",
            legal=f"{offset + member.size_bytes} bytes",
            where=where,
        )
    return member


def _stored_offset(path: Path, member: Member) -> int:
    """Return where the numbers of an uncompressed array begin in the archive."""
    with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
        info = archive.getinfo(f"{member.name}.npy")
        stream.seek(info.header_offset)
        header = stream.read(LOCAL_HEADER_BYTES)
    names_and_extras = sum(int(length) for length in unpack("<HH", header[26:30]))
    return int(info.header_offset) + LOCAL_HEADER_BYTES + names_and_extras + member.offset


def _map(path: Path, member: Member, offset: int) -> Array:
    # Axes of a Fortran array lie on disk in the opposite order.
    shape = member.shape[::-1] if member.is_fortran else member.shape
    try:
        mapped = np.memmap(path, member.dtype, mode="r", offset=offset, shape=shape)
    except (OSError, ValueError) as error:
        raise _damaged(member.archive, error) from error
    return mapped.T if member.is_fortran else mapped


def _unpack_in_memory(member: Member) -> Array:
    try:
        with np.load(member.archive, allow_pickle=False) as archive:
            return np.asarray(archive[member.name])
    except (OSError, zipfile.BadZipFile, ValueError, EOFError, zlib.error, KeyError) as error:
        raise _damaged(member.archive, error) from error


def _unpack_to(member: Member, path: Path) -> None:
    needed = member.size_bytes + member.offset
    if free_disk_bytes(path) < needed:
        raise ResourceError(
            "The disk is too small to unpack an array that does not fit into memory.",
            got=f"{free_disk_bytes(path) / 1e9:.2f} GB free",
            legal=f"{needed / 1e9:.2f} GB",
            next="set SCANWRIGHT_CACHE to a folder on a larger disk",
            where=path.parent,
        )
    with replacing(path) as temporary, temporary.open("wb") as out:
        try:
            _copy(member, out.write)
        except (zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise _damaged(member.archive, error) from error


def _copy(member: Member, write: Callable[[bytes], int]) -> None:
    with (
        zipfile.ZipFile(member.archive) as archive,
        archive.open(f"{member.name}.npy") as stream,
    ):
        while block := stream.read(COPY_BYTES):
            write(block)


def _damaged(path: Path, error: Exception) -> FileError:
    return FileError(
        "The archive cannot be read.",
        got=str(error) or type(error).__name__,
        legal="a .npz file of NumPy arrays",
        next="copy or download it again",
        where=path,
    )
