import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pil
from PIL.PngImagePlugin import PngInfo

from scanwright.auditing.plain_png import AVERAGE, NONE, PAETH, SIGNATURE, SUB, UP, decode_png
from scanwright.image import Array

LARGEST = 10**6


def noise(*shape: int) -> Array:
    return np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)


def saved(pixels: Array, **options: Any) -> bytes:  # Any: Pillow's own
    stream = BytesIO()
    Pil.fromarray(pixels).save(stream, "PNG", **options)
    return stream.getvalue()


def chunk(kind: bytes, held: bytes) -> bytes:
    return len(held).to_bytes(4, "big") + kind + held + zlib.crc32(kind + held).to_bytes(4, "big")


def filtered(lines: Array, kind: int, colour: int = 0) -> bytes:
    """Return a PNG whose stored lines, shape (Y, X * C), are all said to be filtered one way."""
    width = lines.shape[1] // (3 if colour else 1)
    header = width.to_bytes(4, "big") + len(lines).to_bytes(4, "big") + bytes([8, colour, 0, 0, 0])
    stored = np.column_stack([np.full(len(lines), kind, np.uint8), lines]).tobytes()
    held = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(stored)) + chunk(b"IEND", b"")
    return SIGNATURE + held


@pytest.mark.parametrize("kind", [NONE, SUB, UP, AVERAGE, PAETH])
@pytest.mark.parametrize("colour", [0, 2])
def test_each_filter_is_undone_as_pillow_does(kind: int, colour: int) -> None:
    content = filtered(noise(9, 21), kind, colour)
    expected = np.asarray(Pil.open(BytesIO(content)))
    assert np.array_equal(decode_png(content, LARGEST), expected)


@pytest.mark.parametrize("shape", [(1, 1), (40, 57), (33, 20, 3), (300, 400, 3)])
def test_what_pillow_writes_is_read(shape: tuple[int, ...]) -> None:
    smooth = np.cumsum(noise(*shape) % 3, axis=0).astype(np.uint8)
    for pixels in (noise(*shape), smooth):
        assert np.array_equal(decode_png(saved(pixels), LARGEST), pixels)


def test_harmless_text_is_passed_over_and_a_profile_is_not() -> None:
    told = PngInfo()
    told.add_text("Software", "a scanner")
    assert decode_png(saved(noise(8, 8), pnginfo=told), LARGEST) is not None
    told.add_text("Raw profile type exif", "00")
    assert decode_png(saved(noise(8, 8), pnginfo=told), LARGEST) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        SIGNATURE,
        saved(noise(8, 8))[:-20],
        saved(noise(8, 8)).replace(b"IDAT", b"IDAU"),
        saved(noise(8, 8, 4)),
        saved(noise(8, 8), transparency=0),
        saved(noise(8, 8).astype(np.uint16)),
        saved(noise(8, 8) > 100),
        saved(noise(8, 8), exif=b"Exif\0\0" + b"II*\0" + b"\0" * 8),
        filtered(noise(9, 21), 5),
        filtered(noise(9, 20), NONE, 2),
    ],
    ids=["empty", "signature", "cut", "damaged", "transparent", "one level transparent", "16 bits",
         "1 bit", "turned", "unknown filter", "too short lines"],
)  # fmt: skip
def test_what_is_not_plain_or_damaged_is_left_to_others(content: bytes) -> None:
    assert decode_png(content, LARGEST) is None


def test_what_unpacks_to_more_than_it_says_is_refused() -> None:
    header = (8).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    packed = zlib.compress(bytes(10**6))
    bomb = SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    assert decode_png(bomb, LARGEST) is None
    assert decode_png(saved(noise(20, 20)), 399) is None
