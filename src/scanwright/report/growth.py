"""What more cases would do for two models: gains with each doubling, and where curves cross."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from scanwright.base import InputError
from scanwright.image import Floats
from scanwright.metrics import Interval, Resamples, UndefinedMetric
from scanwright.report.duel import MAIN_METRIC
from scanwright.report.measure import MeasureOptions
from scanwright.report.metric import metric_set
from scanwright.report.outcomes import Outcomes

LAST_POINTS = 3
"""Of a curve, that say how it goes on; what lies further left is steeper for every model."""
REACH = 8.0
"""Times as many cases as there are, up to which curves are thought on."""
FEWEST_REPLICATES = 20
"""With fewer that are defined nothing is said."""


@dataclass(frozen=True, slots=True)
class Learner:
    """A model after learning from rising numbers of cases.

    Parameters
    ----------
    outcomes
        One for each number, all on the same held-out cases.
    """

    name: str
    outcomes: Sequence[Outcomes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where two learning curves meet.

    Parameters
    ----------
    cases
        Number of cases to learn from.
    low, high
        Ends of its interval; None where an end lies outside what is seen or thought on.
    is_seen
        Whether it lies among the numbers that were tried; else it is thought on from them.
    share
        Of the resamples of patients, in which the curves meet as well, in the same sense.
    """

    cases: float
    low: float | None
    high: float | None
    is_seen: bool
    share: float


@dataclass(frozen=True, slots=True)
class Growth:
    """How two models gain from more cases.

    Parameters
    ----------
    cases
        Numbers that the gains are read off, ascending.
    first, second
        Gain of each model when cases double; above zero is better, for errors too.
    gap
        First minus second gain.
    sentence
        For readers: whom more cases would help more, how sure that is, and where curves cross.
    """

    metric: str
    cases: tuple[int, ...]
    first: Interval
    second: Interval
    gap: Interval
    crossing: Crossing | None
    sentence: str


def growth_of(
    first: Learner,
    second: Learner,
    cases: Sequence[int],
    options: MeasureOptions,
    rng: np.random.Generator,
) -> Growth | None:
    """Say whether more cases would help the first model more than the second.

    The gain of a doubling is the slope of the metric over the binary logarithm of the number of
    cases, by least squares through the last points. All intervals are percentiles of resampled
    patients, the same for both models and all points.

    Parameters
    ----------
    cases
        What each outcome was learnt from, ascending.

    Returns
    -------
    None where there are fewer than two numbers of cases, or the metric is not defined.

    Raises
    ------
    InputError
        The held-out cases differ.
    """
    _check_same([*first.outcomes, *second.outcomes])
    if len(set(cases[-LAST_POINTS:])) < 2:
        return None
    curves = _Curves.of(first, second, cases, options, rng)
    return None if curves is None else curves.growth((first.name, second.name), options.level)


def _check_same(outcomes: Sequence[Outcomes]) -> None:
    one = outcomes[0]
    for other in outcomes:
        if other.cases != one.cases or not np.array_equal(other.truth, one.truth):
            raise InputError(
                "Points of learning curves can be compared on the same cases only.",
                got=f"{one.count} and {other.count} cases that differ in name or truth",
            )


