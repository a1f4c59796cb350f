"""Compiled changes of values: numpy's numbers."""

import numpy as np
import pytest

from scanwright.augmentation.tone import bend, bend_all, measure, scale


@pytest.mark.parametrize("count", [1, 5, 1024, 5000])
def test_measures_are_those_of_numpy(count: int) -> None:
    values = (np.random.default_rng(0).normal(size=(3, count)) + 100).astype(np.float32)
    out = np.empty((2, 4))
    measure(values, np.array([2, 0]), out)
    for found, row in zip(out, values[[2, 0]].astype(np.float64), strict=True):
        np.testing.assert_allclose(found, [row.mean(), row.std(), row.min(), row.max()], rtol=1e-5)


def test_a_line_with_limits() -> None:
    values = np.arange(4, dtype=np.float32)[None].copy()
    scale(values, np.array([0]), np.array([[2.0, -1.0, 0.0, 4.0]]))
    assert values.tolist() == [[0, 1, 3, 4]]


@pytest.mark.parametrize("gamma", [0.1, 0.5, 1.5, 7.0])
def test_powers_are_those_of_numpy(gamma: float) -> None:
    values = np.random.default_rng(0).random((1, 5000), dtype=np.float32)
    values[0, :4] = [0, 1, 1e-7, 0.5]
    truth = values.astype(np.float64) ** gamma
    bend(values, np.array([0]), np.array([[0.0, 1.0, gamma]]))
    np.testing.assert_allclose(values, truth, rtol=1e-5, atol=1e-30)


def test_a_flat_image_is_left_alone() -> None:
    values = np.full((1, 9), 3, dtype=np.float32)
    bend(values, np.array([0]), np.array([[3.0, 3.0, 2.0]]))
    assert np.all(values == 3)


@pytest.mark.parametrize("is_negative", [False, True])
@pytest.mark.parametrize("keeps_mean", [False, True])
def test_bending_at_once_is_bending_step_by_step(*, is_negative: bool, keeps_mean: bool) -> None:
    values = np.random.default_rng(0).normal(size=(2, 3000)).astype(np.float32)
    given, rows = values.copy(), np.array([1])
    bend_all(values, rows, np.array([[1.7, float(is_negative)]]), keeps_mean)
    ends = [given[1].max(), given[1].min()] if is_negative else [given[1].min(), given[1].max()]
    bend(given, rows, np.array([[*ends, 1.7]]))
    if keeps_mean:
        assert values[1].mean() != pytest.approx(given[1].mean(), abs=1e-3)
        given[1] = (given[1] - given[1].mean()) / given[1].std() * values[1].std()
        given[1] += values[1].mean()
    np.testing.assert_allclose(values, given, atol=1e-4)
