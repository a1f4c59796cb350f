"""Free-response ROC: how many findings are found for how many false boxes per image."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scanwright.image import Floats
from scanwright.metrics.box_matching import BoxMatches
from scanwright.metrics.box_precision import class_mean
from scanwright.metrics.interval import Resamples
from scanwright.metrics.ranking import Band, bind_roc_auc
from scanwright.metrics.statistic import Bools, Statistic, UndefinedMetric

LUNA_RATES = (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0)
"""False boxes per image at which LUNA16 asks for the sensitivity."""

FROC_OVERLAP = 0.1
"""Intersection over union from which a box counts."""


@dataclass(frozen=True, slots=True)
class FrocCurve:
    """Sensitivity against false boxes per image, from the strictest cut to the laxest.

    Parameters
    ----------
    false_per_image, sensitivity, thresholds
        Shape (M,), one point per distinct score after (0, 0), whose threshold is infinite.
    """

    false_per_image: Floats
    sensitivity: Floats
    thresholds: Floats


def bind_froc(
    matches: BoxMatches,
    rates: Sequence[float] = LUNA_RATES,
    *,
    overlap: float = FROC_OVERLAP,
) -> Statistic:
    """Return the mean sensitivity at some rates of false boxes per image, as a statistic.

    By default LUNA16's score, the "competition performance metric" (Setio et al. 2017, Med. Image
    Anal. 42:1): seven rates from 1/8 to 8, linear between neighbouring cuts of the score, a further
    box on a finding counting neither way. The mean over the classes that have a true box, each by
    its own rates.
    """
    parts = [
        _mean(_of_class(matches, label, rates, matches.at(overlap)))
        for label in range(matches.classes)
        if matches.true_counts(label).any()
    ]
    return class_mean(matches.cases, parts)


def bind_case_auc(matches: BoxMatches) -> Statistic:
    """Return the area under the ROC curve of cases: their highest score, and whether any is true.

    A case without a box has less than any score.
    """
    positive = np.zeros(matches.cases, dtype=bool)
    positive[matches.truth_case[matches.counted]] = True
    return bind_roc_auc(positive, case_scores(matches))


def case_scores(matches: BoxMatches) -> Floats:
    """Return the highest score of each case, shape (C,); 0, or less than any, without a box."""
    nothing = min(0.0, float(matches.scores.min()) - 1) if _is_below_zero(matches) else 0.0
    highest = np.full(matches.cases, nothing)
    np.maximum.at(highest, matches.case, matches.scores)
    return highest


def froc_curve(matches: BoxMatches, label: int, *, overlap: float = FROC_OVERLAP) -> FrocCurve:
    """Return the curve of one class.

    Raises
    ------
    UndefinedMetric
        There is no true box of it.
    """
    total = matches.true_counts(label).sum()
    if not total:
        raise UndefinedMetric("A FROC curve needs at least one true box.")
    kept = matches.label == label
    state, scores = matches.state[kept, matches.at(overlap)], matches.scores[kept]
    ends = np.flatnonzero(_is_last(scores))
    true, false = np.cumsum(state == 1)[ends] / total, np.cumsum(state == 0)[ends] / matches.cases
    return FrocCurve(
        np.concatenate([[0.0], false]),
        np.concatenate([[0.0], true]),
        np.concatenate([[np.inf], scores[ends]]),
    )


def froc_band(
    matches: BoxMatches,
    label: int,
    rates: Floats,
    resamples: Resamples,
    *,
    overlap: float = FROC_OVERLAP,
) -> Band:
    """Return the 95 % interval of the sensitivity at each rate, over patients; place by place.

    Raises
    ------
    UndefinedMetric
        There is no true box of the class in any replicate.
    """
    of = _of_class(matches, label, rates.tolist(), matches.at(overlap))
    rows = np.concatenate([of(chunk) for chunk in resamples.weights()])
    rows = rows[np.isfinite(rows).all(axis=1)]
    if not len(rows):
        raise UndefinedMetric("A FROC curve needs at least one true box.")
    low, high = np.quantile(rows, [0.025, 0.975], axis=0)
    return Band(rates, low, high)


def _of_class(
    matches: BoxMatches, label: int, rates: Sequence[float], column: int
) -> Callable[[Floats], Floats]:
    kept: Bools = matches.label == label
    ranked = (matches.case[kept], np.ascontiguousarray(matches.state[kept][:, [column]]))
    is_last = _is_last(matches.scores[kept])
    counts = matches.true_counts(label)

    def of(weights: Floats) -> Floats:
        from scanwright.metrics.box_curve_kernels import froc_sensitivities

        found = np.tile(np.asarray(rates, dtype=np.float64), (len(weights), 1))
        totals = np.stack([weights @ counts, weights.sum(axis=1)], axis=1)
        froc_sensitivities(np.ascontiguousarray(weights), totals, ranked, is_last, found)
        return found

    return of


def _mean(of: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    return lambda weights: of(weights).mean(axis=1)


def _is_last(scores: Floats) -> Bools:
    """Return which of falling scores is the last of its value."""
    return np.append(np.diff(scores) != 0, True) if len(scores) else np.zeros(0, dtype=bool)


def _is_below_zero(matches: BoxMatches) -> bool:
    return bool(matches.scores.size and matches.scores.min() <= 0)
