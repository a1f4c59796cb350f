"""Where to cut a score into yes and no: the operating point, chosen on validation data."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError, ShapeError
from scanwright.image import Floats
from scanwright.metrics.classify import most_probable
from scanwright.metrics.statistic import (
    Bools,
    Integers,
    Statistic,
    UndefinedMetric,
    check_claims,
)


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold and what it gave on the cases it was chosen on.

    Parameters
    ----------
    threshold
        A case is called positive at or above it.
    sensitivity, specificity
        On the cases it was chosen on: too good by a little, so never to be reported as a result.
    rule
        How it was chosen, in words.
    """

    threshold: float
    sensitivity: float
    specificity: float
    rule: str


def youden_point(positive: npt.ArrayLike, scores: npt.ArrayLike) -> OperatingPoint:
    """Choose the threshold with the highest sensitivity + specificity - 1.

    Youden 1950, Cancer 3:32. Thresholds lie midway between neighbouring scores; among equals
    the one in the widest gap is taken, as it is the least moved by noise.

    Raises
    ------
    UndefinedMetric
        A class is absent.
    """
    cuts = _cuts(*check_claims(positive, scores))
    gain = cuts.sensitivity + cuts.specificity
    best = np.flatnonzero(gain >= gain.max() - 1e-12)
    return cuts.point(_widest(cuts, best), "highest sensitivity + specificity (Youden)")


def sensitivity_point(
    positive: npt.ArrayLike, scores: npt.ArrayLike, target: float
) -> OperatingPoint:
    """Choose the most specific threshold whose sensitivity is at least `target`.

    Raises
    ------
    UndefinedMetric
        A class is absent.
    """
    _check_target(target)
    cuts = _cuts(*check_claims(positive, scores))
    allowed = np.flatnonzero(cuts.sensitivity >= target - 1e-12)
    best = allowed[cuts.specificity[allowed] >= cuts.specificity[allowed].max() - 1e-12]
    return cuts.point(_widest(cuts, best), f"sensitivity of at least {target:g}")


def specificity_point(
    positive: npt.ArrayLike, scores: npt.ArrayLike, target: float
) -> OperatingPoint:
    """Choose the most sensitive threshold whose specificity is at least `target`.

    Raises
    ------
    UndefinedMetric
        A class is absent.
    """
    _check_target(target)
    cuts = _cuts(*check_claims(positive, scores))
    allowed = np.flatnonzero(cuts.specificity >= target - 1e-12)
    best = allowed[cuts.sensitivity[allowed] >= cuts.sensitivity[allowed].max() - 1e-12]
    return cuts.point(_widest(cuts, best), f"specificity of at least {target:g}")


def bind_sensitivity_at(
    positive: npt.ArrayLike, scores: npt.ArrayLike, specificity: float
) -> Statistic:
    """Return the sensitivity at a specificity as a statistic, each replicate with its own cut.

    It is that of the most sensitive threshold whose specificity, on the same cases, is at least
    `specificity`. It compares rankings; a threshold to work with is chosen on other cases.
    """
    _check_target(specificity)
    claims, values = check_claims(positive, scores)
    falling = np.argsort(-values, kind="stable")
    up, ordered = claims[falling], values[falling]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)

    def of(weights: Floats) -> Floats:
        sorted_weights = weights[:, falling]
        true = np.cumsum(sorted_weights * up, axis=1)[:, ends]
        false = np.cumsum(sorted_weights * ~up, axis=1)[:, ends]
        allowed = false <= (1 - specificity + 1e-12) * false[:, -1:]
        best = np.where(allowed, true, 0.0).max(axis=1)
        found: Floats = np.where(false[:, -1] > 0, best / true[:, -1], np.nan)
        return found

    return Statistic(len(values), of, "it needs at least one positive and one negative case")


def sensitivity_at(positive: npt.ArrayLike, scores: npt.ArrayLike, specificity: float) -> float:
    """Return the sensitivity of the most sensitive threshold that is at least so specific.

    Examples
    --------
    >>> sensitivity_at([0, 0, 0, 1, 1], [0.1, 0.2, 0.6, 0.5, 0.9], specificity=0.6)
    1.0

    Raises
    ------
    UndefinedMetric
        A class is absent.
    """
    return bind_sensitivity_at(positive, scores, specificity).value()


def decide_classes(scores: npt.ArrayLike, threshold: float | None = None) -> Integers:
    """Decide for one of K classes.

    Parameters
    ----------
    scores
        Shape (N, K): probabilities.
    threshold
        For two classes: the second is decided for where its score is at or above it. Not given,
        or with more classes, the most probable class is decided for.

    Returns
    -------
    Shape (N,): class indices.
    """
    values = np.asarray(scores, dtype=np.float64)
    if threshold is None:
        return most_probable(values)
    if values.ndim != 2 or values.shape[1] != 2:
        raise ShapeError("A threshold is for two classes.", got=values.shape, legal="(N, 2)")
    return (values[:, 1] >= threshold).astype(np.int64)


def decide_labels(scores: npt.ArrayLike, thresholds: npt.ArrayLike = 0.5) -> Bools:
    """Decide for each of several labels: scores (N, K) at or above thresholds (K,) or one."""
    decided: Bools = np.asarray(scores, dtype=np.float64) >= np.asarray(thresholds)
    return decided


@dataclass(frozen=True, slots=True)
class _Cuts:
    """All different ways to cut the scores, from all positive to none."""

    thresholds: Floats
    margins: Floats
    sensitivity: Floats
    specificity: Floats

    def point(self, index: int, rule: str) -> OperatingPoint:
        return OperatingPoint(
            float(self.thresholds[index]),
            float(self.sensitivity[index]),
            float(self.specificity[index]),
            rule,
        )


def _cuts(claims: Bools, values: Floats) -> _Cuts:
    if not claims.any() or claims.all():
        raise UndefinedMetric("An operating point needs both positive and negative cases.")
    levels, level_of_case = np.unique(values, return_inverse=True)
    ups = np.bincount(level_of_case, claims, minlength=len(levels))
    downs = np.bincount(level_of_case, ~claims, minlength=len(levels))
    under_up = np.concatenate([[0.0], np.cumsum(ups)])
    under_down = np.concatenate([[0.0], np.cumsum(downs)])
    # The outermost cuts lie between the last score and the end of the probabilities, if any.
    floor, ceiling = min(0.0, levels[0] - 1), max(1.0, levels[-1] + 1)
    floor = 0.0 if levels[0] >= 0 else floor
    ceiling = 1.0 if levels[-1] < 1 else ceiling
    edges = np.concatenate([[floor], levels, [ceiling]])
    middle = edges[:-1] + np.diff(edges) / 2
    # Between two neighbouring floats there is no middle: the upper one is the threshold.
    middle[:-1] = np.where(middle[:-1] > edges[:-2], middle[:-1], levels)
    return _Cuts(middle, np.diff(edges), 1 - under_up / under_up[-1], under_down / under_down[-1])


def _widest(cuts: _Cuts, among: Integers) -> int:
    return int(among[np.argmax(cuts.margins[among])])


def _check_target(target: float) -> None:
    if not 0 < target <= 1:
        raise InputError(
            "A target sensitivity or specificity is a share.", got=target, legal="0 to 1"
        )
