"""All file formats by name, and the three things done with them: probe, read, write."""

import zlib
from contextlib import suppress
from pathlib import Path

from scanwright.base import Catalog, FileError, RecipeError
from scanwright.image import Image
from scanwright.io.dicom import Dicom
from scanwright.io.format import HEAD_BYTES, Format
from scanwright.io.guard import check_is_file, read_head, reading
from scanwright.io.header import Header
from scanwright.io.itk import MetaImage, Nrrd
from scanwright.io.limits import DEFAULT_LIMITS, ReadLimits
from scanwright.io.nifti import Nifti
from scanwright.io.numpy_file import Npy, Npz
from scanwright.io.raster import Bmp, Jpeg, Png
from scanwright.io.tiff import Tiff

GZIP = b"\x1f\x8b"

FORMATS: Catalog[Format] = Catalog(
    "file format",
    {
        "bmp": Bmp(),
        "dicom": Dicom(),
        "jpeg": Jpeg(),
        "metaimage": MetaImage(),
        "nifti": Nifti(),
        "npy": Npy(),
        "npz": Npz(),
        "nrrd": Nrrd(),
        "png": Png(),
        "tiff": Tiff(),
    },
    "scanwright.formats",
)


def recognise(path: Path | str) -> str | None:
    """Return the name of a file's format: by its content, else by its suffix, else None.

    Raises
    ------
    FileError
        There is no such file, or it is empty.
    """
    path = Path(path)
    head = read_head(path, HEAD_BYTES)
    if head.startswith(GZIP):
        with suppress(zlib.error):
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, HEAD_BYTES)
    for _ in range(2):
        for name, entry in FORMATS.items():
            if entry.signature(head):
                return name
        if _add_third_parties() == 0:
            break
    return format_of_suffix(path)


def format_of_suffix(path: Path | str) -> str | None:
    """Return the name of the format whose suffix a path has, or None."""
    name = Path(path).name.lower()
    for kind, entry in FORMATS.items():
        if name.endswith(entry.suffixes):
            return kind
    return None


def probe(path: Path | str, limits: ReadLimits = DEFAULT_LIMITS) -> Header:
    """Read what is known of a file without decoding its pixels.

    Raises
    ------
    FileError
        The file is missing, damaged, of no known format, or beyond the limits.
    """
    path = Path(path)
    name = _recognised(path)
    with reading(path):
        return FORMATS[name].probe(path, limits).named(name)


def read(path: Path | str, limits: ReadLimits = DEFAULT_LIMITS) -> Image:
    """Read one file as an image.

    Geometry is kept as stored; integers stay integers unless their scaling needs floats;
    transparency is laid over black; bright always means much.

    Raises
    ------
    FileError
        The file is missing, damaged, of no known format, or beyond the limits.
    ResourceError
        Memory ran out.
    """
    path = Path(path)
    name = _recognised(path)
    with reading(path):
        return FORMATS[name].read(path, limits)


def write(image: Image, path: Path | str) -> None:
    """Write an image in the format that the path's suffix names, whole or not at all.

    Raises
    ------
    FileError
        The suffix is of no known format, the format cannot hold the image without loss (JPEG
        apart), or the place cannot be written.
    ResourceError
        The disk is full.
    """
    path = Path(path)
    name = format_of_suffix(path)
    if name is None and _add_third_parties():
        name = format_of_suffix(path)
    if name is None:
        raise FileError(
            "The suffix names no format that is written.",
            got=path.suffix or "no suffix",
            legal=_all_suffixes(),
            where=path,
        )
    FORMATS[name].write(image, path)


def _recognised(path: Path) -> str:
    check_is_file(path)
    name = recognise(path)
    if name is None:
        raise FileError(
            "The file is of no known image format.",
            got=path.suffix or "no suffix",
            legal=_all_suffixes(),
            next="convert it to one of these",
            where=path,
        )
    return name


def _all_suffixes() -> str:
    return ", ".join(entry.suffixes[0] for _, entry in FORMATS.items())


def _add_third_parties() -> int:
    """Let the catalog look for formats of other packages; return how many were new."""
    before = len(FORMATS)
    with suppress(RecipeError):
        FORMATS["unknown"]
    return len(FORMATS) - before
