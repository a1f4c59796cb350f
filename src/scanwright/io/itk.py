"""NRRD (.nrrd, .nhdr) and MetaImage (.mha, .mhd), through SimpleITK, which thinks in LPS too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from scanwright.base import FileError, replacing
from scanwright.image import Array, Floats, Frame, Geometry, Image
from scanwright.io.guard import refuse_to_hold
from scanwright.io.header import Header
from scanwright.io.limits import ReadLimits

if TYPE_CHECKING:
    import SimpleITK as sitk  # noqa: N813  (its own usual name)

FRAME_KEY = "scanwright_frame"
"""Our own entry, in both formats, naming the frame of a grid that has no place in the patient."""
WIDENED = {"bool": "uint8", "float16": "float32"}
TEXT_BYTES = 1 << 16
"""How far into a file its text header may reach."""


@dataclass(frozen=True, slots=True)
class Nrrd:
    """Nearly raw raster data."""

    suffixes: ClassVar[tuple[str, ...]] = (".nrrd", ".nhdr")

    @staticmethod
    def signature(head: bytes) -> bool:
        """Whether the file begins as an NRRD does."""
        return head.startswith(b"NRRD000")

    def probe(self, path: Path, limits: ReadLimits) -> Header:
        """Read size, number type and geometry."""
        _check_data_file(path, (b"data file:", b"datafile:"))
        return _header(_opened(path, "NrrdImageIO"), path, limits)

    def read(self, path: Path, limits: ReadLimits) -> Image:
        """Read the image; a vector of numbers per voxel, or a fourth axis, become channels."""
        header = self.probe(path, limits)
        return _read(_opened(path, "NrrdImageIO"), header)

    def write(self, image: Image, path: Path) -> None:
        """Write any image; bool is kept as uint8 and float16 as float32."""
        _write(image, path, "NrrdImageIO")


@dataclass(frozen=True, slots=True)
class MetaImage:
    """ITK's own format, in one file (.mha) or as text beside raw data (.mhd)."""

    suffixes: ClassVar[tuple[str, ...]] = (".mha", ".mhd")

    @staticmethod
    def signature(head: bytes) -> bool:
        """Whether the text begins with one of MetaImage's first fields."""
        first = head.lstrip()[:64]
        field = first.split(b"=")[0].strip()
        return b"=" in first and field in (b"ObjectType", b"NDims", b"Comment")

    def probe(self, path: Path, limits: ReadLimits) -> Header:
        """Read size, number type and geometry."""
        _check_data_file(path, (b"elementdatafile",))
        return _header(_opened(path, "MetaImageIO"), path, limits)

    def read(self, path: Path, limits: ReadLimits) -> Image:
        """Read the image; a vector of numbers per voxel, or a fourth axis, become channels."""
        header = self.probe(path, limits)
        return _read(_opened(path, "MetaImageIO"), header)

    def write(self, image: Image, path: Path) -> None:
        """Write any image as .mha; bool is kept as uint8 and float16 as float32."""
        if path.suffix.lower() == ".mhd":
            raise refuse_to_hold("A .mhd", "two files", ".mha, which is one file", where=path)
        _write(image, path, "MetaImageIO")


def _opened(path: Path, plug: str) -> sitk.ImageFileReader:
    import SimpleITK as sitk  # noqa: N813  (its own usual name)

    reader = sitk.ImageFileReader()
    reader.SetImageIO(plug)
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    return reader


def _check_data_file(path: Path, fields: tuple[bytes, ...]) -> None:
    """Refuse a header that points at data outside its own folder."""
    with path.open("rb") as stream:
        text = stream.read(TEXT_BYTES)
    for line in text.split(b"\n"):
        if not line.strip().lower().startswith(fields):
            continue
        name = line.replace(b"=", b":", 1).partition(b":")[2].strip()
        if name == b"LOCAL":
            return
        plain = PurePosixPath(name.decode("utf-8", "replace").replace("\\", "/"))
        if plain.is_absolute() or ".." in plain.parts or b"%" in name or name.startswith(b"LIST"):
            raise FileError(
                "The header names data that is not one file beside it.",
                legal="a file name in the same folder",
                next="convert it to one file, .nrrd or .mha",
                where=path,
            )
        if not (path.parent / plain).is_file():
            raise FileError(
                "The file with the pixels is missing.",
                next="put it beside its header",
                where=path.parent / plain.name,
            )
        return


