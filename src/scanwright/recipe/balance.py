"""How much each class weighs, from how many cases it has."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from scanwright.base import RecipeError
from scanwright.image import Floats

Weigh = Callable[[Floats], Floats]
"""Maps numbers of cases, all above 0, to weights, of which only the ratios count."""

Truth = npt.NDArray[Any]  # Any: integers for classes and grades, floats for findings and numbers
"""Encoded truths of N cases: (N,) or (N, K)."""


def by_power(power: float) -> Weigh:
    """Return weights n ** -power: 1 makes classes equal, 0 leaves them as they are."""
    return lambda counts: np.asarray(counts**-power)


def by_effective_number(beta: float) -> Weigh:
    """Return weights (1 - β) / (1 - β^n), the inverse of the effective number of cases.

    Cui et al. 2019, Class-balanced loss based on effective number of samples, equation 4: further
    cases of a class tell ever less that is new. β = 0 weighs alike; β → 1 gives 1 / n.
    """
    return lambda counts: (1 - beta) / (1 - beta**counts)


def balance_one(truth: Truth, classes: int, weigh: Weigh) -> list[float]:
    """Weigh classes, of mean 1 over cases; a class that has none weighs 0."""
    counts = np.bincount(truth, minlength=classes).astype(np.float64)
    raw = np.where(counts > 0, weigh(np.maximum(counts, 1.0)), 0.0)
    mean = float((raw * counts).sum() / counts.sum())
    return [float(value) for value in raw / mean]


def balance_each(truth: Truth, classes: int, weigh: Weigh) -> list[float]:
    """Weigh the positives of each label against its negatives."""
    positives = len(truth) * np.clip(truth.mean(axis=0), 1e-3, 1 - 1e-3)
    ratio = weigh(positives) / weigh(len(truth) - positives)
    return [float(value) for value in ratio]


def balance_nothing(truth: Truth, classes: int, weigh: Weigh) -> list[float]:
    """Refuse.

    Raises
    ------
    RecipeError
        Always: numbers have no classes.
    """
    raise RecipeError(
        "A task that learns a number has no classes to balance.",
        legal="training.balance = 0, training.effective = 0 and training.resample = 0",
    )
