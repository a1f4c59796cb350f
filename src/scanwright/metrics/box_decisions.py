"""What is found, missed and falsely marked where only boxes above a threshold are reported."""

import numpy as np

from scanwright.image import Floats
from scanwright.metrics.box_matching import BoxMatches
from scanwright.metrics.statistic import Bools, Statistic, case_mean


def box_counts(
    matches: BoxMatches, reported: Bools, overlap: float
) -> tuple[Floats, Floats, Floats]:
    """Return true boxes, those found, and false boxes of each case, shape (C,) each.

    A further box on a finding that is found already is false, as in average precision.

    Parameters
    ----------
    reported
        Shape (N,): the boxes that are shown, by falling score within each class.
    """
    state = matches.state[:, matches.at(overlap)]
    claimed: Bools = reported & (state != -1)
    parts = (
        matches.truth_case[matches.counted],
        matches.case[claimed & (state == 1)],
        matches.case[claimed & (state != 1)],
    )
    true, found, false = (
        np.bincount(part, minlength=matches.cases).astype(np.float64) for part in parts
    )
    return true, found, false


def bind_box_sensitivity(matches: BoxMatches, reported: Bools, overlap: float) -> Statistic:
    """Return the share of true boxes, of all classes together, that are found."""
    true, found, _ = box_counts(matches, reported, overlap)
    return _ratio(found, true, "there is no true box")


def bind_box_precision(matches: BoxMatches, reported: Bools, overlap: float) -> Statistic:
    """Return the share of reported boxes, of all classes together, that are true."""
    _, found, false = box_counts(matches, reported, overlap)
    return _ratio(found, found + false, "no box is reported")


def bind_false_boxes(matches: BoxMatches, reported: Bools, overlap: float) -> Statistic:
    """Return how many reported boxes per image are false."""
    return case_mean(box_counts(matches, reported, overlap)[2])


def _ratio(part: Floats, whole: Floats, reason: str) -> Statistic:
    def of(weights: Floats) -> Floats:
        shares: Floats = (weights @ part) / (weights @ whole)
        return shares

    return Statistic(len(part), of, reason)