@dataclass(frozen=True, slots=True)
class _Curves:
    """Both curves, as they are and in each resample.

    Parameters
    ----------
    at
        Binary logarithms of the numbers of cases, shape (P,).
    values, draws
        Shapes (2, P, 1) and (2, P, R); higher is better.
    skipped
        Resamples without a value.
    """

    metric: str
    title: str
    patients: int
    at: Floats
    values: Floats
    draws: Floats
    skipped: int

    @classmethod
    def of(
        cls,
        first: Learner,
        second: Learner,
        cases: Sequence[int],
        options: MeasureOptions,
        rng: np.random.Generator,
    ) -> "_Curves | None":
        one = first.outcomes[0]
        metric = next(row for row in metric_set(one) if row.name == MAIN_METRIC[one.kind])
        sign = -1.0 if metric.name == "mae" else 1.0
        resamples = Resamples.draw(one.patients, options.replicates, rng)
        bound = [
            [metric.bind(outcomes) for outcomes in model.outcomes] for model in (first, second)
        ]
        try:
            values = np.array([[[row.value()] for row in rows] for rows in bound])
        except UndefinedMetric:  # said so among the scores
            return None
        draws = np.array([[resamples.apply(row) for row in rows] for rows in bound])
        known = np.isfinite(draws).all(axis=(0, 1))
        if np.count_nonzero(known) < FEWEST_REPLICATES:
            return None
        skipped = int(np.count_nonzero(~known))
        at = np.log2(np.asarray(cases, dtype=np.float64))
        about = (metric.name, metric.title, resamples.patients, at)
        return cls(*about, sign * values, sign * draws[:, :, known], skipped)

    def growth(self, names: tuple[str, str], level: float) -> Growth:
        tails = ((1 - level) / 2, (1 + level) / 2)
        last = slice(-LAST_POINTS, None)
        at = self.at[last] - self.at[last].mean()
        factors = (at / (at**2).sum())[:, None]
        gains = [(curve[:, last] * factors).sum(axis=1) for curve in (self.values, self.draws)]
        gains = [np.stack([gain[0], gain[1], gain[0] - gain[1]]) for gain in gains]
        method = f"paired percentile bootstrap over {self.patients} patients"
        first, second, gap = (
            Interval(float(value[0]), *_ends(draws, tails), level, method, self.skipped)
            for value, draws in zip(*gains, strict=True)
        )
        cases = tuple(round(2.0**number) for number in self.at[last].tolist())
        crossing = self._crossing(gains[0][2], gains[1][2], tails)
        claim = self._claim(names, gap)
        words = [_gain_words(claim, names, self._name, cases, (first, second, gap))]
        words.append(self._crossing_words(names, crossing, gap.value))
        return Growth(self.metric, cases, first, second, gap, crossing, " ".join(words))

    @property
    def _leads(self) -> tuple[Floats, Floats]:
        """First minus second at each number, as it is (P, 1), and in each resample (P, R)."""
        return self.values[0] - self.values[1], self.draws[0] - self.draws[1]

    @property
    def _name(self) -> str:
        return self.title if self.title[:2].isupper() else self.title[0].lower() + self.title[1:]

    def _claim(self, names: tuple[str, str], gap: Interval) -> str:
        """Say whom more cases would help more, where the last doubling alone says so, too."""
        first, second = (curve[-1, 0] - curve[-2, 0] for curve in self.values)
        claim = "More cases would probably help the {} more than the {}"
        if gap.low > 0 and first > max(second, 0):
            return claim.format(*names)
        if gap.high < 0 and second > max(first, 0):
            return claim.format(*names[::-1])
        return "Whom more cases would help more is open"

    def _crossing(
        self, gap: Floats, gap_draws: Floats, tails: tuple[float, float]
    ) -> Crossing | None:
        lead, draws = self._leads
        start, end = np.sign(lead[0, 0]), np.sign(lead[-1, 0])
        if start * end < 0:
            found = _met(self.at, lead)
            every = _met(self.at, draws)
            # Where the order at the right end was there all along, the curves met before.
            every[np.isnan(every) & (np.sign(draws[-1]) == end)] = -np.inf
            every[np.isnan(every)] = np.inf
            agree = (np.sign(draws[0]) == start) & (np.sign(draws[-1]) == end)
            inside = (self.at[0], self.at[-1])
            return _made(float(found[0]), every, float(np.mean(agree)), inside, tails)
        found = _steps_to(lead[-1], gap, end)
        if not found[0] <= np.log2(REACH):
            return None
        every = _steps_to(draws[-1], gap_draws, end)
        share = float(np.mean(every <= np.log2(REACH)))
        inside = (self.at[-1], self.at[-1] + np.log2(REACH))
        made = _made(self.at[-1] + float(found[0]), self.at[-1] + every, share, inside, tails)
        return Crossing(made.cases, made.low, made.high, is_seen=False, share=made.share)

    def _crossing_words(
        self, names: tuple[str, str], crossing: Crossing | None, gain: float
    ) -> str:
        lead = self._leads[0][:, 0]
        leader, other = names if lead[-1] > 0 else names[::-1]
        if crossing is not None and crossing.is_seen:
            return (
                f"The curves cross near {_count(crossing.cases)} cases: with fewer the {other} is "
                f"ahead, with more the {leader}; so it is in {crossing.share:.0%} of resamples of "
                "the patients."
            )
        most = _count(REACH * 2.0 ** self.at[-1])
        if crossing is not None:
            low = _count(crossing.low) if crossing.low is not None else "now"
            high = _count(crossing.high) if crossing.high is not None else f"beyond {most}"
            return (
                f"If both went on so, the {other} would draw level near {_count(crossing.cases)} "
                f"cases (95 %: from {low} to {high}); curves flatten, so that this is a guess."
            )
        if lead[-1] == 0:
            return f"With {2.0 ** self.at[-1]:.0f} cases the two are level."
        if not np.all(lead * lead[-1] >= 0):
            return "Within the numbers seen their order is not settled."
        words = f"The {other} is ahead at no number of cases seen"
        if lead[-1] * gain < 0:
            return f"{words}, and the {other} would not draw level with {most} cases either."
        return f"{words}, and nothing says that the {other} would catch up."


