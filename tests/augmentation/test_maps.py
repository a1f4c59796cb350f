"""Maps: there and back, and smooth fields within their control values."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.augmentation.maps import field, field_at, forward, inverse_maps, spline_sum
from tests.augmentation.test_spatial import LAW_SIZES, moves, seeds


@settings(max_examples=30, deadline=None)
@given(seeds, st.sampled_from(LAW_SIZES))
def test_forward_undoes_where_the_map_reads(seed: int, size: tuple[int, ...]) -> None:
    drawn = moves(size).draw((1, *size), np.arange(1), (seed,))
    places = np.random.default_rng(seed).random((20, len(size))) * (np.array(size) - 1)
    where = inverse_maps(drawn)[0]
    read = places @ where[:, :-1].T + where[:, -1] + field_at(drawn, 0, places)
    np.testing.assert_allclose(forward(drawn, 0, read), places, atol=0.05)


@settings(max_examples=10, deadline=None)
@given(seeds, st.sampled_from(LAW_SIZES))
def test_the_field_is_the_same_on_the_grid_and_at_its_places(
    seed: int, size: tuple[int, ...]
) -> None:
    drawn = moves(size).draw((1, *size), np.arange(1), (seed,))
    places = np.argwhere(np.ones(size)).astype(np.float64)
    on_grid = field(drawn, 0).reshape(len(size), -1).T
    np.testing.assert_allclose(field_at(drawn, 0, places), on_grid, atol=1e-5)
    assert np.abs(on_grid).max() <= np.abs(drawn.elastic).max() + 1e-6


def test_equal_control_values_make_an_even_field() -> None:
    np.testing.assert_allclose(spline_sum(np.full((4, 5), 2.5), (9, 30)), 2.5)
