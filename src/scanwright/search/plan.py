"""How the time of a search is divided: how long trials are, and how many fit."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanwright.base import Plain
from scanwright.search.reach import SMALLEST_SHARE, Ladder, Reach, ladder_to

WANTED = 18
"""Trials after which the first good ones have been found and followed up."""
FEW = 5
"""With fewer trials than this a search is a guess."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Seconds measured on this machine.

    Parameters
    ----------
    final
        The default recipe's final schedule on the folds of one trial.
    fixed
        What a rung costs besides its steps: starting processes, validation.
    confirmation
        Final schedules that the confirmation takes.
    """

    final: float
    fixed: float
    confirmation: float


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What all who work on a search agree on.

    Parameters
    ----------
    ladder
        Rungs of each trial.
    reach
        What the rungs are shares of.
    trials
        Expected number of trials.
    is_exact
        Whether so many are run, no more and no fewer, unless time runs out.
    seed
        Of drawing and of training.
    reason
        Why so many.
    """

    ladder: Ladder
    reach: Reach
    trials: int
    is_exact: bool
    seed: int
    reason: str

    def to_plain(self) -> dict[str, Plain]:
        """Return it for JSON."""
        return {
            "shares": list(self.ladder.shares),
            "reach": self.reach.to_plain(),
            "trials": self.trials,
            "is_exact": self.is_exact,
            "seed": self.seed,
            "reason": self.reason,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "SearchPlan":  # Any: as JSON holds it
        """Return what `to_plain` gave."""
        reach = plain["reach"]
        operations = math.inf if reach["operations"] is None else reach["operations"]
        return cls(
            ladder=Ladder(tuple(plain["shares"])),
            reach=Reach(operations, reach["cases"], reach["steps"]),
            trials=plain["trials"],
            is_exact=plain["is_exact"],
            seed=plain["seed"],
            reason=plain["reason"],
        )

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(self.to_plain(), sort_keys=True)


def plan_search(
    seconds: float, prices: Prices, reach: Reach, final_steps: int, *, asked: "Asked"
) -> SearchPlan:
    """Decide how long trials are and how many fit.

    Trials are as long as the time allows for some 18 of them, at least a quarter of the final
    schedule; when even that leaves time, there are more of them.

    Parameters
    ----------
    seconds
        For trials and their confirmation.
    final_steps
        Steps of the default recipe's final schedule.
    """
    share = asked.share or _share(seconds, prices, final_steps)
    ladder = ladder_to(share, final_steps)
    top = share * prices.final + prices.fixed
    left = seconds - (prices.confirmation + ladder.whole_cost) * top
    average = ladder.cost * share * prices.final + prices.fixed * len(ladder.shares)
    fitting = 1 + max(int(left / average), 0)
    trials = asked.trials or fitting
    return SearchPlan(
        ladder=ladder,
        reach=reach,
        trials=trials,
        is_exact=bool(asked.trials),
        seed=asked.seed,
        reason=_reason(ladder, top, trials, asked),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user decided in place of the rules; 0 leaves it to them."""

    trials: int = 0
    share: float = 0.0
    seed: int = 0


def _share(seconds: float, prices: Prices, final_steps: int) -> float:
    """Return the length of the longest schedules with which enough trials fit."""
    for share in (1.0, 0.75, 0.5, 0.35):
        ladder = ladder_to(share, final_steps)
        units = prices.confirmation + ladder.whole_cost + (WANTED - 1) * ladder.cost
        rungs = prices.confirmation + WANTED * len(ladder.shares)
        if units * share * prices.final + rungs * prices.fixed <= seconds:
            return share
    return SMALLEST_SHARE


def _reason(ladder: Ladder, top: float, trials: int, asked: Asked) -> str:
    rungs = ", ".join(f"{100 * share:.3g} %" for share in ladder.shares)
    words = f"a trial trains schedules of {rungs} of the final one, the longest in {top:.3g} s"
    if asked.trials:
        return f"{words}; {trials} trials were asked for"
    if trials < FEW:
        return f"{words}; only {trials} fit: give a larger --budget to search in earnest"
    return f"{words}; about {trials} fit into the time"
