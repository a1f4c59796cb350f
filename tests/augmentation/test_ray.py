"""Walks: which of their steps lie inside, and where they are read."""

import numpy as np
import pytest

from scanwright.augmentation.ray import (
    BORDER,
    REFLECT,
    ZEROS,
    along,
    begin_of,
    bent_place,
    find_spans,
    fold_all,
    inside,
    is_far,
    near_span,
    step_of,
)

SIZE = (5, 6, 7)


@pytest.mark.parametrize("seed", range(20))
def test_inside_holds_no_step_without_all_its_neighbours(seed: int) -> None:
    rng = np.random.default_rng(seed)
    where = rng.normal(scale=0.5, size=(3, 4))
    where[:, 3] += 2
    ray = (begin_of(where, 1, 2), step_of(where))
    first, last = inside(ray, SIZE, 30)
    for step in range(30):
        place = np.array(along(ray, step))
        has_all = bool(np.all((place >= 0) & (place < np.array(SIZE) - 1)))
        is_close = bool(np.any(np.abs(place - np.rint(place)) < 0.01))
        assert has_all == (first <= step < last) or is_close
        near, end = near_span(ray, SIZE, 30, ZEROS)
        assert near <= step < end or is_far(tuple(place.astype(np.float32)), SIZE)


def test_spans_of_a_plane_are_those_of_its_rows() -> None:
    where = np.array([[1, 0, 0, 1.0], [0, 0.8, 0.6, -1], [0, -0.6, 0.8, 3]])
    spans = np.empty((6, 4), np.int64)
    find_spans(where, SIZE, (1, 6, 9, ZEROS), spans)
    for y, (near, first, last, end) in enumerate(spans.tolist()):
        ray = (begin_of(where, 1, y), step_of(where))
        assert (near, end) == near_span(ray, SIZE, 9, ZEROS)
        assert near <= first <= last <= end
        assert first == last or (first, last) == inside(ray, SIZE, 9)


def test_a_bent_walk_is_the_straight_one_and_the_field() -> None:
    where = np.array([[0, 0, 0.5, 1], [0, 1, 0, 0], [0, 0, 1, 2.0]])
    ray = (begin_of(where, 0, 3), step_of(where))
    field = np.arange(12, dtype=np.float32)
    assert bent_place(ray, (field, 4), 2, 1) == pytest.approx((2 + 1, 3 + 5, 4 + 9))


@pytest.mark.parametrize(
    ("outside", "folded"), [(BORDER, (0, 5, 3)), (REFLECT, (1, 4, 3)), (ZEROS, (-2, 7, 3))]
)
def test_places_outside_are_brought_back(outside: int, folded: tuple[float, ...]) -> None:
    place = (np.float32(-2), np.float32(7), np.float32(3))
    assert fold_all(place, SIZE, outside) == pytest.approx(folded)
