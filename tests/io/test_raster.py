"""Tests of PNG, JPEG and BMP."""

import struct
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scanwright.base import FileError
from scanwright.image import Geometry, Image
from scanwright.io import probe, read, write
from scanwright.io.raster import composite_on_black
from tests.io.builders import noise

SIZES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=9)


@given(
    data=st.data(),
    size=SIZES,
    kind=st.sampled_from([(1, "bool"), (1, "uint8"), (3, "uint8"), (1, "uint16"), (3, "uint16")]),
)
def test_png_round_trips(
    data: st.DataObject, size: tuple[int, int], kind: tuple[int, str], tmp_path: Path
) -> None:
    channels, dtype = kind
    image = Image.from_array(data.draw(hnp.arrays(dtype, (channels, *size))))
    write(image, tmp_path / "a.png")
    assert read(tmp_path / "a.png").is_equal(image)
    assert probe(tmp_path / "a.png").agrees(image)


@pytest.mark.parametrize(("channels", "dtype"), [(1, "bool"), (1, "uint8"), (3, "uint8")])
def test_bmp_round_trips(channels: int, dtype: str, tmp_path: Path) -> None:
    image = Image.from_array(noise((channels, 7, 10), dtype))
    write(image, tmp_path / "a.bmp")
    assert read(tmp_path / "a.bmp").is_equal(image)
    assert probe(tmp_path / "a.bmp").agrees(image)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("a.png", noise((1, 4, 5), "int16")),
        ("a.png", noise((1, 4, 5), "float32")),
        ("a.png", noise((2, 4, 5), "uint8")),
        ("a.png", noise((3, 4, 5), "bool")),
        ("a.png", noise((1, 3, 4, 5), "uint8")),
        ("a.jpg", noise((1, 4, 5), "uint16")),
        ("a.bmp", noise((1, 4, 5), "uint16")),
    ],
)
def test_what_cannot_be_held_is_refused(name: str, array: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot hold"):
        write(Image.from_array(array), tmp_path / name)


def test_16_bit_grey_is_read_as_stored_by_others(tmp_path: Path) -> None:
    pixels = np.arange(0, 60000, 1000, dtype=np.uint16).reshape(6, 10)
    PIL.Image.fromarray(pixels).save(tmp_path / "a.png")
    image = read(tmp_path / "a.png")
    assert image.array.dtype == np.uint16
    assert np.array_equal(image.array[0], pixels)


def png(rows: bytes, width: int, height: int, depth: int, colour: int, *more: bytes) -> bytes:
    """Build a PNG by hand from filtered rows (PNG, second edition, section 5)."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [b"IHDR" + head, *more, b"IDAT" + zlib.compress(rows), b"IEND"]
    body = b"".join(
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("is_first", [True, False])
def test_a_png_that_says_it_is_turned_is_probed_and_read_upright(
    is_first: bool, tmp_path: Path
) -> None:
    pixels = noise((4, 6), "uint8", 256)
    picture = PIL.Image.fromarray(pixels)
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(tmp_path / "a.png", exif=exif)
    if not is_first:
        content = (tmp_path / "a.png").read_bytes()
        at = content.index(b"eXIf") - 4
        length = int.from_bytes(content[at : at + 4], "big") + 12
        chunk, rest = content[at : at + length], content[:at] + content[at + length :]
        (tmp_path / "a.png").write_bytes(rest[:-12] + chunk + rest[-12:])
    assert probe(tmp_path / "a.png").size == (6, 4)
    assert np.array_equal(read(tmp_path / "a.png").array[0], np.rot90(pixels, -1))


def test_a_plain_png_is_probed_without_its_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PIL.Image.fromarray(noise((40, 50), "uint8", 256)).save(tmp_path / "a.png")
    monkeypatch.setattr(PIL.PngImagePlugin.PngImageFile, "load", None)
    assert probe(tmp_path / "a.png").size == (40, 50)


@pytest.mark.parametrize(("colour", "samples"), [(2, 3), (4, 2), (6, 4)])
def test_16_bit_colour_keeps_all_bits(colour: int, samples: int, tmp_path: Path) -> None:
    pixels = noise((4, 5, samples), "uint16", 65536)
    if samples in (2, 4):
        pixels[..., -1] = 65535
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    (tmp_path / "a.png").write_bytes(png(rows, 5, 4, 16, colour))
    image = read(tmp_path / "a.png")
    wanted = pixels[..., :1] if samples == 2 else pixels[..., :3]
    assert np.array_equal(np.moveaxis(image.array, 0, -1), wanted)
    assert probe(tmp_path / "a.png").agrees(image)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_laid_over_black(mode: str, tmp_path: Path) -> None:
    pixels = noise((4, 5, len(mode)), "uint8", 256)
    PIL.Image.fromarray(pixels, mode=None).save(tmp_path / "a.png")
    image = read(tmp_path / "a.png")
    colour, alpha = pixels[..., :-1].astype(float), pixels[..., -1:] / 255
    assert np.abs(np.moveaxis(image.array, 0, -1) - colour * alpha).max() <= 0.51
    assert probe(tmp_path / "a.png").agrees(image)


def test_a_transparent_value_is_black(tmp_path: Path) -> None:
    pixels = noise((4, 5), "uint16", 65536)
    pixels[1, 1] = pixels[2, 3] = 40000
    key = b"tRNS" + struct.pack(">H", 40000)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    (tmp_path / "a.png").write_bytes(png(rows, 5, 4, 16, 0, key))
    pixels[pixels == 40000] = 0
    assert np.array_equal(read(tmp_path / "a.png").array[0], pixels)
    assert probe(tmp_path / "a.png").agrees(read(tmp_path / "a.png"))


def test_opaque_transparency_changes_nothing() -> None:
    pixels = noise((4, 5, 4), "uint8")
    pixels[..., -1] = 255
    assert np.array_equal(composite_on_black(pixels), pixels[..., :3])


def test_a_colour_palette_gives_rgb_and_a_grey_one_grey(tmp_path: Path) -> None:
    index = noise((4, 5), "uint8", 4)
    for name, palette in [
        ("colour.png", [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7]),
        ("grey.png", [0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255]),
    ]:
        picture = PIL.Image.fromarray(index)
        picture = PIL.Image.frombytes("P", picture.size, index.tobytes())
        picture.putpalette(palette)
        picture.save(tmp_path / name)
        image = read(tmp_path / name)
        wanted = np.array(palette, np.uint8).reshape(4, 3)[index]
        wanted = wanted[..., :1] if name == "grey.png" else wanted
        assert np.array_equal(np.moveaxis(image.array, 0, -1), wanted)
        assert probe(tmp_path / name).agrees(image)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_jpeg_is_turned_upright(orientation: int, tmp_path: Path) -> None:
    upright = np.zeros((16, 24), np.uint8)
    upright[:4, :6] = 255  # the mark belongs to the top left corner
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    picture = PIL.Image.fromarray(np.ascontiguousarray(stored))
    exif = picture.getexif()
    exif[0x0112] = orientation
    picture.save(tmp_path / "a.jpg", exif=exif, quality=95)
    image = read(tmp_path / "a.jpg")
    assert image.size == (16, 24)
    assert image.array[0, :3, :5].min() > 200
    assert image.array[0, 8:, 12:].max() < 50
    assert probe(tmp_path / "a.jpg").agrees(image)


def test_cmyk_jpeg_becomes_rgb(tmp_path: Path) -> None:
    PIL.Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "a.jpg")
    image = read(tmp_path / "a.jpg")
    assert image.channels == ("red", "green", "blue")
    assert image.array[:, 4, 4].tolist() == pytest.approx([255, 0, 0], abs=3)


def test_a_film_is_refused(tmp_path: Path) -> None:
    frames = [PIL.Image.fromarray(noise((4, 5), "uint8", seed=seed)) for seed in range(3)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    for action in (read, probe):
        with pytest.raises(FileError, match="film"):
            action(tmp_path / "a.png")


@pytest.mark.parametrize("depth", [8, 16])
def test_a_declared_giant_is_refused_at_once(depth: int, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(b"\0" * 99, 200000, 200000, depth, 2))
    for action in (read, probe):
        with pytest.raises(FileError, match="larger than the limit"):
            action(tmp_path / "a.png")


def test_pictures_have_no_physical_size(tmp_path: Path) -> None:
    write(Image(noise((1, 4, 5), "uint8"), Geometry.detector((0.1, 0.1))), tmp_path / "a.png")
    assert read(tmp_path / "a.png").geometry == Geometry.pixels(2)
