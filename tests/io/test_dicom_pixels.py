"""Tests of DICOM's stored numbers becoming values."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from scanwright.base import FileError
from scanwright.image import Image
from scanwright.io import probe, read
from tests.io.builders import make_dicom, noise


def values(path: Path, pixels: np.ndarray, **attributes: object) -> Image:
    make_dicom(path / "a.dcm", pixels, **attributes)
    image = read(path / "a.dcm")
    assert probe(path / "a.dcm").agrees(image)
    return image


def test_hounsfield_units_stay_integers(tmp_path: Path) -> None:
    pixels = noise((6, 5), "uint16", 4096)
    facts = {"Modality": "CT", "BitsStored": 12, "RescaleIntercept": -1024, "RescaleSlope": 1}
    image = values(tmp_path, pixels, PixelPaddingValue=0, **facts)
    assert image.array.dtype == np.int16
    assert np.array_equal(image.array[0], pixels.astype(int) - 1024)
    assert (image.unit, image.about["padding_value"]) == ("HU", -1024)


def test_a_fractional_slope_makes_floats(tmp_path: Path) -> None:
    pixels = noise((6, 5), "int16") - np.int16(100)
    image = values(tmp_path, pixels, Modality="PT", RescaleSlope=0.25, RescaleIntercept=3)
    assert image.array.dtype == np.float32
    assert np.allclose(image.array[0], pixels * 0.25 + 3)
    assert image.unit == ""


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32"])
def test_all_integers_are_read_as_stored(dtype: str, tmp_path: Path) -> None:
    limit = np.iinfo(dtype)
    pixels = np.array([[limit.min, 0], [1, limit.max]], dtype)
    image = values(tmp_path, pixels)
    assert image.array.dtype == dtype
    assert np.array_equal(image.array[0], pixels)


def test_bits_beyond_those_stored_are_dropped_and_the_sign_extended(tmp_path: Path) -> None:
    stored = np.array([[0x0FFF, 0x07FF], [0xF800, 0x1001]], np.uint16)
    signed = values(tmp_path, stored, BitsStored=12, PixelRepresentation=1)
    assert signed.array[0].tolist() == [[-1, 2047], [-2048, 1]]
    unsigned = values(tmp_path, stored, BitsStored=12)
    assert unsigned.array[0].tolist() == [[4095, 2047], [2048, 1]]


def test_monochrome1_is_turned_over_within_its_bits(tmp_path: Path) -> None:
    pixels = noise((6, 5), "uint16", 4096)
    image = values(
        tmp_path,
        pixels,
        PhotometricInterpretation="MONOCHROME1",
        BitsStored=12,
        WindowCenter=1000,
        WindowWidth=300,
        PixelPaddingValue=0,
    )
    assert np.array_equal(image.array[0], 4095 - pixels)
    assert image.about["photometric"] == "MONOCHROME1"
    assert (image.about["window_center"], image.about["window_width"]) == (3095, 300)
    assert image.about["padding_value"] == 4095


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "uint32"])
def test_monochrome1_twice_is_the_original(dtype: str, tmp_path: Path) -> None:
    limit = np.iinfo(dtype)
    pixels = np.array([[limit.min, limit.max, 5]], dtype)
    inverted = {"PhotometricInterpretation": "MONOCHROME1"}
    once = values(tmp_path, pixels, **inverted).array[0]
    assert once.dtype == dtype
    assert np.array_equal(values(tmp_path, once, **inverted).array[0], pixels)


def test_monochrome1_with_a_scale_keeps_its_range(tmp_path: Path) -> None:
    pixels = noise((6, 5), "uint16", 4096)
    facts = {"BitsStored": 12, "RescaleSlope": 2, "RescaleIntercept": -100}
    plain = values(tmp_path, pixels, **facts).array
    turned = values(tmp_path, pixels, PhotometricInterpretation="MONOCHROME1", **facts).array
    assert np.array_equal(turned.astype(int) + plain, np.full((1, 6, 5), 2 * 4095 - 200))


def table(first: int, bits: int, entries: np.ndarray) -> pydicom.Dataset:
    ds = pydicom.Dataset()
    ds.add_new("LUTDescriptor", "US", [len(entries), first, bits])
    ds.add_new("LUTData", "US", entries.tolist())
    ds.ModalityLUTType = "US"
    return ds


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_a_modality_table_is_looked_up_and_clamped(photometric: str, tmp_path: Path) -> None:
    pixels = np.array([[0, 10, 11, 13, 99]], np.uint8)
    entries = np.array([500, 600, 700, 800])
    image = values(
        tmp_path,
        pixels,
        ModalityLUTSequence=[table(10, 16, entries)],
        PhotometricInterpretation=photometric,
    )
    expected = np.array([[500, 500, 600, 800, 800]])
    expected = 65535 - expected if photometric == "MONOCHROME1" else expected
    assert image.array.dtype == np.uint16
    assert np.array_equal(image.array[0], expected)


@pytest.mark.parametrize(("bits", "dtype"), [(8, "uint8"), (16, "uint16")])
def test_a_palette_gives_rgb(bits: int, dtype: str, tmp_path: Path) -> None:
    palette = noise((3, 256), dtype, 1 << bits)
    facts: dict[str, object] = {"PhotometricInterpretation": "PALETTE COLOR"}
    make_dicom(tmp_path / "a.dcm", noise((6, 5), "uint8"), **facts)
    ds = pydicom.dcmread(tmp_path / "a.dcm")
    for colour, entries in zip(("Red", "Green", "Blue"), palette, strict=True):
        ds.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [256, 0, bits])
        setattr(ds, f"{colour}PaletteColorLookupTableData", entries.tobytes())
    ds.save_as(tmp_path / "a.dcm")
    image = read(tmp_path / "a.dcm")
    assert np.array_equal(image.array, palette[:, noise((6, 5), "uint8")])
    assert image.array.dtype == dtype
    assert probe(tmp_path / "a.dcm").agrees(image)


@pytest.mark.parametrize("planar", [0, 1])
def test_rgb_is_read_in_either_order(planar: int, tmp_path: Path) -> None:
    pixels = noise((6, 5, 3), "uint8", 256)
    make_dicom(tmp_path / "a.dcm", pixels)
    ds = pydicom.dcmread(tmp_path / "a.dcm")
    ds.PlanarConfiguration = planar
    if planar:
        ds.PixelData = np.moveaxis(pixels, -1, 0).tobytes()
    ds.save_as(tmp_path / "a.dcm")
    image = read(tmp_path / "a.dcm")
    assert image.channels == ("red", "green", "blue")
    assert np.array_equal(np.moveaxis(image.array, 0, -1), pixels)


def test_ybr_becomes_rgb(tmp_path: Path) -> None:
    from pydicom.pixels import convert_color_space

    rgb = noise((6, 4, 3), "uint8", 256)
    ybr = convert_color_space(rgb, "RGB", "YBR_FULL")
    image = values(tmp_path, ybr, PhotometricInterpretation="YBR_FULL")
    assert np.abs(np.moveaxis(image.array, 0, -1).astype(int) - rgb).max() <= 2


def test_float_pixels_are_read(tmp_path: Path) -> None:
    pixels = noise((6, 5), "float32") / np.float32(7)
    make_dicom(tmp_path / "a.dcm", pixels)
    ds = pydicom.dcmread(tmp_path / "a.dcm")
    del ds.BitsStored, ds.HighBit, ds.PixelRepresentation, ds.PixelData
    ds.FloatPixelData = pixels.tobytes()
    ds.save_as(tmp_path / "a.dcm")
    image = read(tmp_path / "a.dcm")
    assert image.array.dtype == np.float32
    assert np.array_equal(image.array[0], pixels)
    assert probe(tmp_path / "a.dcm").agrees(image)


@pytest.mark.parametrize(
    ("attributes", "word"),
    [
        ({"PhotometricInterpretation": "HSV"}, "colours"),
        ({"SamplesPerPixel": 2}, "colours"),
        ({"Rows": 0}, "no image"),
        ({"Rows": None}, "no image"),
        ({"BitsStored": 17}, "odd number of bits"),
        ({"BitsAllocated": 12}, "odd number of bits"),
        ({"PixelData": None}, "no pixels|ends too early"),
    ],
)
def test_what_makes_no_image_is_refused(
    attributes: dict[str, object], word: str, tmp_path: Path
) -> None:
    make_dicom(tmp_path / "a.dcm", noise((60, 50), "uint16"), **attributes)
    with pytest.raises(FileError, match=word):
        read(tmp_path / "a.dcm")
