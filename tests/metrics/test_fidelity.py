"""Structural similarity and sharpness."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.metrics import structural_similarity as theirs

from scanwright.base import ShapeError
from scanwright.metrics import edge_sharpness, structural_similarity

RNG = np.random.default_rng(0)
PLANE = gaussian_filter(RNG.random((40, 50)), 2)


def test_similarity_is_that_of_scikit_image() -> None:
    other = PLANE + RNG.normal(0, 0.02, PLANE.shape)
    found = structural_similarity(PLANE, other)
    assert found == pytest.approx(theirs(PLANE, other, data_range=np.ptp(PLANE)))
    assert 0 < found < 1
    assert structural_similarity(PLANE, PLANE) == 1


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (3, 3), (4, 9), (5, 6, 7), (1, 20, 20)])
def test_small_images_have_a_similarity(size: tuple[int, ...]) -> None:
    one = RNG.random(size)
    assert structural_similarity(one, one) == pytest.approx(1)
    assert structural_similarity(one, 1 - one, 1.0) < 1


def test_holes_constants_and_other_sizes() -> None:
    hole = PLANE.copy()
    hole[3, 3] = np.nan
    assert 0.9 < structural_similarity(PLANE, hole) <= 1
    assert structural_similarity(np.ones((9, 9)), np.ones((9, 9))) == 1
    assert structural_similarity(np.ones((9, 9)), np.zeros((9, 9))) == 0
    with pytest.raises(ShapeError):
        structural_similarity(PLANE, PLANE[1:])


def test_blur_lowers_sharpness_whatever_the_scale() -> None:
    step = np.zeros((40, 40))
    step[:, 20:] = 1
    sharp, soft = edge_sharpness(step), edge_sharpness(gaussian_filter(step, 3))
    assert sharp > 2 * soft > 0
    assert edge_sharpness(step * 4000 - 1000) == pytest.approx(sharp)
    assert edge_sharpness(np.full((5, 5), np.nan)) == 0
    assert edge_sharpness(np.ones((5, 5))) == 0
