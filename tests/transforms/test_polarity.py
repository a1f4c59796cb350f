"""Grey and invert."""

import numpy as np
import pytest
from PIL import Image as Pillow

from scanwright.base import ShapeError
from scanwright.image import Case, Image
from scanwright.transforms import Grey, Invert, Pipeline, luma, undo


def test_luma_of_bytes_is_the_integer_formula() -> None:
    red, green, blue = (255, 0, 13), (0, 255, 200), (7, 9, 255)
    array = np.array([red, green, blue], dtype=np.uint8)[:, None]
    truth = [
        (19595 * r + 38470 * g + 7471 * b) >> 16 for r, g, b in zip(red, green, blue, strict=True)
    ]
    assert luma(array)[0, 0].tolist() == truth
    assert luma(array).dtype == np.uint8


def test_luma_is_that_of_pillow_but_for_rounding() -> None:
    array = np.random.default_rng(0).integers(0, 256, (3, 40, 50), dtype=np.uint8)
    theirs = np.asarray(Pillow.fromarray(np.moveaxis(array, 0, -1)).convert("L")).astype(int)
    difference = theirs - luma(array)[0]
    assert set(np.unique(difference)) <= {0, 1}  # Pillow rounds, MedMNIST's recipe truncates


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
def test_a_grey_picture_in_colour_stays_as_grey_as_it_was(dtype: str) -> None:
    grey = np.array([[0, 1, 100, 255]], dtype=dtype)
    result = luma(np.stack([grey] * 3))
    assert result.dtype == grey.dtype
    np.testing.assert_allclose(result[0], grey, rtol=1e-6)


def test_opacity_is_dropped_and_undo_repeats_the_grey() -> None:
    array = np.zeros((4, 2, 2), dtype=np.uint8)
    array[:3] = 90
    array[3] = 255
    case = Case.of(Image.from_array(array))
    changed, trace = Pipeline((Grey(),)).apply(case)
    assert changed.image.is_grey
    assert changed.image.channels == ("grey",)
    assert np.all(changed.image.array == 90)
    assert undo(changed, trace).image.array.shape == (4, 2, 2)


def test_one_channel_stays_and_two_are_refused() -> None:
    image = Image.from_array(np.ones((1, 2, 2)))
    assert Pipeline((Grey(),)).apply_image(image).is_equal(image)
    with pytest.raises(ShapeError, match="2 channels"):
        Pipeline((Grey(),)).apply_image(Image.from_array(np.ones((2, 2, 2))))


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "float32", "bool"])
def test_inverting_twice_is_nothing(dtype: str) -> None:
    array = np.random.default_rng(0).integers(0, 200, (1, 5, 6)).astype(dtype)
    case = Case.of(Image.from_array(array))
    changed, trace = Pipeline((Invert(),)).apply(case)
    assert changed.image.array.dtype == array.dtype
    np.testing.assert_allclose(undo(changed, trace).image.array, array, rtol=1e-6)
    order = np.argsort(array.astype(float).ravel(), kind="stable")
    assert np.all(np.diff(changed.image.array.astype(float).ravel()[order]) <= 0)


def test_inverting_uses_the_range_of_the_image_or_of_its_type() -> None:
    image = Image.from_array(np.array([[[10, 60, 110]]], dtype=np.uint8))
    assert Pipeline((Invert(),)).apply_image(image).array.tolist() == [[[110, 60, 10]]]
    full = Pipeline((Invert(full_range=True),)).apply_image(image)
    assert full.array.tolist() == [[[245, 195, 145]]]
