import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.base import InputError
from scanwright.classical.levels import LevelGrid, cut_by_number, cut_by_width, half_directions
from tests.classical.ibsi_phantom import PHANTOM

ALL = np.ones(5, dtype=bool)


@pytest.mark.parametrize(
    "cut", [lambda g, m: cut_by_number(g, m, 6), lambda g, m: cut_by_width(g, m, 1.0)]
)
def test_six_bins_or_a_width_of_one_leave_the_phantom_as_it_is(cut) -> None:  # type: ignore[no-untyped-def]
    """IBSI, section 5.1: neither discretisation alters the phantom."""
    assert np.array_equal(cut(PHANTOM.astype(float), PHANTOM > 0), PHANTOM)


def test_the_maximum_falls_into_the_last_bin() -> None:
    assert cut_by_number(np.array([0.0, 1, 2, 3, 4]), ALL, 4).tolist() == [1, 2, 3, 4, 4]


def test_a_constant_region_has_one_level() -> None:
    assert cut_by_number(np.full(5, 7.0), ALL, 8).tolist() == [1] * 5


def test_outside_is_zero_and_does_not_set_the_range() -> None:
    grey = np.array([0.0, 10, 20, 30, 1e6])
    mask = np.array([True, True, True, True, False])
    assert cut_by_number(grey, mask, 2).tolist() == [1, 1, 2, 2, 0]


def test_values_below_the_first_edge_join_the_first_bin() -> None:
    grey = np.array([-2000.0, -1000, -976, -974, 0])
    assert cut_by_width(grey, ALL, 25.0, low=-1000.0).tolist() == [1, 1, 1, 2, 41]


@pytest.mark.parametrize("bins", [1, 0, -3])
def test_fewer_than_two_bins_are_refused(bins: int) -> None:
    with pytest.raises(InputError, match="two grey levels"):
        cut_by_number(np.arange(5.0), ALL, bins)


@pytest.mark.parametrize("width", [0.0, -1.0, float("nan")])
def test_a_width_that_is_not_positive_is_refused(width: float) -> None:
    with pytest.raises(InputError, match="positive"):
        cut_by_width(np.arange(5.0), ALL, width)


@given(st.floats(0.1, 100), st.floats(-1e4, 1e4), st.integers(2, 64))
def test_levels_by_number_ignore_scale_and_offset(scale: float, offset: float, bins: int) -> None:
    grey = np.array([0.0, 0.3, 0.45, 0.8, 1.0])
    levels = cut_by_number(grey * 64 * scale + offset, ALL, bins)
    plain = cut_by_number(grey * 64, ALL, bins)
    # Rounding may move a value that lies on an edge by one bin.
    assert np.abs(levels - plain).max() <= 1


@pytest.mark.parametrize(("rank", "count"), [(1, 1), (2, 4), (3, 13)])
def test_half_directions_and_their_opposites_are_all_neighbours(rank: int, count: int) -> None:
    half = half_directions(rank)
    opposite = {tuple(-step for step in direction) for direction in half}
    assert len(half) == count
    assert len(opposite | set(half)) == 3**rank - 1


def test_a_step_in_the_flat_form_is_a_step_along_the_axes() -> None:
    levels = np.arange(1, 25).reshape(2, 3, 4)
    grid = LevelGrid.of(levels)
    start = int(np.flatnonzero(grid.flat == levels[0, 1, 1])[0])
    assert grid.flat[start + grid.step((1, -1, 2))] == levels[1, 0, 3]
    assert grid.elements == 24
