"""Tests of TIFF."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scanwright.base import FileError
from scanwright.image import Image
from scanwright.io import probe, read, write
from tests.io.builders import noise

DTYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float16", "float32", "float64"]


@given(
    data=st.data(),
    size=hnp.array_shapes(min_dims=2, max_dims=3, max_side=6),
    channels=st.sampled_from([1, 3]),
    dtype=st.sampled_from(DTYPES),
)
def test_tiff_round_trips(
    data: st.DataObject, size: tuple[int, ...], channels: int, dtype: str, tmp_path: Path
) -> None:
    if len(size) == 3 and size[0] == 1:
        size = (2, *size[1:])
    image = Image.from_array(data.draw(hnp.arrays(dtype, (channels, *size))))
    write(image, tmp_path / "a.tif")
    assert read(tmp_path / "a.tif").is_equal(image)
    assert probe(tmp_path / "a.tif").agrees(image)


def test_one_bit_pages_round_trip(tmp_path: Path) -> None:
    image = Image.from_array(noise((1, 3, 6, 9), "bool", 2))
    write(image, tmp_path / "a.tif")
    assert read(tmp_path / "a.tif").is_equal(image)


def test_a_stack_written_by_others_is_a_volume(tmp_path: Path) -> None:
    stack = noise((7, 6, 5), "uint16")
    tifffile.imwrite(tmp_path / "a.tif", stack, imagej=True)
    tifffile.imwrite(tmp_path / "b.tif", stack, bigtiff=True, byteorder=">", compression="zlib")
    for name in ("a.tif", "b.tif"):
        image = read(tmp_path / name)
        assert image.array.dtype.isnative
        assert np.array_equal(image.array[0], stack)


def test_white_is_zero_is_turned_over(tmp_path: Path) -> None:
    pixels = noise((6, 5), "uint8")
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="miniswhite")
    assert np.array_equal(read(tmp_path / "a.tif").array[0], 255 - pixels)


def test_a_palette_gives_16_bit_rgb(tmp_path: Path) -> None:
    index = noise((6, 5), "uint8", 256)
    palette = noise((3, 256), "uint16", 65536)
    tifffile.imwrite(tmp_path / "a.tif", index, photometric="palette", colormap=palette)
    image = read(tmp_path / "a.tif")
    assert np.array_equal(image.array, palette[:, index])
    assert probe(tmp_path / "a.tif").agrees(image)


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_planes_and_opacity_are_understood(planar: str, tmp_path: Path) -> None:
    pixels = noise((6, 5, 4), "uint8", 256)
    pixels[..., 3] = 255
    stored = pixels if planar == "contig" else np.moveaxis(pixels, -1, 0)
    tifffile.imwrite(
        tmp_path / "a.tif",
        stored,
        photometric="rgb",
        planarconfig=planar,
        extrasamples=["unassalpha"],
    )
    image = read(tmp_path / "a.tif")
    assert np.array_equal(np.moveaxis(image.array, 0, -1), pixels[..., :3])
    assert probe(tmp_path / "a.tif").agrees(image)


def test_pages_of_different_size_are_refused(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(noise((6, 5), "uint8"))
        writer.write(noise((6, 7), "uint8"))
    for action in (read, probe):
        with pytest.raises(FileError, match="pages of the TIFF differ"):
            action(tmp_path / "a.tif")


@pytest.mark.parametrize("settings", [{"imagej": True}, {}, {"bigtiff": True, "byteorder": ">"}])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.98])
def test_no_page_of_a_truncated_stack_is_lost_in_silence(
    settings: dict[str, bool], part: float, tmp_path: Path
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, noise((6, 40, 30), "uint8"), **settings)
    assert read(path).size == (6, 40, 30)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    for action in (read, probe):
        with pytest.raises(FileError):
            action(path)


def test_pages_in_a_circle_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    write(Image.from_array(noise((1, 2, 6, 5), "uint8")), path)
    content = bytearray(path.read_bytes())
    first = int.from_bytes(content[4:8], "little")
    entries = int.from_bytes(content[first : first + 2], "little")
    link = first + 2 + 12 * entries
    content[link : link + 4] = content[4:8]
    path.write_bytes(content)
    with pytest.raises(FileError):
        read(path)


@pytest.mark.parametrize("shape", [(2, 4, 5), (1, 5), (4, 3, 4, 5)])
def test_what_cannot_be_held_is_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot hold"):
        write(Image.from_array(noise(shape, "uint8")), tmp_path / "a.tif")
