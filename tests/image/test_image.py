import pickle

import numpy as np
import pytest

from scanwright.base import GeometryError, ShapeError
from scanwright.image import DICOM_MODALITIES, Geometry, Image, Modality


def ramp(*size: int, channels: int = 1, dtype: str = "int16") -> Image:
    shape = (channels, *size)
    return Image.from_array(np.arange(np.prod(shape)).reshape(shape).astype(dtype))


@pytest.mark.parametrize("shape", [(3,), (1, 2, 2, 2, 2), (1, 0), (0, 3), ()])
def test_an_image_needs_channels_and_one_to_three_axes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="channels and 1 to 3"):
        Image(np.zeros(shape), Geometry.pixels(2))


@pytest.mark.parametrize("dtype", ["complex64", "U3", "O", "M8[s]"])
def test_an_image_holds_numbers_only(dtype: str) -> None:
    with pytest.raises(ShapeError, match="holds numbers"):
        Image.from_array(np.zeros((1, 2, 2), dtype=dtype))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "uint32", "float16", "float64"])
def test_the_number_type_of_the_file_is_kept(dtype: str) -> None:
    assert Image.from_array(np.zeros((1, 2, 2), dtype=dtype)).array.dtype == dtype


def test_array_and_geometry_have_one_rank() -> None:
    with pytest.raises(GeometryError, match="ranks"):
        Image(np.zeros((1, 2, 2)), Geometry.pixels(3))


def test_each_channel_needs_a_name() -> None:
    with pytest.raises(ShapeError, match="one name"):
        Image(np.zeros((2, 3, 3)), Geometry.pixels(2), channels=("grey",))
    assert ramp(2, 2).channels == ("grey",)
    assert ramp(2, 2, channels=3).channels == ("red", "green", "blue")
    assert ramp(2, 2, channels=2).channels == ("channel 0", "channel 1")


def test_the_values_and_the_facts_of_an_image_cannot_be_changed() -> None:
    facts = {"laterality": "L"}
    image = Image(np.zeros((1, 2, 2)), Geometry.pixels(2), about=facts)
    with pytest.raises(ValueError, match="read-only"):
        image.array[0, 0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        image.flipped(0).array[0, 0, 0] = 1
    with pytest.raises(TypeError):
        image.about["laterality"] = "R"  # type: ignore[index]  # that is the point
    facts["laterality"] = "R"
    assert image.about["laterality"] == "L"
    with pytest.raises(AttributeError):
        image.unit = "HU"  # type: ignore[misc]  # that is the point


def test_the_callers_own_array_stays_writable() -> None:
    array = np.zeros((1, 2, 2))
    Image.from_array(array)
    array[0, 0, 0] = 1
    assert array.flags.writeable


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_flipped_image_is_reversed_and_keeps_its_place(axis: int) -> None:
    image = Image(ramp(2, 3, 4).array, Geometry.axial((3.0, 2.0, 1.0), (5.0, 6.0, 7.0)))
    flipped = image.flipped(axis)
    assert np.array_equal(flipped.array, np.flip(image.array, axis + 1))
    last = tuple(edge - 1 if one == axis else 0 for one, edge in enumerate(image.size))
    np.testing.assert_allclose(flipped.geometry.to_world(last), (5, 6, 7))
    assert flipped.flipped(axis).is_equal(image)


def test_a_crop_takes_the_box_and_keeps_its_place() -> None:
    image = Image(ramp(4, 5).array, Geometry.axial((2.0, 1.0), (10.0, 20.0, 0.0)))
    crop = image.cropped((1, 2), (2, 3))
    assert np.array_equal(crop.array, image.array[:, 1:3, 2:5])
    np.testing.assert_allclose(crop.geometry.origin_lps, image.geometry.to_world((1, 2)))


@pytest.mark.parametrize(
    ("start", "size"),
    [((-1, 0), (2, 2)), ((0, 4), (2, 2)), ((0, 0), (5, 1)), ((0, 0), (0, 2)), ((1, 1), (-1, 1))],
)
def test_a_crop_that_reaches_outside_is_refused(
    start: tuple[int, ...], size: tuple[int, ...]
) -> None:
    with pytest.raises(ShapeError, match="outside"):
        ramp(4, 5).cropped(start, size)


def test_other_values_must_lie_on_the_same_grid() -> None:
    image = ramp(4, 5)
    changed = image.with_array(image.array * 2, unit="HU")
    assert (changed.unit, changed.geometry) == ("HU", image.geometry)
    assert image.with_array(image.array * 2).unit == image.unit
    with pytest.raises(ShapeError, match="same grid"):
        image.with_array(np.zeros((1, 5, 4)))


def test_names_of_channels_stay_only_while_their_number_does() -> None:
    image = Image(ramp(2, 2, channels=2).array, Geometry.pixels(2), channels=("pd", "t2"))
    assert image.with_array(image.array + 1).channels == ("pd", "t2")
    assert image.with_array(image.array[:1]).channels == ("grey",)
    assert image.flipped(0).channels == ("pd", "t2")


def test_equality_looks_at_values_type_place_modality_and_unit() -> None:
    image = ramp(2, 2)
    assert image.is_equal(ramp(2, 2))
    assert not image.is_equal(ramp(2, 2, dtype="int32"))
    assert not image.is_equal(image.with_array(image.array + 1))
    assert not image.is_equal(Image.from_array(image.array, Modality.CT))
    assert not image.is_equal(image.with_array(image.array, unit="HU"))
    assert not image.is_equal(Image(image.array, Geometry.detector((1.0, 1.0))))


def test_missing_values_are_equal_to_missing_values() -> None:
    image = Image.from_array(np.array([[np.nan, 1.0]]))
    assert image.is_equal(Image.from_array(np.array([[np.nan, 1.0]])))


def test_an_image_shows_itself_without_its_values() -> None:
    image = Image(
        np.zeros((1, 3, 4, 5), "int16"), Geometry.axial((2.5, 1, 1)), Modality.CT, unit="HU"
    )
    assert repr(image) == "Image(3 × 4 × 5, int16, ct, 2.5 × 1 × 1 mm, SPL, HU)"
    assert repr(ramp(2, 2, channels=3)) == "Image(2 × 2, 3 channels, int16, unknown)"


def test_dicom_words_for_modalities_are_known() -> None:
    assert {DICOM_MODALITIES[code] for code in ("CR", "DX", "MG")} == {Modality.XRAY}
    assert DICOM_MODALITIES["MR"] is Modality.MRI
    assert "SR" not in DICOM_MODALITIES


def test_an_image_travels_between_processes() -> None:
    image = Image(
        ramp(2, 3).array, Geometry.detector((1, 2)), Modality.XRAY, about={"laterality": "L"}
    )
    back = pickle.loads(pickle.dumps(image))
    assert back.is_equal(image)
    assert dict(back.about) == {"laterality": "L"}
    assert not back.array.flags.writeable
