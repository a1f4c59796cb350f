"""Whether the best recipe found is better than the default, by more than chance gives."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scanwright.base import Plain

LEVEL = 0.95
"""Certainty asked for before the default is given up, one-sided."""


@dataclass(frozen=True, slots=True)
class Gain:
    """The gain over the default on cases that had no part in the choice.

    Parameters
    ----------
    found, default
        Figure of merit of each, by fold and seed, paired.
    value
        Mean difference.
    low, high
        Limits of its 90 % interval; the gain lies above `low` with a certainty of 95 %.
    """

    found: tuple[float, ...]
    default: tuple[float, ...]
    value: float
    low: float
    high: float

    @property
    def is_real(self) -> bool:
        """Whether the gain is larger than its noise."""
        return self.low > 0

    def to_plain(self) -> dict[str, Plain]:
        """Return it for JSON; limits that do not exist as null."""
        return {
            "found": list(self.found),
            "default": list(self.default),
            "value": self.value,
            "low": self.low if math.isfinite(self.low) else None,
            "high": self.high if math.isfinite(self.high) else None,
            "is_real": self.is_real,
        }


def measure_gain(found: Sequence[float], default: Sequence[float], ratio: float) -> Gain:
    """Compare paired scores by the corrected resampled t-test.

    The folds' training cases overlap, so their differences vary less than independent ones would;
    the variance of the mean is therefore (1/n + ratio) s², not s²/n (Nadeau & Bengio 2003,
    Inference for the generalization error, section 5).

    Parameters
    ----------
    found, default
        Scores of the same folds and seeds, in the same order.
    ratio
        Validation cases over training cases of a fold.

    >>> measure_gain([0.9, 0.9, 0.9], [0.8, 0.8, 0.8], 0.25).is_real
    True
    """
    from scipy.stats import t

    differences = np.asarray(found, dtype=np.float64) - np.asarray(default, dtype=np.float64)
    count = len(differences)
    mean = float(differences.mean())
    if count < 2:
        return Gain(tuple(found), tuple(default), mean, -math.inf, math.inf)
    deviation = float(differences.std(ddof=1)) * math.sqrt(1 / count + ratio)
    reach = deviation * float(t.ppf(LEVEL, count - 1))
    return Gain(tuple(found), tuple(default), mean, mean - reach, mean + reach)
