"""How well scores put positive cases above negative ones: ROC and precision-recall."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.image import Floats
from scanwright.metrics.interval import Resamples
from scanwright.metrics.statistic import (
    Bools,
    Integers,
    Statistic,
    UndefinedMetric,
    check_claims,
    check_classes,
    check_labels,
    check_weights,
    mean_statistic,
)


@dataclass(frozen=True, slots=True)
class RocCurve:
    """A curve from (0, 0) to (1, 1), one point per distinct score, both included.

    Parameters
    ----------
    false_positive_rate, sensitivity
        Shape (M,), rising.
    thresholds
        Shape (M,), falling: a case is called positive at or above it; infinite at (0, 0).
    """

    false_positive_rate: Floats
    sensitivity: Floats
    thresholds: Floats


@dataclass(frozen=True, slots=True)
class PrecisionRecallCurve:
    """Precision against recall, from the strictest threshold to the laxest.

    Parameters
    ----------
    recall, precision, thresholds
        Shape (M,), one point per distinct score; recall rises.
    prevalence
        Share of positive cases: the precision of chance.
    """

    recall: Floats
    precision: Floats
    thresholds: Floats
    prevalence: float


@dataclass(frozen=True, slots=True)
class Band:
    """The range that a curve lies in at each place: `x`, `low` and `high`, shape (M,)."""

    x: Floats
    low: Floats
    high: Floats


def bind_roc_auc(positive: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return the area under the ROC curve of one yes-or-no truth as a statistic.

    The area is the weighted share of pairs (positive, negative) in which the positive case has
    the higher score, a tie counting half (Hanley & McNeil 1982, Radiology 143:29).
    """
    claims, values = check_claims(positive, scores)
    order = _order(claims, values)

    def of(weights: Floats) -> Floats:
        total = _running(weights[:, order.downs])
        up = weights[:, order.ups]
        pairs = np.einsum("rp,rp->r", up, total[:, order.below] + total[:, order.through]) / 2
        area: Floats = pairs / (up.sum(axis=1) * total[:, -1])
        return area

    return Statistic(len(values), of, "AUC needs at least one positive and one negative case")