def _made(
    value: float,
    every: Floats,
    share: float,
    inside: tuple[float, float],
    tails: tuple[float, float],
) -> Crossing:
    """Return a crossing from binary logarithms; ends outside `inside` are left open."""
    ends = np.quantile(every, tails, method="inverted_cdf")  # infinite ones do not interpolate
    low = 2.0 ** float(ends[0]) if ends[0] > inside[0] else None
    high = 2.0 ** float(ends[1]) if ends[1] < inside[1] else None
    return Crossing(2.0**value, low, high, is_seen=True, share=share)


def _met(at: Floats, lead: Floats) -> Floats:
    """Return where each column of `lead` (P, R) last changes its sign; NaN where it never does."""
    found = np.full(lead.shape[1], np.nan)
    for left in range(len(at) - 1):
        one, other = lead[left], lead[left + 1]
        turns = one * other < 0
        share = one[turns] / (one[turns] - other[turns])
        found[turns] = at[left] + share * (at[left + 1] - at[left])
    return found


def _steps_to(lead: Floats, gap: Floats, side: float) -> Floats:
    """Return after how many doublings a lead (R,) on a side is used up; infinite if never."""
    steps = np.full(lead.shape, np.inf)
    closing = lead * gap < 0
    steps[closing] = -lead[closing] / gap[closing]
    steps[np.sign(lead) != side] = 0.0
    return steps


def _ends(draws: Floats, tails: tuple[float, float]) -> tuple[float, float]:
    low, high = np.quantile(draws, tails)
    return float(low), float(high)


def _gain_words(
    claim: str,
    names: tuple[str, str],
    metric: str,
    cases: tuple[int, ...],
    gains: tuple[Interval, Interval, Interval],
) -> str:
    first, second, gap = gains
    return (
        f"{claim}: from {cases[0]} to {cases[-1]} cases the {metric} of the {names[0]} improves by "
        f"{_span(first)} with each doubling, that of the {names[1]} by {_span(second)}, which "
        f"differs by {_span(gap)}."
    )


def _count(cases: float) -> str:
    """Return a number of cases to three digits: more would pretend to be exact."""
    return f"{float(f'{cases:.3g}'):.0f}"


def _span(gain: Interval) -> str:
    words = f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
    return words.replace("-", "\u2212")
