"""DeLong's interval of an AUC and his test between two AUCs of the same cases."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.base import ShapeError
from scanwright.image import Floats
from scanwright.metrics.interval import NORMAL, Interval, wilson
from scanwright.metrics.statistic import Bools, Integers, UndefinedMetric, check_claims


@dataclass(frozen=True, slots=True)
class AucComparison:
    """Two AUCs of the same cases, held against each other.

    Parameters
    ----------
    first, second
        The two AUCs.
    difference
        `first` - `second` with its interval.
    z
        Difference over its standard error; 0 where both score alike.
    p_value
        Two-sided.
    """

    first: float
    second: float
    difference: Interval
    z: float
    p_value: float


def delong_interval(
    positive: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    patients: Sequence[Hashable] | None = None,
    level: float = 0.95,
) -> Interval:
    """Return the AUC with DeLong's interval, made on the logit scale so that it stays in 0 to 1.

    DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837, in the N log N of Sun & Xu 2014,
    IEEE Signal Process. Lett. 21:1389, by sorting; with several cases a patient the covariance
    is that of Obuchowski 1997, Biometrics 53:567. An AUC of exactly 0 or 1 has no variance;
    there Wilson's interval for the patients of the smaller class takes its place.

    Parameters
    ----------
    positive, scores
        Shape (N,).
    patients
        Whom each case belongs to; each its own patient when not given.

    Raises
    ------
    UndefinedMetric
        A class has fewer than two patients.
    """
    claims, values = check_claims(positive, scores)
    groups = _groups(patients, len(claims))
    areas, covariance = _delong(claims, values[None, :], groups)
    area, variance = float(areas[0]), float(covariance[0, 0])
    if variance <= 0 or area in (0.0, 1.0):
        support = _support(claims, groups)
        safe = wilson(area * support, support, level)
        return Interval(area, safe.low, safe.high, level, "Wilson (no variance)")
    step = NORMAL.inv_cdf(0.5 + level / 2) * np.sqrt(variance) / (area * (1 - area))
    odds, factor = area / (1 - area), float(np.exp(step))
    low, high = odds / (odds + factor), odds * factor / (odds * factor + 1)
    return Interval(area, low, high, level, "DeLong, logit scale")


def delong_test(
    positive: npt.ArrayLike,
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    *,
    patients: Sequence[Hashable] | None = None,
    level: float = 0.95,
) -> AucComparison:
    """Test whether two models have the same AUC on the same cases.

    Parameters
    ----------
    positive
        Shape (N,): 1 where the case is positive.
    first, second
        Shape (N,): the scores of the two models.
    patients
        Whom each case belongs to; each its own patient when not given.

    Raises
    ------
    UndefinedMetric
        A class has fewer than two patients.
    """
    claims, scores_a = check_claims(positive, first)
    _, scores_b = check_claims(positive, second)
    groups = _groups(patients, len(claims))
    areas, covariance = _delong(claims, np.stack([scores_a, scores_b]), groups)
    gap = float(areas[0] - areas[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    # Below this only rounding is left: the two models order the cases alike.
    error = float(np.sqrt(variance)) if variance > 1e-15 else 0.0
    z = gap / error if error > 0 else 0.0
    half = NORMAL.inv_cdf(0.5 + level / 2) * error
    interval = Interval(gap, gap - half, gap + half, level, "DeLong")
    return AucComparison(float(areas[0]), float(areas[1]), interval, z, 2 * NORMAL.cdf(-abs(z)))


def _groups(patients: Sequence[Hashable] | None, cases: int) -> Integers:
    if patients is None:
        return np.arange(cases)
    if len(patients) != cases:
        raise ShapeError("Each case needs one patient.", got=len(patients), legal=cases)
    seen: dict[Hashable, int] = {}
    return np.array([seen.setdefault(name, len(seen)) for name in patients], dtype=np.int64)


def _support(claims: Bools, groups: Integers) -> int:
    return min(len(np.unique(groups[claims])), len(np.unique(groups[~claims])))


def _delong(claims: Bools, scores: Floats, groups: Integers) -> tuple[Floats, Floats]:
    """Return the AUCs, shape (M,), of M score rows and their covariance, shape (M, M)."""
    if _support(claims, groups) < 2:
        raise UndefinedMetric(
            "DeLong's variance needs two patients of each class.",
            got=f"{int(claims.sum())} positive and {int((~claims).sum())} negative cases",
        )
    ups, downs = int(claims.sum()), int((~claims).sum())
    # Structural components: how a positive case stands among the negatives, and the reverse.
    over = np.stack([_share_below(row[~claims], row[claims]) for row in scores])
    under = np.stack([1 - _share_below(row[claims], row[~claims]) for row in scores])
    areas = over.mean(axis=1)
    pull_up = _sum_by_group(over - areas[:, None], groups[claims], int(groups.max()) + 1)
    pull_down = _sum_by_group(under - areas[:, None], groups[~claims], int(groups.max()) + 1)
    covariance = (
        _scatter(pull_up, pull_up, groups[claims]) / ups**2
        + _scatter(pull_down, pull_down, groups[~claims]) / downs**2
    )
    mixed = _scatter(pull_up, pull_down, groups) / (ups * downs)
    return areas, covariance + mixed + mixed.T


def _share_below(others: Floats, values: Floats) -> Floats:
    """Return the share of `others` that lie below each value, those equal counting half."""
    rising = np.sort(others)
    below = np.searchsorted(rising, values, "left") + np.searchsorted(rising, values, "right")
    return below / (2 * len(others))


def _sum_by_group(values: Floats, groups: Integers, count: int) -> Floats:
    return np.stack([np.bincount(groups, row, minlength=count) for row in values])


def _scatter(left: Floats, right: Floats, groups: Integers) -> Floats:
    """Return the sum of products over patients, corrected for their number."""
    people = len(np.unique(groups))
    products: Floats = left @ right.T
    return products * people / (people - 1)
