"""Boxes of a split: shown, found, large, and where."""

from dataclasses import replace

import numpy as np
import pytest

from scanwright.base import InputError, ShapeError
from scanwright.report import BoxResults

from .builders import box_outcomes


def results(rank: int = 2) -> BoxResults:
    boxes = box_outcomes(40, rank).boxes
    assert boxes is not None
    return boxes


def test_a_box_counts_from_half_in_common_in_a_plane_and_from_a_tenth_in_a_volume() -> None:
    assert (results(2).least_overlap, results(3).least_overlap) == (0.5, 0.1)
    assert (results(2).unit, results(3).unit) == ("pixels", "mm")


def test_findings_are_found_by_shown_boxes_alone() -> None:
    boxes = results()
    true, found, false = boxes.counts
    assert boxes.is_found.sum() == found.sum() < true.sum()
    assert ((boxes.state == 1) & boxes.reported).sum() == found.sum()
    assert ((boxes.state != 1) & boxes.reported).sum() == false.sum()
    none = replace(boxes, reported=np.zeros_like(boxes.reported))
    assert not none.is_found.any()


def test_sides_are_in_mm_where_there_are_any_and_places_are_shares() -> None:
    boxes = results(3)
    edges = boxes.matches.truth_edges[0]
    expected = np.prod((edges[:, 1] - edges[:, 0]) * [2.0, 0.8, 0.8]) ** (1 / 3)
    assert boxes.truth_sides[0] == pytest.approx(expected)
    assert ((boxes.truth_places > 0) & (boxes.truth_places < 1)).all()
    middle = (edges.mean(axis=1) + 0.5) / [20, 64, 72]
    np.testing.assert_allclose(boxes.truth_places[0], middle)


def test_some_cases_and_one_class_keep_what_was_measured() -> None:
    boxes = results()
    index = np.array([1, 5, 8])
    part = boxes.subset(index)
    for whole, few in zip(boxes.counts, part.counts, strict=True):
        np.testing.assert_array_equal(whole[index], few)
    sums = [sum(boxes.alone(label).counts[row] for label in (0, 1)) for row in range(3)]
    np.testing.assert_array_equal(sums, boxes.counts)


def test_parts_that_do_not_fit_are_refused() -> None:
    boxes = results()
    with pytest.raises(ShapeError, match="each case has a grid"):
        replace(boxes, sizes=boxes.sizes[:-1])
    with pytest.raises(ShapeError, match="shown or not"):
        replace(boxes, reported=boxes.reported[:-1])
    with pytest.raises(InputError, match="not matched"):
        replace(boxes, least_overlap=0.33)
