"""Numbers of an image before and after."""

import numpy as np
import pytest

from scanwright.image import Case, Image
from scanwright.transforms import FixInversion, Pad, Pipeline, Unsharp
from scanwright.workflows.enhance_measure import compare, measure, same_grid, similarity

ARRAY = np.random.default_rng(0).normal(100, 5, (1, 40, 50)).astype(np.float32)
ARRAY[:, 10:30, 10:30] += 60


def test_noise_and_contrast_are_those_that_were_made() -> None:
    found = measure(Image.from_array(ARRAY))
    assert found.noise == pytest.approx(5, rel=0.15)
    assert found.contrast_to_noise == pytest.approx(75 / 5, rel=0.25)
    assert set(found.to_plain()) == {"low", "high", "noise", "contrast_to_noise", "sharpness"}


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_odd_images_are_measured(value: float) -> None:
    found = measure(Image.from_array(np.full((1, 8, 8), value)))
    assert found.noise == found.contrast_to_noise == found.sharpness == 0


def test_before_is_moved_to_the_grid_of_after_without_its_values_changed() -> None:
    image = Image.from_array(ARRAY)
    _, trace = Pipeline((Pad(size=(60,)), FixInversion(), Unsharp(amount=5))).apply(Case.of(image))
    moved = same_grid(image, trace)
    assert moved.size == (60, 60)
    np.testing.assert_array_equal(moved.array[:, 10:50, 5:55], ARRAY)


def test_a_comparison_holds_three_pictures_and_the_numbers() -> None:
    image = Image.from_array(ARRAY)
    after = Pipeline((Unsharp(amount=2),)).apply_image(image)
    shown = compare("x", image, after, image)
    assert list(shown.pictures) == ["before", "after", "difference"]
    sharpness = next(one for one in shown.changes if one.name.startswith("sharpness"))
    assert float(sharpness.after) > float(sharpness.before)
    assert similarity(image, image) == 1
    assert similarity(image, after) < 1
