"""The network that looks first, at low resolution, so that the others look only where it found."""

from collections.abc import Sequence
from typing import Any

from scanwright.base import Options, RecipeError, option
from scanwright.nets import answer_of

PlainSteps = Sequence[dict[str, Any]]  # Any: each step checks its own options

LEAST_EDGE = 8
"""Of a window."""


class FinderChoice(Options):
    """A coarse network that looks first; the others then look only near what it found."""

    share: float = option(
        0.0, low=0.0, high=0.9, help="Part of the time for training that it takes; 0 for none."
    )
    factor: float = option(
        2.0, low=1.0, high=64.0, help="How many times coarser its finest axis is."
    )
    name: str = option("unet_light", help="Network, by its name in the catalog.")
    size: tuple[int, ...] = option((), help="Edges of its window; as the others' when empty.")
    batch: int = option(2, low=1, help="Windows per step.")
    steps: tuple[int, ...] = option(
        (), help="Steps of each member; set by the budget, or as the others' when empty."
    )
    margin_mm: float = option(
        10.0, low=0.0, help="How far around what was found the others look.", unit="mm"
    )

    @property
    def is_used(self) -> bool:
        """Whether anything looks first."""
        return self.share > 0

    def check(self, rank: int, members: int, preprocessing: PlainSteps) -> None:
        """Check that it fits the networks that look after it.

        Raises
        ------
        RecipeError
            It does not.
        """
        if not self.is_used:
            return
        if answer_of(self.name) != "element":
            raise RecipeError(
                "What looks first must answer for each element.",
                got=f"{self.name}, which answers for each {answer_of(self.name)}",
                where="finder.name",
            )
        if self.size and (len(self.size) != rank or min(self.size) < LEAST_EDGE):
            raise RecipeError(
                "The finder's window does not fit.",
                got=list(self.size),
                legal=f"{rank} edges of {LEAST_EDGE} or more",
                where="finder.size",
            )
        if self.steps and len(self.steps) != members:
            raise RecipeError(
                "Each finder needs a number of steps.",
                got=f"{len(self.steps)} numbers",
                legal=f"{members}, or none to let the budget decide",
                where="finder.steps",
            )
        if not any("spacing_mm" in step for step in preprocessing):
            raise RecipeError(
                "A finder needs images whose spacing is known.",
                legal="preprocessing with a step that resamples to a spacing",
                next="set finder.share to 0",
                where="finder.share",
            )

    def spacing_of(self, spacing_mm: Sequence[float]) -> tuple[float, ...]:
        """Return the spacing on which it looks: the finest axes are made coarser first.

        >>> FinderChoice(factor=3.0).spacing_of((2.0, 1.0, 1.0))
        (3.0, 3.0, 3.0)
        """
        coarsest = min(spacing_mm) * self.factor
        return tuple(round(max(step, coarsest), 6) for step in spacing_mm)

    def preprocessing(self, steps: PlainSteps) -> tuple[dict[str, Any], ...]:  # Any: as above
        """Return the steps of the other networks, but to its own spacing."""
        return tuple(
            {**step, "spacing_mm": list(self.spacing_of(step["spacing_mm"]))}
            if "spacing_mm" in step
            else dict(step)
            for step in steps
        )
