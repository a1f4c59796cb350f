"""Pictures: PNG, JPEG and BMP, as grey or RGB of 1, 8 or 16 bits."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from scanwright.base import FileError, write_atomic
from scanwright.image import Array, Geometry, Image
from scanwright.io.guard import refuse_to_hold
from scanwright.io.header import Header
from scanwright.io.limits import ReadLimits
from scanwright.io.rescale import native

if TYPE_CHECKING:
    from PIL import Image as Picture

EXIF_ORIENTATION = 0x0112
TURNED = (5, 6, 7, 8)
"""EXIF orientations that swap height and width (Exif 2.3, 4.6.4)."""

JPEG_QUALITY = 95
PNG_DEPTH = 24
"""Offset of the bit depth in a PNG file; the colour type follows (PNG 11.2.2)."""
PNG_GREY, PNG_RGB, PNG_GREY_ALPHA, PNG_RGB_ALPHA = 0, 2, 4, 6
PNG_TELLING = (b"eXIf", b"tEXt", b"zTXt", b"iTXt")
"""Chunks in which an orientation can stand."""


@dataclass(frozen=True, slots=True)
class Png:
    """Portable network graphics; lossless."""

    suffixes: ClassVar[tuple[str, ...]] = (".png",)

    @staticmethod
    def signature(head: bytes) -> bool:
        """Whether the file begins as a PNG does."""
        return head.startswith(b"\x89PNG\r\n\x1a\n")

    def probe(self, path: Path, limits: ReadLimits) -> Header:
        """Read size, channels and depth."""
        if _is_deep_colour(path):
            return _deep_header(path, limits)
        return _probe(path, "PNG", limits)

    def read(self, path: Path, limits: ReadLimits) -> Image:
        """Read the picture; transparency is laid over black."""
        if _is_deep_colour(path):
            return _read_deep(path, limits)
        return _read(path, "PNG", limits)

    def write(self, image: Image, path: Path) -> None:
        """Write bool, uint8 or uint16, grey or RGB."""
        legal = "a 2-D image, grey or RGB, of bool, uint8 or uint16"
        pixels = _pixels(image, ("bool", "uint8", "uint16"), "PNG", legal, path)
        if pixels.dtype == np.uint16 and pixels.ndim == 3:
            _write_deep(pixels, path)
        else:
            _write(pixels, path, "PNG", {})


@dataclass(frozen=True, slots=True)
class Jpeg:
    """JPEG pictures, turned upright as their EXIF data says; writing loses detail."""

    suffixes: ClassVar[tuple[str, ...]] = (".jpg", ".jpeg", ".jpe", ".jfif")

    @staticmethod
    def signature(head: bytes) -> bool:
        """Whether the file begins as a JPEG does."""
        return head.startswith(b"\xff\xd8\xff")

    def probe(self, path: Path, limits: ReadLimits) -> Header:
        """Read size and channels."""
        return _probe(path, "JPEG", limits)

    def read(self, path: Path, limits: ReadLimits) -> Image:
        """Read the picture upright, as grey or RGB."""
        return _read(path, "JPEG", limits)

    def write(self, image: Image, path: Path) -> None:
        """Write uint8, grey or RGB, at quality 95 without colour subsampling."""
        legal = "a 2-D image, grey or RGB, of uint8"
        pixels = _pixels(image, ("uint8",), "JPEG", legal, path)
        _write(pixels, path, "JPEG", {"quality": JPEG_QUALITY, "subsampling": 0})


@dataclass(frozen=True, slots=True)
class Bmp:
    """Windows bitmaps; lossless."""

    suffixes: ClassVar[tuple[str, ...]] = (".bmp", ".dib")

    @staticmethod
    def signature(head: bytes) -> bool:
        """Whether the file begins as a bitmap does: "BM", and a known size of header."""
        sizes = (12, 16, 40, 52, 56, 64, 108, 124)
        return head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in sizes

    def probe(self, path: Path, limits: ReadLimits) -> Header:
        """Read size and channels."""
        return _probe(path, "BMP", limits)

    def read(self, path: Path, limits: ReadLimits) -> Image:
        """Read the picture as grey or RGB."""
        return _read(path, "BMP", limits)

    def write(self, image: Image, path: Path) -> None:
        """Write bool or uint8, grey or RGB."""
        legal = "a 2-D image, grey or RGB, of bool or uint8"
        _write(_pixels(image, ("bool", "uint8"), "BMP", legal, path), path, "BMP", {})


def to_channels_first(pixels: Array) -> Array:
    """Turn (Y, X) or (Y, X, C) into (C, Y, X)."""
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(np.moveaxis(pixels, -1, 0))


def composite_on_black(pixels: Array) -> Array:
    """Turn (Y, X, C + 1), the last being opacity in a full integer range, into (Y, X, C)."""
    colour, alpha = pixels[..., :-1], pixels[..., -1:]
    top = np.iinfo(pixels.dtype).max
    if bool(np.all(alpha == top)):
        return colour
    wide = colour.astype(np.uint64) * alpha.astype(np.uint64)
    result: Array = ((wide + top // 2) // top).astype(pixels.dtype)
    return result


def _open(path: Path, kind: str, limits: ReadLimits) -> Picture.Image:
    from PIL import Image as Picture

    # Our own limits take the place of Pillow's, which can only be set for the whole process.
    with path.open("rb") as stream:
        size, frames = _declared(stream.read(64), kind), 1
    if size is not None:
        limits.check((1, *size), "uint8", path)
    picture = Picture.open(path, formats=[kind])
    frames = getattr(picture, "n_frames", 1)
    if frames != 1:
        picture.close()
        raise FileError(
            "The picture is a film.",
            got=f"{frames} frames",
            legal="one frame",
            next="save the frames as single files, or as a multi-page TIFF for a stack",
            where=path,
        )
    return picture


def _declared(head: bytes, kind: str) -> tuple[int, int] | None:
    """Return height and width where they stand at a fixed place."""
    if kind == "PNG":
        return int.from_bytes(head[20:24], "big"), int.from_bytes(head[16:20], "big")
    if kind == "BMP" and head[14] >= 16:
        height = abs(int.from_bytes(head[22:26], "little", signed=True))
        return height, int.from_bytes(head[18:22], "little", signed=True)
    return None


def _target_mode(picture: Picture.Image) -> str:
    """Return the mode into which a picture is turned: "1", "L", "I;16", "I" or "RGB"."""
    if picture.mode in ("1", "L", "I", "RGB"):
        return picture.mode
    if picture.mode.startswith("I;16"):
        return "I;16"
    if picture.mode in ("LA", "La"):
        return "L"
    if picture.mode in ("P", "PA"):
        return "L" if _has_grey_palette(picture) else "RGB"
    if picture.mode in ("RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV"):
        return "RGB"
    raise FileError(
        "The picture is of a kind that is not read.",
        got=f"mode {picture.mode}",
        legal="grey, RGB, palette, with or without transparency",
    )


def _has_grey_palette(picture: Picture.Image) -> bool:
    entries = np.array(picture.getpalette("RGB") or [0, 0, 0]).reshape(-1, 3)
    return bool(np.all(entries == entries[:, :1]))


def _probe(path: Path, kind: str, limits: ReadLimits) -> Header:
    with _open(path, kind, limits) as picture:
        width, height = picture.size
        turned = _says_more(path, kind) and picture.getexif().get(EXIF_ORIENTATION) in TURNED
        size = (width, height) if turned else (height, width)
        mode = _target_mode(picture)
    channels = 3 if mode == "RGB" else 1
    dtype = {"1": "bool", "I;16": "uint16", "I": "int32"}.get(mode, "uint8")
    limits.check((channels, *size), dtype, path)
    return Header(kind, size, channels, dtype, Geometry.pixels(2))


def _says_more(path: Path, kind: str) -> bool:
    """Whether a PNG has a chunk that could hold an orientation; others are taken to have one.

    It may stand behind the pixels, so Pillow decodes them to look for it; a walk from chunk to
    chunk (PNG 5.3) does not.
    """
    if kind != "PNG":
        return True
    with path.open("rb") as stream:
        stream.seek(8)
        while len(head := stream.read(8)) == 8:
            if head[4:] in PNG_TELLING:
                return True
            stream.seek(int.from_bytes(head[:4], "big") + 4, 1)
    return False


def _read(path: Path, kind: str, limits: ReadLimits) -> Image:
    from PIL import ImageOps

    _probe(path, kind, limits)
    with _open(path, kind, limits) as picture:
        mode = _target_mode(picture)
        upright = ImageOps.exif_transpose(picture)
        if mode in ("I;16", "I"):
            pixels = _without_key(np.array(upright), upright.info.get("transparency"))
        elif "A" in upright.mode or "a" in upright.mode or "transparency" in upright.info:
            pixels = composite_on_black(np.asarray(upright.convert("RGBA")))
            pixels = pixels[..., 0] if mode == "L" else pixels
        else:
            pixels = np.asarray(upright if upright.mode == mode else upright.convert(mode))
    return Image(to_channels_first(pixels), Geometry.pixels(2))


def _without_key(pixels: Array, key: object) -> Array:
    """Blacken the one value that stands for "transparent", if there is one."""
    if isinstance(key, int):
        pixels[pixels == key] = 0
    return pixels


def _pixels(image: Image, dtypes: tuple[str, ...], name: str, legal: str, path: Path) -> Array:
    """Return (Y, X) or (Y, X, 3), or refuse."""
    array = image.array
    if image.rank != 2 or len(array) not in (1, 3) or array.dtype.name not in dtypes:
        raise refuse_to_hold(name, repr(image), legal, where=path)
    if len(array) == 1:
        grey: Array = array[0]
        return grey
    if array.dtype == np.bool_:
        raise refuse_to_hold(name, repr(image), legal, where=path)
    return np.ascontiguousarray(np.moveaxis(array, 0, -1))


def _write(pixels: Array, path: Path, kind: str, settings: dict[str, int]) -> None:
    from PIL import Image as Picture

    stream = BytesIO()
    Picture.fromarray(pixels).save(stream, format=kind, **settings)
    write_atomic(path, stream.getvalue())


# Pillow reads 16-bit colour as 8 bits, so SimpleITK reads and writes it.


def _is_deep_colour(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(PNG_DEPTH + 2)
    deep = (PNG_RGB, PNG_GREY_ALPHA, PNG_RGB_ALPHA)
    return len(head) == PNG_DEPTH + 2 and head[PNG_DEPTH] == 16 and head[PNG_DEPTH + 1] in deep


def _deep_header(path: Path, limits: ReadLimits) -> Header:
    with path.open("rb") as stream:
        head = stream.read(PNG_DEPTH + 2)
    size = int.from_bytes(head[20:24], "big"), int.from_bytes(head[16:20], "big")
    channels = 1 if head[PNG_DEPTH + 1] == PNG_GREY_ALPHA else 3
    limits.check((channels, *size), "uint16", path)
    return Header("", size, channels, "uint16", Geometry.pixels(2))


def _read_deep(path: Path, limits: ReadLimits) -> Image:
    import SimpleITK as sitk  # noqa: N813  (its own usual name)

    header = _deep_header(path, limits)
    if header.channels == 1:
        grey = composite_on_black(_read_deep_grey_alpha(path))
        return Image(to_channels_first(grey), header.geometry)
    reader = sitk.ImageFileReader()
    reader.SetImageIO("PNGImageIO")
    reader.SetFileName(str(path))
    pixels: Array = sitk.GetArrayFromImage(reader.Execute())
    if pixels.shape[-1] == header.channels + 1:
        pixels = composite_on_black(pixels)
    return Image(to_channels_first(pixels), header.geometry)


def _read_deep_grey_alpha(path: Path) -> Array:
    """Return (Y, X, 2) of uint16, which neither library reads.

    PNG filters bytes at the distance of one pixel, here 4 bytes, as in 8-bit RGBA: with the
    header changed to say so, Pillow unpacks the bytes, and pairs of them are the numbers.
    """
    from PIL import Image as Picture

    content = bytearray(path.read_bytes())
    content[PNG_DEPTH : PNG_DEPTH + 2] = 8, PNG_RGB_ALPHA
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    with Picture.open(BytesIO(content), formats=["PNG"]) as picture:
        unpacked = np.ascontiguousarray(picture)
    return native(unpacked.view(">u2"))


def _write_deep(pixels: Array, path: Path) -> None:
    import SimpleITK as sitk  # noqa: N813  (its own usual name)

    from scanwright.base import replacing

    with replacing(path) as temporary:
        writer = sitk.ImageFileWriter()
        writer.SetImageIO("PNGImageIO")
        writer.SetFileName(str(temporary))
        writer.Execute(sitk.GetImageFromArray(pixels, isVector=True))
