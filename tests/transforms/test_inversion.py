"""Radiographs turned round only where they are inverted."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scanwright.image import Case, Image, Modality
from scanwright.io import read
from scanwright.phantom import CohortOptions, simulate_case
from scanwright.transforms import FixInversion, Invert, Pipeline, brightness_of_middle, undo

OPTIONS = CohortOptions(modality=Modality.XRAY, size=64, cases=12)


@pytest.mark.parametrize("index", range(0, 12, 2))
def test_simulated_chests_are_repaired_and_right_ones_left(index: int) -> None:
    image = simulate_case(OPTIONS, index).case.image
    wrong = Pipeline((Invert(),)).apply_image(image)
    fix = Pipeline((FixInversion(),))
    assert fix.apply_image(image).is_equal(image)
    assert fix.apply_image(wrong).is_equal(image)
    changed, trace = fix.apply(Case.of(wrong))
    assert undo(changed, trace).image.is_equal(wrong)


def test_real_chests_are_told_apart(shared_data: Callable[[str], Path]) -> None:
    folder = shared_data("segmentation/lung_cxr_montgomery_shenzhen/images")
    images = [read(path) for path in sorted(folder.rglob("*.png"))[::40]]
    assert len(images) > 10
    found = [brightness_of_middle(image) for image in images]
    turned = [brightness_of_middle(Pipeline((Invert(),)).apply_image(one)) for one in images]
    assert min(found) > 0
    assert np.mean(np.array(turned) < -0.1) > 0.95


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_the_number_type_stays(dtype: str) -> None:
    plane = np.full((1, 24, 24), 200)
    plane[0, 6:18, 6:18] = 30
    changed = Pipeline((FixInversion(),)).apply_image(Image.from_array(plane.astype(dtype)))
    assert changed.array.dtype == dtype
    assert changed.array[0, 0, 0] == 30
    assert changed.array[0, 12, 12] == 200


def test_frames_are_judged_together_and_odd_images_are_left() -> None:
    plane = np.full((24, 24), 200.0)
    plane[6:18, 6:18] = 30
    frames = Image.from_array(np.stack([plane] * 3)[None])
    assert Pipeline((FixInversion(),)).apply_image(frames).array[0, 1, 0, 0] == 30
    for odd in (np.full((1, 9, 9), np.nan), np.ones((1, 1, 1)), np.ones((1, 5, 1))):
        image = Image.from_array(odd)
        assert Pipeline((FixInversion(),)).apply_image(image).is_equal(image)
    with_hole = plane.copy()
    with_hole[0, 0] = np.nan
    changed = Pipeline((FixInversion(),)).apply_image(Image.from_array(with_hole[None]))
    assert changed.array[0, 12, 12] == 200
