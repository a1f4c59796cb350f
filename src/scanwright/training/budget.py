"""How many steps fit into the time: from steps timed on this machine, never guessed."""

import math
from collections.abc import Callable
from dataclasses import dataclass

FILL = 0.93
"""Share of the budget that the plan fills; the rest absorbs a machine that slows down."""
LEAST_STEPS = 30
"""A member with fewer steps than this learns nothing."""
TOLERANCE = 0.08
"""A remaining plan is kept while its expected end is off by less than this share."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds measured on this machine.

    Parameters
    ----------
    step
        One training step.
    validation
        One pass over a member's validation cases.
    """

    step: float
    validation: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps of each member, and why so many."""

    steps: int
    reason: str


def plan_steps(seconds: float, costs: Costs, *, rounds: int, validations: int, enough: int) -> Plan:
    """Divide the time among rounds of members that train side by side.

    Parameters
    ----------
    seconds
        Time left for training.
    rounds, validations
        Rounds, and how often each member is validated.
    enough
        Steps after which a member gains nothing more on a set of this size.
    """
    usable = FILL * seconds - rounds * validations * costs.validation
    affordable = usable / costs.step / rounds  # infinite without a budget
    timed = f"a step takes {1000 * costs.step:.3g} ms on this machine"
    if affordable >= enough:
        share = 100 * rounds * enough * costs.step / max(usable, 1e-9)
        return Plan(
            enough,
            f"{timed}; {enough} steps are enough for a set of this size and take {share:.0f} % of "
            "the time that the budget leaves, so the run ends early",
        )
    if affordable < LEAST_STEPS:
        return Plan(
            LEAST_STEPS,
            f"{timed}; the budget is too small for networks of {LEAST_STEPS} steps, the least that "
            "learn anything, and will be overrun",
        )
    return Plan(int(affordable), f"{timed}; {int(affordable)} steps a network fill the budget")


@dataclass(slots=True)
class Pace:
    """Keeps a run inside its budget when the machine turns out slower or faster than timed.

    Parameters
    ----------
    deadline
        Clock reading by which training must end.
    clock
        Seconds, monotonic.
    enough
        Steps after which a member gains nothing more.
    """

    deadline: float
    clock: Callable[[], float]
    enough: int

    def steps_for_next(self, planned: int, rounds_left: int, per_step: float) -> int:
        """Return the steps of a member about to start, with the rounds left, its own included."""
        left = max(self.deadline - self.clock(), 0.0) / rounds_left
        affordable = max(int(left / per_step), LEAST_STEPS)
        if abs(affordable - planned) <= TOLERANCE * planned:
            return planned
        return min(affordable, max(planned, self.enough))

    def total_for_current(self, step: int, total: int, per_step: float, rounds_after: int) -> int:
        """Return the total of the member in training, cut when its end would pass the deadline.

        Later rounds keep their fair share of what is left.
        """
        if step >= total:
            return total
        left = max(self.deadline - self.clock(), 0.0)
        mine = left * (total - step) / (total - step + rounds_after * total)
        affordable = int(mine / per_step)
        if affordable >= (total - step) * (1 - TOLERANCE):
            return total
        return max(step + affordable, step + 1)


def enough_steps(cases: int, batch: int, epochs: float) -> int:
    """Return the steps after which every case was seen `epochs` times."""
    return max(LEAST_STEPS, math.ceil(cases * epochs / min(batch, cases)))
