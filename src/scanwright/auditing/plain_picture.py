"""Plain pictures read in one go; whatever is more than plain is left to the general reader."""

from pathlib import Path

import numpy as np

from scanwright.auditing.plain_png import decode_png
from scanwright.data import Entry, FileReference
from scanwright.image import Array, Geometry, Image

JPEG = (".jpg", ".jpeg")
MODES = ("L", "RGB")
LARGEST = 1 << 26
"""Beyond so many values the general reader looks whether the file is sound."""
TURNING = ("exif", "xmp")
"""What may hold an orientation."""


def read_image(entry: Entry) -> Image:
    """Read the image of a case.

    Raises
    ------
    InputError
        It cannot be read.
    """
    array = _read_entry(entry)
    return entry.reference.read() if array is None else Image(array, Geometry.pixels(2))


def read_array(entry: Entry) -> Array:
    """Read the array of a case's image, shape (C, *space); it fails as `read_image` does."""
    array = _read_entry(entry)
    return entry.reference.read().array if array is None else array


def _read_entry(entry: Entry) -> Array | None:
    is_file = isinstance(entry.reference, FileReference)
    return read_plain(entry.reference.files[0]) if is_file else None


def read_plain(path: Path) -> Array | None:
    """Read a PNG or JPEG of 8 bits, grey or RGB, shape (C, Y, X); None for any other file.

    A file that is damaged, turned by its metadata, animated or in part transparent is not plain.
    The general reader opens a file twice, to check all it says of itself before its pixels are
    touched, which for many small pictures is most of the time.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".png":
            pixels = decode_png(path.read_bytes(), LARGEST)
        else:
            pixels = _decode_jpeg(path) if suffix in JPEG else None
    except (OSError, SyntaxError, ValueError):
        return None  # the general reader says what is wrong
    if pixels is None:
        return None
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(np.moveaxis(pixels, -1, 0))


def _decode_jpeg(path: Path) -> Array | None:
    from PIL import Image as Sheet

    with Sheet.open(path, formats=["JPEG"]) as picture:
        is_turned = any(key in picture.info for key in TURNING)
        if is_turned or picture.mode not in MODES or picture.width * picture.height > LARGEST:
            return None
        return np.asarray(picture)
