"""How sure a metric is: bootstrap over patients, and Wilson's interval for a proportion."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError
from scanwright.image import Floats
from scanwright.metrics.statistic import Integers, Statistic, UndefinedMetric

NORMAL = NormalDist()
"""Of mean 0 and deviation 1: its quantiles set the width of an interval."""

CHUNK_WEIGHTS = 400_000
"""Weights held as floats at a time: 3 MB, which stays in a processor's cache."""

FEWEST_REPLICATES = 20
"""With fewer defined replicates no interval is stated."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and the range that its true value is thought to lie in.

    Parameters
    ----------
    value
        The metric on the cases themselves.
    low, high
        Ends of the interval.
    level
        How often such an interval holds the true value, 0.95 by default.
    method
        How it was found, in words.
    skipped
        Replicates left out because the metric had no value there.
    """

    value: float
    low: float
    high: float
    level: float = 0.95
    method: str = ""
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Resamples:
    """Bootstrap draws of patients, made once and shared by all metrics of the same cases.

    Patients, not cases, are drawn with replacement: two images of one person are no two
    independent observations (cluster bootstrap; Davison & Hinkley 1997, section 3.8).

    Parameters
    ----------
    counts
        Shape (R, P): how often each patient was drawn.
    patient_of_case
        Shape (N,): index of the patient of each case.
    """

    counts: npt.NDArray[np.uint16] = field(repr=False)
    patient_of_case: Integers = field(repr=False)

    @classmethod
    def draw(
        cls, patients: Sequence[Hashable], replicates: int, rng: np.random.Generator
    ) -> "Resamples":
        """Draw `replicates` times as many patients as there are.

        Parameters
        ----------
        patients
            Whom each case belongs to, one per case.
        """
        if len(patients) == 0 or replicates < 1:
            raise InputError(
                "A bootstrap needs cases and replicates.",
                got=f"{len(patients)} cases, {replicates} replicates",
            )
        seen: dict[Hashable, int] = {}
        codes = np.array([seen.setdefault(name, len(seen)) for name in patients], dtype=np.int64)
        people = len(seen)
        counts = np.empty((replicates, people), dtype=np.uint16)
        for row in counts:
            row[:] = np.bincount(rng.integers(0, people, people), minlength=people)
        return cls(counts, codes)

    @property
    def patients(self) -> int:
        """Number of patients P."""
        return int(self.counts.shape[1])

    def weights(self) -> Iterator[Floats]:
        """Give the weight of every case, in chunks of shape (r, N) that add up to R rows."""
        step = max(1, CHUNK_WEIGHTS // len(self.patient_of_case))
        for start in range(0, len(self.counts), step):
            chunk = self.counts[start : start + step].astype(np.float64)
            yield chunk[:, self.patient_of_case]

    def apply(self, statistic: Statistic) -> Floats:
        """Return the statistic of every replicate, shape (R,); NaN where it is undefined."""
        return np.concatenate([statistic(chunk) for chunk in self.weights()])


def bootstrap(statistic: Statistic, resamples: Resamples, level: float = 0.95) -> Interval:
    """Return a metric with its percentile interval over patients.

    Replicates in which the metric has no value (a class was not drawn) are left out and
    counted, so the interval holds given that the metric can be measured.

    Raises
    ------
    UndefinedMetric
        The metric has no value on the cases, or in nearly all replicates.
    """
    value = statistic.value()
    draws, skipped = _defined(resamples.apply(statistic))
    low, high = np.quantile(draws, _tails(level))
    method = f"percentile bootstrap over {resamples.patients} patients"
    return Interval(value, float(low), float(high), level, method, skipped)


def bootstrap_rate(
    statistic: Statistic, resamples: Resamples, support: int, level: float = 0.95
) -> Interval:
    """Return a metric between 0 and 1 with an interval that stays honest at the ends.

    When every replicate gives the same value (all cases right, say) the bootstrap would claim
    certainty; Wilson's interval for `support` independent observations then takes its place.

    Parameters
    ----------
    support
        Number of independent observations that the value rests on; for an AUC the patients of
        the smaller class, which is the cautious choice.
    """
    found = bootstrap(statistic, resamples, level)
    if found.high - found.low > 1e-12:
        return found
    safe = wilson(found.value * support, support, level)
    method = f"Wilson, {support} observations (all bootstrap replicates were equal)"
    return Interval(found.value, safe.low, safe.high, level, method, found.skipped)


def bootstrap_centred(statistic: Statistic, resamples: Resamples, level: float = 0.95) -> Interval:
    """Return a metric with the spread of its replicates laid around it, never below zero.

    For metrics that drawing with replacement inflates, such as a calibration error, whose
    percentile interval can lie wholly above the value.
    """
    value = statistic.value()
    draws, skipped = _defined(resamples.apply(statistic))
    low, middle, high = np.quantile(draws, [_tails(level)[0], 0.5, _tails(level)[1]])
    method = f"bootstrap over {resamples.patients} patients, centred on the value"
    ends = (max(0.0, value - float(middle - low)), value + float(high - middle))
    return Interval(value, *ends, level, method, skipped)


def bootstrap_bca(statistic: Statistic, resamples: Resamples, level: float = 0.95) -> Interval:
    """Return a metric with its bias-corrected and accelerated interval over patients.

    Slower than the percentile interval by one evaluation per patient, and more exact for
    skewed metrics. Efron 1987, J. Am. Stat. Assoc. 82:171, equations 2.3 and 6.6.
    """
    value = statistic.value()
    draws, skipped = _defined(resamples.apply(statistic))
    share = (np.count_nonzero(draws < value) + np.count_nonzero(draws <= value)) / 2 / len(draws)
    margin = 1 / (2 * len(draws))
    bias = NORMAL.inv_cdf(float(np.clip(share, margin, 1 - margin)))
    bend = _acceleration(statistic, resamples)
    shifts = [bias + NORMAL.inv_cdf(tail) for tail in _tails(level)]
    tails = [NORMAL.cdf(bias + shift / (1 - bend * shift)) for shift in shifts]
    low, high = np.quantile(draws, tails)
    method = f"BCa bootstrap over {resamples.patients} patients"
    return Interval(value, float(low), float(high), level, method, skipped)


def bootstrap_difference(
    first: Statistic, second: Statistic, resamples: Resamples, level: float = 0.95
) -> tuple[Interval, float]:
    """Return `first` - `second` on the same cases, with interval and two-sided p-value.

    The p-value is twice the smaller share of replicates on one side of zero (ties half),
    never below 1 / R.
    """

    def of(weights: Floats) -> Floats:
        return first(weights) - second(weights)

    gap = Statistic(first.cases, of, first.reason)
    value = gap.value()
    draws, skipped = _defined(resamples.apply(gap))
    low, high = np.quantile(draws, _tails(level))
    below = (np.count_nonzero(draws < 0) + np.count_nonzero(draws == 0) / 2) / len(draws)
    p_value = min(1.0, max(2 * min(below, 1 - below), 1 / len(draws)))
    method = f"paired percentile bootstrap over {resamples.patients} patients"
    return Interval(value, float(low), float(high), level, method, skipped), float(p_value)


def wilson(successes: float, trials: int, level: float = 0.95) -> Interval:
    """Return a proportion with Wilson's score interval.

    Wilson 1927, J. Am. Stat. Assoc. 22:209. It stays inside 0 to 1 and keeps a width where
    the proportion is 0 or 1.

    Raises
    ------
    UndefinedMetric
        There is no trial.

    Examples
    --------
    >>> found = wilson(8, 10)
    >>> round(found.low, 3), round(found.high, 3)
    (0.49, 0.943)
    """
    if trials <= 0:
        raise UndefinedMetric("A proportion of no cases is not defined.", got=trials)
    share = successes / trials
    z = NORMAL.inv_cdf(_tails(level)[1])
    scale = 1 + z**2 / trials
    centre = (share + z**2 / (2 * trials)) / scale
    half = z / scale * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    low, high = max(0.0, float(centre - half)), min(1.0, float(centre + half))
    # Rounding must not push the ends past the value itself.
    return Interval(share, min(low, share), max(high, share), level, "Wilson")


def _tails(level: float) -> tuple[float, float]:
    if not 0 < level < 1:
        raise InputError(
            "The level of an interval lies between 0 and 1.", got=level, legal="0.95, say"
        )
    return (1 - level) / 2, (1 + level) / 2


def _defined(draws: Floats) -> tuple[Floats, int]:
    kept = draws[np.isfinite(draws)]
    if len(kept) < min(FEWEST_REPLICATES, len(draws)):
        raise UndefinedMetric(
            "The metric is undefined in nearly all bootstrap replicates.",
            got=f"defined in {len(kept)} of {len(draws)}",
            next="bring more cases of the rare classes",
        )
    return kept, len(draws) - len(kept)


def _acceleration(statistic: Statistic, resamples: Resamples) -> float:
    """Skewness of the leave-one-patient-out values, divided by 6 (Efron 1987, equation 6.6)."""
    step = max(1, CHUNK_WEIGHTS // len(resamples.patient_of_case))
    values = []
    for start in range(0, resamples.patients, step):
        left_out = np.arange(start, min(start + step, resamples.patients))
        values.append(statistic((left_out[:, None] != resamples.patient_of_case).astype(float)))
    jackknife = np.concatenate(values)
    jackknife = jackknife[np.isfinite(jackknife)]
    pull = jackknife.mean() - jackknife
    spread = float(np.sum(pull**2))
    return float(np.sum(pull**3)) / (6 * spread**1.5) if spread > 0 else 0.0
