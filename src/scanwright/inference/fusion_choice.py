"""Which way of fusing boxes helps, judged on cases that the networks did not see in training."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scanwright.inference.fusion import FusionOptions
from scanwright.inference.proposals import Fused, Proposals

LEAST_GAIN = 0.003
"""Rise of the merit below which the way that is set stays: less is mostly chance."""

OVERLAPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
"""Overlaps worth a trial."""


@dataclass(frozen=True, slots=True)
class FusionTrial:
    """What a way of fusing did to the merit; of all trials at most one is kept."""

    options: FusionOptions
    before: float
    after: float
    is_kept: bool


def candidate_fusions(default: FusionOptions) -> tuple[FusionOptions, ...]:
    """Return what is worth a trial: both methods at some overlaps, without the default itself."""
    ways = [
        default.model_copy(update={"method": method, "overlap": overlap})
        for method in ("cluster", "suppress")
        for overlap in OVERLAPS
    ]
    return tuple(way for way in ways if way != default)


def choose_fusion(
    cases: Sequence[Proposals],
    default: FusionOptions,
    candidates: Sequence[FusionOptions],
    judge: Callable[[list[Fused]], float],
) -> tuple[FusionTrial, ...]:
    """Try ways of fusing the same proposals.

    Parameters
    ----------
    cases
        Proposals by networks that were not trained on the case.
    default
        What is kept unless another is better.
    candidates
        In the order of trial.
    judge
        Gives the merit of what was found in the cases, in their order; higher is better.

    Returns
    -------
    One trial per candidate, `before` being the merit of the default. The best is kept where it is
    better than the default by at least 0.003; of equal ones the first.
    """
    before = _merit(cases, default, judge)
    merits = [_merit(cases, candidate, judge) for candidate in candidates]
    best = max(merits, default=before)
    winner = merits.index(best) if merits and best - before >= LEAST_GAIN else -1
    return tuple(
        FusionTrial(candidate, before, after, is_kept=place == winner)
        for place, (candidate, after) in enumerate(zip(candidates, merits, strict=True))
    )


def chosen_fusion(default: FusionOptions, trials: Sequence[FusionTrial]) -> FusionOptions:
    """Return the way that was kept, or the default."""
    return next((trial.options for trial in trials if trial.is_kept), default)


def _merit(
    cases: Sequence[Proposals], options: FusionOptions, judge: Callable[[list[Fused]], float]
) -> float:
    return judge([case.fused(options) for case in cases])
