"""Whether probabilities mean what they say: Brier score, calibration error, reliability."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError
from scanwright.image import Floats
from scanwright.metrics.interval import wilson
from scanwright.metrics.statistic import (
    Integers,
    Statistic,
    case_mean,
    check_claims,
    check_classes,
    check_labels,
    mean_statistic,
)

BINS = 15
"""As Guo et al. 2017."""

SMALLEST_PROBABILITY = 1e-15
"""Probabilities are kept from 0 before a logarithm, so that one sure error is not infinite."""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Cases whose predicted probabilities are alike.

    Parameters
    ----------
    low, high
        Edges; a case lies in (low, high], the first bin holding `low` too.
    predicted
        Mean predicted probability.
    observed, observed_low, observed_high
        Share of cases in which the event happened, with Wilson's interval.
    cases
        Number of cases.
    """

    low: float
    high: float
    predicted: float
    observed: float
    observed_low: float
    observed_high: float
    cases: int


def bind_brier(truth: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return the Brier score of one-of-K classes as a statistic.

    Half the sum over classes of the squared difference between probability and truth, so that
    it lies in 0 to 1 and for two classes is the usual (p - y)². Brier 1950 has no half.
    """
    indices, values = check_classes(truth, scores)
    hot = np.eye(values.shape[1])[indices]
    return case_mean(((values - hot) ** 2).sum(axis=1) / 2)


def bind_labels_brier(truth: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return the Brier score of several labels: the mean of (p - y)² over labels and cases."""
    claims, values = check_labels(truth, scores)
    return case_mean(((values - claims) ** 2).mean(axis=1))


def bind_log_loss(truth: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return the mean negative logarithm (nats) of the probability of the true class."""
    indices, values = check_classes(truth, scores)
    true = values[np.arange(len(values)), indices]
    return case_mean(-np.log(np.clip(true, SMALLEST_PROBABILITY, 1.0)))


def bind_labels_log_loss(truth: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return the mean over labels and cases of the binary log loss (nats)."""
    claims, values = check_labels(truth, scores)
    true = np.where(claims, values, 1 - values)
    return case_mean(-np.log(np.clip(true, SMALLEST_PROBABILITY, 1.0)).mean(axis=1))


def bind_calibration_error(
    truth: npt.ArrayLike, scores: npt.ArrayLike, bins: int = BINS
) -> Statistic:
    """Return the expected calibration error of one-of-K classes with bins of equal width.

    Two classes: the probability of the second against how often it is true. More: the
    probability of the most probable class against how often it is right (Guo et al. 2017,
    ICML, equation 3).
    """
    happened, stated = stated_events(truth, scores)
    return _binned_gap(happened, stated, equal_width_edges(bins))


def bind_mass_calibration_error(
    truth: npt.ArrayLike, scores: npt.ArrayLike, bins: int = BINS
) -> Statistic:
    """Return the expected calibration error with bins of equal numbers of cases.

    The bins are set once, on all cases, and kept in the replicates.
    """
    happened, stated = stated_events(truth, scores)
    return _binned_gap(happened, stated, equal_mass_edges(stated, bins))


def bind_labels_calibration_error(
    truth: npt.ArrayLike, scores: npt.ArrayLike, bins: int = BINS
) -> Statistic:
    """Return the mean over labels of the expected calibration error, bins of equal width."""
    claims, values = check_labels(truth, scores)
    edges = equal_width_edges(bins)
    parts = [
        _binned_gap(claims[:, k].astype(np.float64), values[:, k], edges)
        for k in range(values.shape[1])
    ]
    return mean_statistic(parts)


def brier_score(truth: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """Return the Brier score of class indices (N,) and probabilities (N, K), 0 to 1.

    Examples
    --------
    >>> round(brier_score([0, 1], [[0.9, 0.1], [0.4, 0.6]]), 3)
    0.085
    """
    return bind_brier(truth, scores).value()


def log_loss(truth: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """Return the mean negative log probability (nats) of the true class."""
    return bind_log_loss(truth, scores).value()


def expected_calibration_error(
    truth: npt.ArrayLike, scores: npt.ArrayLike, bins: int = BINS
) -> float:
    """Return the expected calibration error of class indices (N,) and probabilities (N, K)."""
    return bind_calibration_error(truth, scores, bins).value()


def stated_events(truth: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return what happened (0 or 1) and the probability stated for it, both shape (N,).

    Of two classes the event is the second; of more it is that the most probable class is right.
    """
    indices, values = check_classes(truth, scores)
    if values.shape[1] == 2:
        return (indices == 1).astype(np.float64), values[:, 1]
    return (values.argmax(axis=1) == indices).astype(np.float64), values.max(axis=1)


def reliability_curve(
    happened: npt.ArrayLike, stated: npt.ArrayLike, edges: Floats, level: float = 0.95
) -> tuple[ReliabilityBin, ...]:
    """Hold stated probabilities against what happened, bin by bin; empty bins are left out.

    Parameters
    ----------
    happened, stated
        Shape (N,): 0 or 1, and the probability stated for it.
    edges
        Shape (bins + 1,), rising, from `equal_width_edges` or `equal_mass_edges`.
    """
    claims, values = check_claims(happened, stated)
    place = _bin_of(values, edges)
    found = []
    for index in np.unique(place):
        inside = place == index
        count, hits = int(inside.sum()), int(claims[inside].sum())
        share = wilson(hits, count, level)
        found.append(
            ReliabilityBin(
                float(edges[index]),
                float(edges[index + 1]),
                float(values[inside].mean()),
                share.value,
                share.low,
                share.high,
                count,
            )
        )
    return tuple(found)


def equal_width_edges(bins: int) -> Floats:
    """Return the edges of `bins` equal parts of 0 to 1."""
    if bins < 1:
        raise InputError("There must be at least one bin.", got=bins)
    return np.linspace(0.0, 1.0, bins + 1)


def equal_mass_edges(stated: npt.ArrayLike, bins: int) -> Floats:
    """Return edges from 0 to 1 that part the cases into bins of (nearly) equal number.

    Equal probabilities stay in one bin, so there may be fewer bins than asked for.
    """
    values = np.asarray(stated, dtype=np.float64)
    inner = np.quantile(values, np.linspace(0, 1, len(equal_width_edges(bins)))[1:-1])
    return np.unique(np.concatenate([[0.0], inner, [1.0]]))


def _bin_of(values: Floats, edges: Floats) -> Integers:
    """Return the bin of each value: (edge, next edge], values outside in the outermost bins."""
    place = np.searchsorted(edges, values, "left") - 1
    return np.clip(place, 0, len(edges) - 2).astype(np.int64)


def _binned_gap(happened: Floats, stated: Floats, edges: Floats) -> Statistic:
    bins, bin_of_case = np.unique(_bin_of(stated, edges), return_inverse=True)
    table = np.zeros((len(stated), len(bins)))
    # Weight times gap, summed over a bin, is the bin's weight times |observed - predicted|.
    table[np.arange(len(stated)), bin_of_case] = happened - stated

    def of(weights: Floats) -> Floats:
        error: Floats = np.abs(weights @ table).sum(axis=1) / weights.sum(axis=1)
        return error

    return Statistic(len(stated), of, "there is no case")
