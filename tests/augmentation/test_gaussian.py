"""Weights of Gaussians: scipy's."""

import numpy as np
import pytest
from scipy import stats

from scanwright.augmentation.gaussian import fill_gaussian


@pytest.mark.parametrize("sigma", [0.4, 1.3])
def test_weights_are_those_of_the_normal_density(sigma: float) -> None:
    firsts, weights = np.empty((1, 30), np.int64), np.empty((1, 30, 13), np.float32)
    fill_gaussian(np.array([sigma]), 6, firsts, weights)
    density = stats.norm.pdf(np.arange(-6, 7), scale=sigma)
    np.testing.assert_allclose(weights[0, 15], density / density.sum(), atol=1e-6)
    assert firsts[0].tolist() == [0] * 6 + list(range(18)) + [17] * 6


def test_none_is_the_element_itself() -> None:
    firsts, weights = np.empty((1, 4), np.int64), np.empty((1, 4, 3), np.float32)
    fill_gaussian(np.array([0.0]), 1, firsts, weights)
    rows = np.arange(4)
    assert np.array_equal(weights[0, rows, rows - firsts[0]], np.ones(4))
    assert weights.sum() == 4