def _header(reader: sitk.ImageFileReader, path: Path, limits: ReadLimits) -> Header:
    import SimpleITK as sitk  # noqa: N813  (its own usual name)

    size = tuple(int(length) for length in reader.GetSize())[::-1]
    channels = int(reader.GetNumberOfComponents())
    if len(size) == 4:
        channels, size = channels * size[0], size[1:]
    dtype = _dtype(reader.GetPixelIDValue(), sitk)
    if dtype is None or len(size) > 3:
        raise FileError(
            "The file holds numbers that make no image.",
            got=f"{sitk.GetPixelIDValueAsString(reader.GetPixelIDValue())}, {len(size)} axes",
            legal="integers or floats on 1 to 4 axes",
            where=path,
        )
    limits.check((channels, *size), dtype, path)
    return Header("", size, channels, dtype, _geometry(reader, len(size)))


def _dtype(pixel: int, sitk: object) -> str | None:
    names = ("UInt8", "Int8", "UInt16", "Int16", "UInt32", "Int32", "UInt64", "Int64")
    known = {f"sitk{name}": name.lower() for name in names}
    known |= {"sitkFloat32": "float32", "sitkFloat64": "float64"}
    for name, dtype in known.items():
        vector = name.replace("sitk", "sitkVector")
        if pixel in (getattr(sitk, name), getattr(sitk, vector)):
            return dtype
    return None


def _geometry(reader: sitk.ImageFileReader, rank: int) -> Geometry:
    whole = len(reader.GetSpacing())
    spacing = tuple(float(length) for length in reader.GetSpacing()[:rank])[::-1]
    named = reader.GetMetaData(FRAME_KEY) if reader.HasMetaDataKey(FRAME_KEY) else ""
    if named == Frame.PIXELS.value:
        return Geometry.pixels(rank)
    if rank < 3 or named == Frame.DETECTOR.value:
        return Geometry.detector(spacing)
    matrix: Floats = np.array(reader.GetDirection()).reshape(whole, whole)[:3, :3]
    x, y, z = (float(value) for value in reader.GetOrigin()[:3])
    return Geometry(spacing, matrix[:, ::-1], (x, y, z))


def _read(reader: sitk.ImageFileReader, header: Header) -> Image:
    import SimpleITK as sitk  # noqa: N813  (its own usual name)

    image = reader.Execute()
    array: Array = sitk.GetArrayFromImage(image)
    if image.GetNumberOfComponentsPerPixel() > 1:
        array = np.ascontiguousarray(np.moveaxis(array, -1, 0))
        if image.GetDimension() == 4:
            array = np.moveaxis(array, 1, 0)
    return Image(array.reshape(header.shape), header.geometry)


def _write(image: Image, path: Path, plug: str) -> None:
    import SimpleITK as sitk  # noqa: N813  (its own usual name)

    grid = image.geometry
    if image.rank < 2 or (image.rank == 2 and grid.frame is Frame.PATIENT):
        legal = "volumes, and 2-D images without a place in the patient"
        raise refuse_to_hold(path.suffix, repr(image), legal, where=path)
    array = image.array.astype(WIDENED.get(image.array.dtype.name, image.array.dtype))
    if array.dtype.itemsize > 8:
        raise refuse_to_hold(path.suffix, array.dtype, "numbers of at most 64 bits", where=path)
    data = array[0] if image.is_grey else np.moveaxis(array, 0, -1)
    file = sitk.GetImageFromArray(np.ascontiguousarray(data), isVector=not image.is_grey)
    file.SetSpacing(grid.spacing_mm[::-1])
    if grid.frame is Frame.PATIENT:
        file.SetOrigin(grid.origin_lps)
        file.SetDirection(grid.directions[:, ::-1].ravel().tolist())
    else:
        file.SetMetaData(FRAME_KEY, grid.frame.value)
    with replacing(path) as temporary:
        writer = sitk.ImageFileWriter()
        writer.SetImageIO(plug)
        writer.SetFileName(str(temporary))
        writer.UseCompressionOn()
        writer.Execute(file)
