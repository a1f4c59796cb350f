"""Weights of neighbours: they sum to one, and are scipy's and torch's."""

import numpy as np
import pytest

from scanwright.augmentation.weights import (
    coarse_band,
    dense,
    gaussian_band,
    join_axes,
    stack_bands,
)


@pytest.mark.parametrize("length", [1, 2, 9, 40])
@pytest.mark.parametrize("sigma", [0.3, 1.0, 5.0])
def test_gaussian_weights_sum_to_one_and_fall_with_distance(length: int, sigma: float) -> None:
    (matrix,) = dense(gaussian_band(length, np.array([sigma])))
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-6)
    assert np.all(np.diff(matrix[0]) <= 1e-7)


def test_no_deviation_is_no_change() -> None:
    matrices = dense(gaussian_band(7, np.array([0.0, 1.0])))
    np.testing.assert_allclose(matrices[0], np.eye(7), atol=1e-7)
    assert matrices[1, 3, 3] < 0.5


@pytest.mark.parametrize("averages", [True, False])
@pytest.mark.parametrize(("length", "kept"), [(10, 10), (10, 7), (9, 1), (1, 1), (30, 15)])
def test_coarse_weights_sum_to_one(length: int, kept: int, averages: bool) -> None:
    (matrix,) = dense(stack_bands([coarse_band(length, kept, averages)]))
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-6)
    if kept == length:
        np.testing.assert_allclose(matrix, np.eye(length), atol=1e-7)


def test_bands_of_different_width_are_joined_as_they_are() -> None:
    bands = [gaussian_band(6, np.array([0.5])), gaussian_band(8, np.array([1.5]))]
    firsts, weights = join_axes(bands)
    assert weights.shape[:2] == (1, 14)
    for start, length, band in ((0, 6, bands[0]), (6, 8, bands[1])):
        part = (firsts[:, start : start + length], weights[:, start : start + length])
        np.testing.assert_array_equal(dense(part), dense(band))
