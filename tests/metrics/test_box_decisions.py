"""What is found, missed and falsely marked at a threshold."""

import numpy as np
import pytest

from scanwright.metrics import (
    BoxMatches,
    CaseBoxes,
    UndefinedMetric,
    bind_box_precision,
    bind_box_sensitivity,
    bind_false_boxes,
    box_counts,
    match_boxes,
)

TRUE = np.array([[[0.0, 4.0], [0.0, 2.0]], [[9.0, 12.0], [9.0, 12.0]]])
FALSE = TRUE + 50


def matches_of_three() -> BoxMatches:
    """One of two found twice; two false ones; nothing at all."""
    return match_boxes(
        [
            CaseBoxes(TRUE, [0, 0], TRUE[[0, 0]], [0, 0], [0.9, 0.6]),
            CaseBoxes(TRUE[:1], [1], FALSE, [1, 0], [0.8, 0.3]),
            CaseBoxes(TRUE[:0], [], TRUE[:0], [], []),
        ],
        2,
    )


def test_true_found_and_false_boxes_are_counted_by_case() -> None:
    matches = matches_of_three()
    everything = np.ones(4, bool)
    true, found, false = box_counts(matches, everything, 0.5)
    assert (true.tolist(), found.tolist(), false.tolist()) == ([2, 1, 0], [1, 0, 0], [1, 2, 0])
    assert bind_box_sensitivity(matches, everything, 0.5).value() == pytest.approx(1 / 3)
    assert bind_box_precision(matches, everything, 0.5).value() == pytest.approx(1 / 4)
    assert bind_false_boxes(matches, everything, 0.5).value() == 1
    assert bind_false_boxes(matches, everything, 0.5).value([2, 1, 1]) == 1


def test_only_reported_boxes_count() -> None:
    matches = matches_of_three()
    sure = matches.scores > 0.7
    assert bind_box_precision(matches, sure, 0.5).value() == 0.5
    assert bind_false_boxes(matches, sure, 0.5).value() == pytest.approx(1 / 3)
    with pytest.raises(UndefinedMetric, match="not defined"):
        bind_box_precision(matches, matches.scores > 1, 0.5).value()
