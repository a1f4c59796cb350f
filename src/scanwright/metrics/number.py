"""How far guessed numbers lie from true ones."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.image import Floats
from scanwright.metrics.statistic import Statistic, UndefinedMetric, case_mean, check_numbers


@dataclass(frozen=True, slots=True)
class Agreement:
    """Bland and Altman's limits of agreement, in the unit of the number.

    Parameters
    ----------
    bias
        Mean of guess - truth.
    low, high
        bias ± 1.96 standard deviations: 19 of 20 differences lie between them if they are
        normally distributed.
    """

    bias: float
    low: float
    high: float


def bind_mean_absolute_error(truth: npt.ArrayLike, guess: npt.ArrayLike) -> Statistic:
    """Return the mean distance between guess and truth as a statistic."""
    true, guessed = check_numbers(truth, guess)
    return case_mean(np.abs(guessed - true))


def bind_root_mean_square_error(truth: npt.ArrayLike, guess: npt.ArrayLike) -> Statistic:
    """Return the root of the mean squared distance as a statistic."""
    true, guessed = check_numbers(truth, guess)
    square = case_mean((guessed - true) ** 2)
    return Statistic(len(true), lambda weights: np.sqrt(square(weights)), square.reason)


def bind_bias(truth: npt.ArrayLike, guess: npt.ArrayLike) -> Statistic:
    """Return the mean of guess - truth as a statistic."""
    true, guessed = check_numbers(truth, guess)
    return case_mean(guessed - true)


def bind_r_squared(truth: npt.ArrayLike, guess: npt.ArrayLike) -> Statistic:
    """Return 1 - squared errors / squared distances of the truth from its mean.

    1 is perfect, 0 is no better than always guessing the mean, below 0 is worse.
    """
    true, guessed = check_numbers(truth, guess)
    errors = (guessed - true) ** 2
    offset = true - true.mean() if len(true) else true  # keeps the sums of squares small

    def of(weights: Floats) -> Floats:
        total = weights.sum(axis=1)
        spread = weights @ offset**2 - (weights @ offset) ** 2 / total
        return 1 - (weights @ errors) / np.where(spread > _rounding(offset), spread, np.nan)

    return Statistic(len(true), of, "all true values are equal")


def bind_correlation(truth: npt.ArrayLike, guess: npt.ArrayLike) -> Statistic:
    """Return Pearson's correlation of truth and guess as a statistic."""
    true, guessed = check_numbers(truth, guess)
    x = true - true.mean() if len(true) else true
    y = guessed - guessed.mean() if len(true) else guessed

    def of(weights: Floats) -> Floats:
        total = weights.sum(axis=1)
        mean_x, mean_y = weights @ x / total, weights @ y / total
        spread_x = weights @ x**2 - total * mean_x**2
        spread_y = weights @ y**2 - total * mean_y**2
        usable = (spread_x > _rounding(x)) & (spread_y > _rounding(y))
        product = weights @ (x * y) - total * mean_x * mean_y
        return np.where(usable, product / np.sqrt(spread_x * spread_y), np.nan)

    return Statistic(len(true), of, "all true or all guessed values are equal")


def mean_absolute_error(truth: npt.ArrayLike, guess: npt.ArrayLike) -> float:
    """Return the mean distance between guess and truth, both shape (N,).

    Examples
    --------
    >>> mean_absolute_error([1.0, 2.0], [1.5, 2.0])
    0.25
    """
    return bind_mean_absolute_error(truth, guess).value()


def root_mean_square_error(truth: npt.ArrayLike, guess: npt.ArrayLike) -> float:
    """Return the root of the mean squared distance between guess and truth, both shape (N,)."""
    return bind_root_mean_square_error(truth, guess).value()


def r_squared(truth: npt.ArrayLike, guess: npt.ArrayLike) -> float:
    """Return the share of the variance of the truth that the guess explains, both shape (N,)."""
    return bind_r_squared(truth, guess).value()


def correlation(truth: npt.ArrayLike, guess: npt.ArrayLike) -> float:
    """Return Pearson's correlation of truth and guess, both shape (N,)."""
    return bind_correlation(truth, guess).value()


def limits_of_agreement(truth: npt.ArrayLike, guess: npt.ArrayLike) -> Agreement:
    """Return bias and limits of agreement (Bland & Altman 1986, Lancet 327:307).

    Raises
    ------
    UndefinedMetric
        There are fewer than two cases.
    """
    true, guessed = check_numbers(truth, guess)
    if len(true) < 2:
        raise UndefinedMetric("Limits of agreement need two cases.", got=len(true))
    gap = guessed - true
    half = 1.96 * float(gap.std(ddof=1))
    return Agreement(float(gap.mean()), float(gap.mean()) - half, float(gap.mean()) + half)


def _rounding(values: Floats) -> float:
    """Sum of squares below which only rounding is left."""
    return 1e-12 * float((values**2).sum())
