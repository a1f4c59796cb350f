"""TIFF: grey or RGB of any integer or float type; several pages of one size make a stack."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, ClassVar, Literal

import numpy as np

from scanwright.base import FileError, write_atomic
from scanwright.image import Array, Geometry, Image
from scanwright.io.guard import refuse_to_hold
from scanwright.io.header import Header
from scanwright.io.limits import ReadLimits
from scanwright.io.raster import composite_on_black
from scanwright.io.rescale import native

if TYPE_CHECKING:
    import tifffile

MARKS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
"""Byte order and version of TIFF 6.0 and BigTIFF."""

BIG_TIFF_VERSION = 43
GREY = (0, 1)
"""Photometric interpretations WhiteIsZero and BlackIsZero."""
BIG_TIFF_BYTES = 1 << 32
"""Above this, offsets no longer fit the classic format."""


@dataclass(frozen=True, slots=True)
class Tiff:
    """Tagged image files, BigTIFF included."""

    suffixes: ClassVar[tuple[str, ...]] = (".tif", ".tiff")

    @staticmethod
    def signature(head: bytes) -> bool:
        """Whether the file begins as a TIFF does."""
        return head.startswith(MARKS)

    def probe(self, path: Path, limits: ReadLimits) -> Header:
        """Read size, pages, channels and number type."""
        import tifffile

        with tifffile.TiffFile(path) as file:
            return _header(file, path, limits)

    def read(self, path: Path, limits: ReadLimits) -> Image:
        """Read one page as (C, Y, X), several as (C, Z, Y, X)."""
        import tifffile

        with tifffile.TiffFile(path) as file:
            header = _header(file, path, limits)
            stack = [_page_pixels(page) for page in file.pages]
        pixels = np.stack(stack, axis=1) if len(stack) > 1 else stack[0]
        return Image(native(pixels), header.geometry)

    def write(self, image: Image, path: Path) -> None:
        """Write grey or RGB, 2-D or 3-D, of any number type but bool colour."""
        import tifffile

        array = image.array
        colour = len(array) == 3
        if image.rank < 2 or len(array) not in (1, 3) or (colour and array.dtype == np.bool_):
            raise refuse_to_hold("TIFF", repr(image), "grey or RGB, 2-D or 3-D", where=path)
        pixels = np.moveaxis(array, 0, -1) if colour else array[0]
        pages = pixels[None] if image.rank == 2 else pixels
        stream = BytesIO()
        with tifffile.TiffWriter(stream, bigtiff=array.nbytes > BIG_TIFF_BYTES * 0.9) as writer:
            for page in pages:
                writer.write(
                    np.ascontiguousarray(page),
                    photometric="rgb" if colour else "minisblack",
                    metadata=None,
                    contiguous=False,
                )
        write_atomic(path, stream.getvalue())


def _header(file: tifffile.TiffFile, path: Path, limits: ReadLimits) -> Header:
    pages = list(file.pages)
    _check_all_there(file, len(pages), path)
    first = pages[0]
    channels = 1 if _is_grey(first) else 3
    dtype = _dtype(first)
    plane = (int(first.imagelength), int(first.imagewidth))
    for page in pages[1:]:
        alike = (page.imagelength, page.imagewidth) == plane and _is_grey(page) == _is_grey(first)
        if not alike or _dtype(page) != dtype:
            raise FileError(
                "The pages of the TIFF differ.",
                got=f"{plane} and {(page.imagelength, page.imagewidth)}",
                legal="pages of one size, colour and number type",
                next="save the pages as single files",
                where=path,
            )
    size = (len(pages), *plane) if len(pages) > 1 else plane
    limits.check((channels, *size), dtype, path)
    return Header("", size, channels, dtype, Geometry.pixels(len(size)))


def _check_all_there(file: tifffile.TiffFile, found: int, path: Path) -> None:
    """Refuse a file with fewer pages than it announces: tifffile only logs where a chain breaks."""
    announced = int((file.imagej_metadata or {}).get("images", 1)) if file.is_imagej else 1
    with path.open("rb") as stream:
        linked = _linked_pages(stream)
    if linked is None or max(linked, announced) != found:
        raise FileError(
            "Pages of the TIFF are missing.",
            got=f"{found} pages that can be found",
            legal="all pages that the file announces",
            next="copy or export the file again",
            where=path,
        )


def _linked_pages(stream: IO[bytes]) -> int | None:
    """Follow the chain of directories (TIFF 6.0, section 2); None where it breaks or turns back."""
    head = stream.read(16)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    is_big = int.from_bytes(head[2:4], order) == BIG_TIFF_VERSION
    count_bytes, entry_bytes, offset_bytes = (8, 20, 8) if is_big else (2, 12, 4)
    place = int.from_bytes(head[8:16] if is_big else head[4:8], order)
    seen: set[int] = set()
    while place:
        if place in seen:
            return None
        seen.add(place)
        stream.seek(place)
        entries = int.from_bytes(stream.read(count_bytes), order)
        stream.seek(entries * entry_bytes, 1)
        following = stream.read(offset_bytes)
        if len(following) < offset_bytes:
            return None
        place = int.from_bytes(following, order)
    return len(seen)


def _is_grey(page: tifffile.TiffPage) -> bool:
    colours = int(page.samplesperpixel) - len(page.extrasamples)
    return page.photometric in GREY and colours == 1


def _dtype(page: tifffile.TiffPage) -> str:
    # Palettes hold 16 bits a colour, whatever the index is (TIFF 6.0, section 5).
    return "uint16" if page.photometric == 3 else str(np.dtype(page.dtype).name)


def _page_pixels(page: tifffile.TiffPage) -> Array:
    """Return one page as (C, Y, X), bright meaning much, without opacity."""
    raw: Array = page.asarray()
    if page.photometric == 3:
        return np.asarray(page.colormap)[:, raw]
    if page.photometric not in (*GREY, 2, 6):
        raise FileError("The TIFF's colours are not read.", got=page.photometric.name)
    if raw.ndim == 2:
        return (_inverted(raw, page) if page.photometric == 0 else raw)[None]
    pixels = np.moveaxis(raw, 0, -1) if page.planarconfig == 2 else raw
    pixels = _without_extras(pixels, page)
    return np.ascontiguousarray(np.moveaxis(pixels, -1, 0))


def _inverted(raw: Array, page: tifffile.TiffPage) -> Array:
    if raw.dtype == np.bool_:
        turned: Array = ~raw
    elif raw.dtype.kind == "u":
        top = (1 << int(page.bitspersample)) - 1
        turned = (raw.dtype.type(top) - raw).astype(raw.dtype)
    else:
        turned = -raw
    return turned


def _without_extras(pixels: Array, page: tifffile.TiffPage) -> Array:
    extras = len(page.extrasamples)
    colours = pixels.shape[-1] - extras
    if extras == 1 and pixels.dtype.kind == "u" and int(page.extrasamples[0]) in (1, 2):
        return composite_on_black(pixels)
    return pixels[..., :colours]
