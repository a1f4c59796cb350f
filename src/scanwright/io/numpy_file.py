"""NumPy files: .npy for a bare array, .npz for an image with all that belongs to it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, ClassVar

import numpy as np

from scanwright.base import FileError, write_atomic
from scanwright.image import Array, Frame, Geometry, Image, Modality
from scanwright.io.guard import refuse_to_hold
from scanwright.io.header import Header
from scanwright.io.limits import ReadLimits, check_stored_bytes
from scanwright.io.rescale import native

ARRAY = "array"
FACTS = ("spacing_mm", "directions", "origin_lps", "frame", "modality", "unit", "channels")
FACT_BYTES = 1 << 20
"""Largest fact that is read from an .npz."""


@dataclass(frozen=True, slots=True)
class Npy:
    """One bare array.

    (X), (Y, X) and (Z, Y, X) are grey; a last axis of 3 after at least two others is RGB; of any
    other 4-D array the first axis holds the channels.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".npy",)

    @staticmethod
    def signature(head: bytes) -> bool:
        """Whether the file begins as an .npy does."""
        return head.startswith(b"\x93NUMPY")

    def probe(self, path: Path, limits: ReadLimits) -> Header:
        """Read shape and number type."""
        with path.open("rb") as stream:
            shape, dtype = _read_array_header(stream, path)
            present = path.stat().st_size - stream.tell()
        check_stored_bytes(int(np.prod(shape, dtype=object)) * dtype.itemsize, present, path)
        return _bare_header(shape, dtype, path, limits)

    def read(self, path: Path, limits: ReadLimits) -> Image:
        """Read the array; the grid has unit steps."""
        header = self.probe(path, limits)
        array = native(np.load(path, allow_pickle=False))
        return Image(_channels_first(array), header.geometry)

    def write(self, image: Image, path: Path) -> None:
        """Write grey images, RGB images and volumes of several channels."""
        array = _channels_last(image)
        if array is None:
            legal = "an image whose bare array is read back alike (see Npy)"
            raise refuse_to_hold(".npy", repr(image), legal, where=path)
        stream = BytesIO()
        np.save(stream, array, allow_pickle=False)
        write_atomic(path, stream.getvalue())


@dataclass(frozen=True, slots=True)
class Npz:
    """One array in a zip file; with geometry, modality, unit and channels if we wrote it."""

    suffixes: ClassVar[tuple[str, ...]] = (".npz",)

    @staticmethod
    def signature(head: bytes) -> bool:
        """Whether the file is a zip file whose first member is an array."""
        length = int.from_bytes(head[26:28], "little")
        return head.startswith(b"PK\x03\x04") and head[30 : 30 + length].endswith(b".npy")

    def probe(self, path: Path, limits: ReadLimits) -> Header:
        """Read shape, number type and the facts beside the array."""
        with _open_zip(path) as archive:
            member = _array_member(archive, path)
            facts = _read_facts(archive)
            with archive.open(member) as stream:
                shape, dtype = _read_array_header(stream, path)
        if facts is None:
            return _bare_header(shape, dtype, path, limits)
        limits.check(shape, dtype.name, path)
        geometry = _geometry(facts)
        modality = Modality(str(facts["modality"]))
        return Header("", shape[1:], shape[0], dtype.name, geometry, modality)

    def read(self, path: Path, limits: ReadLimits) -> Image:
        """Read the array and what belongs to it."""
        header = self.probe(path, limits)
        with _open_zip(path) as archive:
            facts = _read_facts(archive)
            with archive.open(_array_member(archive, path)) as stream:
                array = native(np.lib.format.read_array(stream, allow_pickle=False))
        if facts is None:
            return Image(_channels_first(array), header.geometry)
        channels = tuple(str(name) for name in facts["channels"])
        return Image(array, header.geometry, header.modality, str(facts["unit"]), channels)

    def write(self, image: Image, path: Path) -> None:
        """Write any image, exactly."""
        grid = image.geometry
        stream = BytesIO()
        np.savez_compressed(
            stream,
            array=image.array,
            spacing_mm=np.array(grid.spacing_mm),
            directions=grid.directions,
            origin_lps=np.array(grid.origin_lps),
            frame=np.array(grid.frame.value),
            modality=np.array(image.modality.value),
            unit=np.array(image.unit),
            channels=np.array(image.channels),
        )
        write_atomic(path, stream.getvalue())


def _read_array_header(stream: IO[bytes], path: Path) -> tuple[tuple[int, ...], np.dtype[np.void]]:
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0), (3, 0)):
        raise FileError("The array is of an unknown version.", got=version, where=path)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    else:
        shape, _, dtype = np.lib.format.read_array_header_2_0(stream)
    if dtype.kind not in "buif":
        raise FileError(
            "The array holds no numbers that make an image.",
            got=dtype.name,
            legal="bool, integers or floats",
            where=path,
        )
    return shape, dtype


def _bare_header(
    shape: tuple[int, ...], dtype: np.dtype[np.void], path: Path, limits: ReadLimits
) -> Header:
    limits.check(shape, dtype.name, path)
    if not 1 <= len(shape) <= 4:
        raise FileError(
            "The array has too many axes for an image.", got=shape, legal="1 to 4 axes", where=path
        )
    if _is_colour(shape):
        space, channels = shape[:-1], shape[-1]
    elif len(shape) == 4:
        space, channels = shape[1:], shape[0]
    else:
        space, channels = shape, 1
    return Header("", space, channels, dtype.name, Geometry.pixels(len(space)))


def _is_colour(shape: tuple[int, ...]) -> bool:
    return len(shape) >= 3 and shape[-1] == 3


def _channels_first(array: Array) -> Array:
    if _is_colour(array.shape):
        return np.ascontiguousarray(np.moveaxis(array, -1, 0))
    return array if array.ndim == 4 else array[None]


def _channels_last(image: Image) -> Array | None:
    """Return the bare array that is read back alike; None where there is none."""
    array = image.array
    if image.is_grey and not _is_colour(image.size):
        grey: Array = array[0]
        return grey
    if len(array) == 3 and image.rank >= 2:
        return np.ascontiguousarray(np.moveaxis(array, 0, -1))
    return array if image.rank == 3 and image.size[-1] != 3 else None


@contextmanager
def _open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(path) as archive:
        yield archive


def _array_member(archive: zipfile.ZipFile, path: Path) -> str:
    names = [name for name in archive.namelist() if name.endswith(".npy")]
    arrays = [name for name in names if name.removesuffix(".npy") not in FACTS]
    if len(arrays) != 1:
        raise FileError(
            "The .npz does not hold one array.",
            got=", ".join(sorted(names)) or "none",
            legal="one array",
            next="a data set of many images in one .npz is read as a data set, not as an image",
            where=path,
        )
    return arrays[0]


def _read_facts(archive: zipfile.ZipFile) -> dict[str, Array] | None:
    names = set(archive.namelist())
    if not names >= {f"{fact}.npy" for fact in FACTS}:
        return None
    facts: dict[str, Array] = {}
    for fact in FACTS:
        if archive.getinfo(f"{fact}.npy").file_size > FACT_BYTES:
            raise FileError("The .npz holds an oversized fact.", got=fact)
        with archive.open(f"{fact}.npy") as stream:
            facts[fact] = np.lib.format.read_array(stream, allow_pickle=False)
    return facts


def _geometry(facts: dict[str, Array]) -> Geometry:
    x, y, z = (float(value) for value in facts["origin_lps"])
    return Geometry(
        tuple(float(length) for length in facts["spacing_mm"]),
        facts["directions"],
        (x, y, z),
        Frame(str(facts["frame"])),
    )
