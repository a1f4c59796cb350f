"""The learning rate over a run, as a factor of the highest rate."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from scanwright.base import Catalog
from scanwright.recipe import ScheduleChoice

Curve = Callable[[float, ScheduleChoice], float]
"""(share of the run that is done, options) → factor in [0, 1]."""


def _constant(done: float, choice: ScheduleChoice) -> float:
    return 1.0


def _step(done: float, choice: ScheduleChoice) -> float:
    cuts = sum(done >= milestone for milestone in choice.milestones)
    return float(choice.factor**cuts)


def _cosine(done: float, choice: ScheduleChoice) -> float:
    """Loshchilov & Hutter 2017, equation 5, one period."""
    return 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def _one_cycle(done: float, choice: ScheduleChoice) -> float:
    """Smith & Topin 2018 in its annealed form: up for 30 %, then down to 1e-4 of the peak."""
    rise = 0.3
    if done < rise:
        return 0.04 + 0.96 * 0.5 * (1 - math.cos(math.pi * done / rise))
    fall = min((done - rise) / (1 - rise), 1.0)
    return 1e-4 + (1 - 1e-4) * 0.5 * (1 + math.cos(math.pi * fall))


def _poly(done: float, choice: ScheduleChoice) -> float:
    return float(max(1 - done, 0.0) ** choice.power)


SCHEDULES: Catalog[Curve] = Catalog(
    "schedule",
    {
        "constant": _constant,
        "step": _step,
        "plateau": _constant,  # cut by validation; see Schedule.validated
        "cosine": _cosine,
        "one_cycle": _one_cycle,
        "poly": _poly,
    },
)

PLATEAU_PATIENCE = 3
"""Validations without a lower loss after which the plateau schedule cuts the rate."""


@dataclass(slots=True)
class Schedule:
    """The rate of one member: a curve, its warm-up, and cuts on a plateau.

    Parameters
    ----------
    choice
        Which curve, and its options.
    cut, lowest, waited
        State of the plateau schedule: product of all cuts, the lowest validation loss, and how
        many validations ago it was seen.
    """

    choice: ScheduleChoice
    cut: float = 1.0
    lowest: float = field(default=math.inf)
    waited: int = 0

    def factor(self, done: float) -> float:
        """Return the factor when a share `done` of the steps has been taken."""
        curve = SCHEDULES[self.choice.name](done, self.choice) * self.cut
        if self.choice.name != "one_cycle" and done < self.choice.warmup:
            return curve * max(done / self.choice.warmup, 0.01)
        return curve

    def validated(self, loss: float) -> None:
        """Hear the validation loss."""
        if self.choice.name != "plateau":
            return
        if loss < self.lowest:
            self.lowest, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited >= PLATEAU_PATIENCE:
            self.cut *= self.choice.factor
            self.waited = 0
