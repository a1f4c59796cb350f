"""How long a trial trains: a share of the schedule that the final training would take."""

import math
from dataclasses import dataclass

from scanwright.base import Plain
from scanwright.nets import count_operations
from scanwright.recipe import Recipe, assemble_network, enough_passes
from scanwright.training import enough_steps

FACTOR = 3
"""Each rung trains this many times as long as the one below it, and one in so many goes on."""
MOST_RUNGS = 3
LEAST_STEPS = 30
"""A schedule with fewer steps than this tells nothing."""
SMALLEST_SHARE = 0.25
"""Schedules much shorter than the final one favour other settings than it does."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the final training can do, by which trials are scaled.

    Parameters
    ----------
    operations
        Multiply-adds, forward, that the time allows one network; infinite without a limit.
    cases
        Cases that a network learns from.
    steps
        Steps that the recipe prescribes; 0 where time decides.
    """

    operations: float
    cases: int
    steps: int = 0

    def final_steps(self, recipe: Recipe) -> int:
        """Return the steps that the final training of a recipe would take."""
        if self.steps:
            return self.steps
        batch = min(recipe.training.batch, self.cases)
        passes = enough_passes(self.cases) / self.cases
        enough = enough_steps(self.cases, recipe.training.batch, passes)
        affordable = self.operations / operations_of(recipe) / batch
        return max(LEAST_STEPS, int(min(affordable, enough) * recipe.schedule.length))

    def steps_at(self, recipe: Recipe, share: float) -> int:
        """Return the steps of a trial whose schedule is a share of the final one."""
        final = self.final_steps(recipe)
        return min(final, max(LEAST_STEPS, round(share * final)))

    def to_plain(self) -> dict[str, Plain]:
        """Return it for JSON, which knows no infinity."""
        operations = self.operations if math.isfinite(self.operations) else None
        return {"operations": operations, "cases": self.cases, "steps": self.steps}


def operations_of(recipe: Recipe) -> float:
    """Return the multiply-adds of one image in a recipe's network."""
    network = assemble_network(recipe)
    return float(count_operations(network, recipe.network.channels, recipe.network.size))


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs that a trial climbs, each a whole schedule of its own.

    A schedule cut off in the middle, with its rate still high, says little of how it would have
    ended; so a rung is a short schedule from its first to its last step, not a part of a long one.

    Parameters
    ----------
    shares
        Length of each rung's schedule as a share of the final one, ascending by FACTOR.
    """

    shares: tuple[float, ...]

    @property
    def resources(self) -> tuple[int, ...]:
        """Rungs as whole numbers: 1, 3, 9."""
        return tuple(FACTOR**rung for rung in range(len(self.shares)))

    @property
    def cost(self) -> float:
        """Expected cost of a trial, in schedules of the top rung.

        Of FACTOR trials one goes on, so that all rungs together cost the same.
        """
        return len(self.shares) / float(FACTOR ** (len(self.shares) - 1))

    @property
    def whole_cost(self) -> float:
        """Cost of a trial that climbs all rungs, in schedules of the top rung."""
        return sum(float(FACTOR) ** -rung for rung in range(len(self.shares)))


def ladder_to(share: float, final_steps: int) -> Ladder:
    """Return as many rungs up to `share` as have schedules that tell something.

    >>> ladder_to(1.0, 300).shares
    (0.1111111111111111, 0.3333333333333333, 1.0)
    """
    rungs = 1
    while rungs < MOST_RUNGS and share * final_steps / FACTOR**rungs >= LEAST_STEPS:
        rungs += 1
    return Ladder(tuple(share / FACTOR**rung for rung in reversed(range(rungs))))
