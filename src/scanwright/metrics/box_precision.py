"""Average precision and recall of boxes as COCO defines them, bound to their cases."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from scanwright.image import Floats
from scanwright.metrics.box_matching import COCO_OVERLAPS, BoxMatches
from scanwright.metrics.statistic import Bools, Statistic

MOST_BOXES = 100
"""Boxes of each class and image that are looked at, the surest."""

NO_TRUTH = "there is no true box"


def bind_box_average_precision(
    matches: BoxMatches, overlaps: Sequence[float] = COCO_OVERLAPS, *, most: int = MOST_BOXES
) -> Statistic:
    """Return the average precision of boxes as a statistic of the cases.

    The mean over 101 recalls of the interpolated precision, over the overlaps, and over the classes
    that have a true box: the value of pycocotools to rounding (its `stats[0]` by default).

    Parameters
    ----------
    overlaps
        Of those that the boxes were matched at.
    most
        Boxes of each class and image that count.
    """
    return _bind(matches, overlaps, most, "precision")


def bind_box_average_recall(
    matches: BoxMatches, overlaps: Sequence[float] = COCO_OVERLAPS, *, most: int = MOST_BOXES
) -> Statistic:
    """Return the average recall of boxes: the highest recall, by overlap and class (COCO's AR)."""
    return _bind(matches, overlaps, most, "recall")


def _bind(
    matches: BoxMatches,
    overlaps: Sequence[float],
    most: int,
    wanted: Literal["precision", "recall"],
) -> Statistic:
    columns = [matches.at(overlap) for overlap in overlaps]
    parts = [
        _of_class(matches, label, columns, most, wanted)
        for label in range(matches.classes)
        if matches.true_counts(label).any()
    ]
    return class_mean(matches.cases, parts)


def class_mean(cases: int, parts: Sequence[Callable[[Floats], Floats]]) -> Statistic:
    """Return the mean of values, shape (R,), of several classes; NaN of one is left out."""

    def of(weights: Floats) -> Floats:
        if not parts:
            return np.full(len(weights), np.nan)
        table = np.array([part(weights) for part in parts])
        known = np.isfinite(table)
        means: Floats = np.where(known, table, 0).sum(axis=0) / known.sum(axis=0)
        return means

    return Statistic(cases, of, NO_TRUTH)


def _of_class(
    matches: BoxMatches,
    label: int,
    columns: list[int],
    most: int,
    wanted: Literal["precision", "recall"],
) -> Callable[[Floats], Floats]:
    kept: Bools = (matches.label == label) & (matches.place < most)
    state = matches.state[kept][:, columns]
    hits = np.flatnonzero((state == 1).any(axis=1))
    last = hits[-1] + 1 if len(hits) else 0  # what is less sure than every hit changes nothing
    ranked = (matches.case[kept][:last], np.ascontiguousarray(state[:last]))
    counts = matches.true_counts(label)

    def of(weights: Floats) -> Floats:
        from scanwright.metrics.box_curve_kernels import precision_means

        shape = (len(weights), len(columns))
        found, recalls = np.empty(shape), np.empty(shape)
        precision_means(np.ascontiguousarray(weights), weights @ counts, ranked, found, recalls)
        means: Floats = (found if wanted == "precision" else recalls).mean(axis=1)
        return means

    return of