def bind_average_precision(positive: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return the average precision of one yes-or-no truth as a statistic.

    The mean, over positive cases, of the precision at each one's score: the area of the step
    curve, without interpolation.
    """
    claims, values = check_claims(positive, scores)
    order = _order(claims, values)
    tied = np.searchsorted(values[order.ups], values[order.ups], "left")

    def of(weights: Floats) -> Floats:
        up = weights[:, order.ups]
        negatives, positives = _running(weights[:, order.downs]), _running(up)
        false = negatives[:, -1:] - negatives[:, order.below]
        true = positives[:, -1:] - positives[:, tied]
        # A positive case of weight 0 above all others has 0 / 0, and no say.
        precision = np.divide(true, true + false, out=np.zeros_like(true), where=true > 0)
        mean: Floats = np.einsum("rp,rp->r", up, precision) / up.sum(axis=1)
        return mean

    return Statistic(len(values), of, "average precision needs at least one positive case")


def bind_macro_auc(truth: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return the AUC of one-of-K classes as MedMNIST's evaluator defines it.

    Two classes: the AUC of the last column. More: the plain mean over classes of the AUC of
    each class against the rest. Yang et al. 2023, Sci. Data 10:41.
    """
    return _over_classes(bind_roc_auc, truth, scores)


def bind_macro_average_precision(truth: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return the average precision of classes: the last of two, the mean over more than two."""
    return _over_classes(bind_average_precision, truth, scores)


def bind_labels_auc(truth: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return the AUC of several labels as MedMNIST's evaluator defines it: the mean over labels."""
    claims, values = check_labels(truth, scores)
    parts = [bind_roc_auc(claims[:, k], values[:, k]) for k in range(values.shape[1])]
    return mean_statistic(parts)


def bind_labels_average_precision(truth: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return the mean over labels of the average precision."""
    claims, values = check_labels(truth, scores)
    parts = [bind_average_precision(claims[:, k], values[:, k]) for k in range(values.shape[1])]
    return mean_statistic(parts)


def roc_auc(
    positive: npt.ArrayLike, scores: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> float:
    """Return the area under the ROC curve of one yes-or-no truth, ties counting half.

    Parameters
    ----------
    positive
        Shape (N,): 1 where the case is positive.
    scores
        Shape (N,): any numbers that rise with suspicion.
    weights
        Shape (N,): how often each case counts.

    Raises
    ------
    UndefinedMetric
        A class is absent.

    Examples
    --------
    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])
    0.875
    """
    return bind_roc_auc(positive, scores).value(weights)


def macro_auc(
    truth: npt.ArrayLike, scores: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> float:
    """Return MedMNIST's AUC of class indices, shape (N,), and scores, shape (N, K)."""
    return bind_macro_auc(truth, scores).value(weights)


def labels_auc(
    truth: npt.ArrayLike, scores: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> float:
    """Return MedMNIST's AUC of several labels; truth of 0 and 1 and scores are both (N, K)."""
    return bind_labels_auc(truth, scores).value(weights)


def average_precision(
    positive: npt.ArrayLike, scores: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> float:
    """Return the average precision of one yes-or-no truth, both shape (N,).

    Examples
    --------
    >>> round(average_precision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 4)
    0.8333
    """
    return bind_average_precision(positive, scores).value(weights)


def roc_curve(
    positive: npt.ArrayLike, scores: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> RocCurve:
    """Return the ROC curve of one yes-or-no truth.

    Raises
    ------
    UndefinedMetric
        A class is absent.
    """
    claims, values = check_claims(positive, scores)
    row = check_weights(weights, len(values))
    if row[claims].sum() <= 0 or row[~claims].sum() <= 0:
        raise UndefinedMetric("A ROC curve needs both positive and negative cases.")
    true, false, thresholds = _totals(claims, values, row)
    return RocCurve(
        np.concatenate([[0.0], false / false[-1]]),
        np.concatenate([[0.0], true / true[-1]]),
        np.concatenate([[np.inf], thresholds]),
    )


def precision_recall_curve(
    positive: npt.ArrayLike, scores: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> PrecisionRecallCurve:
    """Return the precision-recall curve of one yes-or-no truth.

    Raises
    ------
    UndefinedMetric
        There is no positive case.
    """
    claims, values = check_claims(positive, scores)
    row = check_weights(weights, len(values))
    if row[claims].sum() <= 0:
        raise UndefinedMetric("A precision-recall curve needs at least one positive case.")
    true, false, thresholds = _totals(claims, values, row)
    kept = true + false > 0
    true, false = true[kept], false[kept]
    prevalence = float(true[-1] / (true[-1] + false[-1]))
    return PrecisionRecallCurve(
        true / true[-1], true / (true + false), thresholds[kept], prevalence
    )


def roc_band(
    positive: npt.ArrayLike,
    scores: npt.ArrayLike,
    resamples: Resamples,
    *,
    level: float = 0.95,
    points: int = 101,
) -> Band:
    """Return the interval of the sensitivity at each false-positive rate, over patients.

    Pointwise, not for the whole curve at once: at any one place the interval holds at `level`.
    """
    claims, values = check_claims(positive, scores)
    order = np.argsort(-values, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(values[order])), len(values) - 1)
    up = claims[order]
    x = np.linspace(0.0, 1.0, points)
    rows: list[Floats] = []
    for chunk in resamples.weights():
        sorted_weights = chunk[:, order]
        true = np.cumsum(sorted_weights * up, axis=1)[:, ends]
        false = np.cumsum(sorted_weights * ~up, axis=1)[:, ends]
        usable = (true[:, -1] > 0) & (false[:, -1] > 0)
        rows.extend(
            _steps_at(x, f / f[-1], t / t[-1])
            for f, t in zip(false[usable], true[usable], strict=True)
        )
    if not rows:
        raise UndefinedMetric("A ROC band needs both positive and negative cases.")
    low, high = np.quantile(np.array(rows), [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Band(x, low, high)


def _steps_at(x: Floats, rate: Floats, sensitivity: Floats) -> Floats:
    """Read a curve at places x; on a vertical step the upper end counts."""
    last = np.searchsorted(rate, x, "right") - 1
    start = np.clip(last, 0, None)
    after = np.clip(last + 1, None, len(rate) - 1)
    from_rate = np.where(last < 0, 0.0, rate[start])
    from_height = np.where(last < 0, 0.0, sensitivity[start])
    gap = rate[after] - from_rate
    part = np.divide(x - from_rate, gap, out=np.zeros_like(x), where=gap > 0)
    height: Floats = from_height + part * (sensitivity[after] - from_height)
    return np.where(gap > 0, height, from_height)


def _over_classes(
    bind: Callable[[npt.ArrayLike, npt.ArrayLike], Statistic],
    truth: npt.ArrayLike,
    scores: npt.ArrayLike,
) -> Statistic:
    indices, values = check_classes(truth, scores)
    if values.shape[1] == 2:
        return bind(indices == 1, values[:, 1])
    return mean_statistic([bind(indices == k, values[:, k]) for k in range(values.shape[1])])


@dataclass(frozen=True, slots=True)
class _Order:
    """Where each positive case stands among the negative ones.

    `ups` and `downs` index the positive and negative cases, rising in score; `below` and
    `through` count, for each positive case, the negatives under it, and those not above it.
    """

    ups: Integers
    downs: Integers
    below: Integers
    through: Integers


def _order(claims: Bools, values: Floats) -> _Order:
    rising = np.argsort(values, kind="stable")
    ups, downs = rising[claims[rising]], rising[~claims[rising]]
    below = np.searchsorted(values[downs], values[ups], "left")
    through = np.searchsorted(values[downs], values[ups], "right")
    return _Order(ups, downs, below, through)


def _running(weights: Floats) -> Floats:
    """Return running totals along the rows with a zero before them, shape (R, M + 1)."""
    total = np.zeros((weights.shape[0], weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=total[:, 1:])
    return total


def _totals(claims: Bools, values: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Return true and false positives at each distinct score, from the highest down."""
    order = np.argsort(-values, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(values[order])), len(values) - 1)
    row, up = weights[order], claims[order]
    return np.cumsum(row * up)[ends], np.cumsum(row * ~up)[ends], values[order][ends]
