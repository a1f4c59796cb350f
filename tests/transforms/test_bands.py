"""Weights along an axis, against SciPy's filters and the formulas they come from."""

import numpy as np
import pytest
from scipy import ndimage

from scanwright.transforms import AxisMap
from scanwright.transforms.bands import Band, band, psf_sigma

LENGTHS = [(1, 1), (1, 4), (2, 5), (3, 2), (9, 20), (40, 7), (90, 140), (64, 64)]


def matrix(made: Band, old: int) -> np.ndarray:
    dense = np.zeros((len(made), old))
    for new, (first, count) in enumerate(zip(made.first, made.count, strict=True)):
        dense[new, first : first + count] = made.weights[new, :count]
    return dense


@pytest.mark.parametrize(("old", "new"), LENGTHS)
@pytest.mark.parametrize("interpolation", ["nearest", "linear", "cubic", "area"])
@pytest.mark.parametrize("low_pass", [True, False])
def test_weights_of_each_element_sum_to_one(
    old: int, new: int, interpolation: str, low_pass: bool
) -> None:
    made = band(AxisMap.centred(old, new, old / new), interpolation, low_pass)
    np.testing.assert_allclose(matrix(made, old).sum(axis=1), 1, atol=1e-6)
    assert np.all(made.first >= 0)
    assert np.all(made.first + made.count <= old)


@pytest.mark.parametrize(("old", "new"), LENGTHS)
@pytest.mark.parametrize(("interpolation", "order"), [("linear", 1), ("cubic", 3)])
def test_without_a_low_pass_it_is_the_spline_of_scipy(
    old: int, new: int, interpolation: str, order: int
) -> None:
    values = np.random.default_rng(0).random(old)
    axis = AxisMap.centred(old, new, old / new)
    ours = matrix(band(axis, interpolation, low_pass=False), old) @ values
    theirs = ndimage.map_coordinates(values, [axis.places], order=order, mode="mirror")
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("step", [1.2, 2.0, 3.7])
def test_the_low_pass_of_cubic_is_the_gaussian_of_scipy(step: float) -> None:
    values = np.random.default_rng(0).random(80)
    axis = AxisMap.centred(80, int(80 / step), step)
    ours = matrix(band(axis, "cubic"), 80) @ values
    blurred = ndimage.gaussian_filter1d(values, psf_sigma(step), mode="mirror")
    theirs = ndimage.map_coordinates(blurred, [axis.places], order=3, mode="mirror")
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_linear_weights_are_a_triangle_as_wide_as_the_larger_step() -> None:
    made = matrix(band(AxisMap.centred(12, 4, 3.0), "linear"), 12)
    np.testing.assert_allclose(made[1, 2:7], np.array([1, 2, 3, 2, 1]) / 9, atol=1e-7)
    assert made[1, [0, 1, 7, 8]].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("step", [0.4, 1.0, 1.01, 1.7, 2.0, 5.3])
def test_areas_are_shares_of_a_new_element(step: float) -> None:
    axis = AxisMap.centred(40, int(40 / step) - 1, step)
    made = matrix(band(axis, "area"), 40)
    width = max(1.0, step)
    for row, place in zip(made, axis.places, strict=True):
        fine = place + width * ((np.arange(1000) + 0.5) / 1000 - 0.5)
        held = np.round(fine).astype(int)
        share = np.bincount(held[(held >= 0) & (held < 40)], minlength=40)
        np.testing.assert_allclose(row, share / share.sum(), atol=2e-3)
    if step <= 1:
        np.testing.assert_allclose(made, matrix(band(axis, "linear"), 40), atol=1e-6)


def test_the_gaussian_turns_one_point_spread_into_the_other() -> None:
    # Widths (FWHM = 2 sqrt(2 ln 2) sigma) add in squares: 1² + (filter)² = step².
    fwhm = psf_sigma(3.0) * 2 * np.sqrt(2 * np.log(2))
    assert fwhm**2 + 1 == pytest.approx(9)


@pytest.mark.parametrize("interpolation", ["nearest", "linear", "cubic"])
def test_spans_hold_all_neighbours_and_never_move_back(interpolation: str) -> None:
    made = band(AxisMap.centred(50, 73, 50 / 73), interpolation)
    spans = [made.span(start, start + 4) for start in range(0, 72, 4)]
    lows = [low for low, _ in spans]
    assert lows == sorted(lows)
    for place, (low, high) in enumerate(spans):
        rows = slice(4 * place, 4 * place + 4)
        assert low <= made.first[rows].min()
        assert high >= (made.first + made.count)[rows].max()


def test_a_part_counts_from_its_low_edge() -> None:
    made = band(AxisMap.centred(30, 10, 3.0), "linear")
    first, count, weights, nearest = made.part(4, 6, 5)
    assert nearest.tolist() == (made.nearest[4:6] - 5).tolist() == [8, 11]
    assert first.tolist() == (made.first[4:6] - 5).tolist()
    assert count.tolist() == made.count[4:6].tolist()
    assert weights.shape == (2, made.weights.shape[1])


def test_weights_are_shared_and_read_only() -> None:
    axis = AxisMap.centred(30, 10, 3.0)
    assert band(axis, "linear") is band(axis, "linear")
    with pytest.raises(ValueError, match="read-only"):
        band(axis, "linear").weights[0, 0] = 3


def test_the_nearest_element_is_the_later_of_two() -> None:
    assert band(AxisMap.centred(4, 2, 2.0), "linear").nearest.tolist() == [1, 3]
