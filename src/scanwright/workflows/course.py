"""What differs between kinds of answers on the way from prepared data to evidence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scanwright.base import SILENT, Progress
from scanwright.inference import Decision
from scanwright.recipe import Recipe
from scanwright.training import Costs, Fit, Fold, Material, Trained
from scanwright.workflows.evidence import Evaluation
from scanwright.workflows.prepare import Prepared


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a trained ensemble came to.

    Parameters
    ----------
    recipe
        With what validation decided.
    finders
        Networks that look first, where validation keeps them.
    """

    recipe: Recipe
    decision: Decision
    evaluation: Evaluation
    finders: tuple[Trained, ...] = ()


class Course(Protocol):
    """Cases in the form that is learnt from, and all that is asked about them."""

    @property
    def material(self) -> Material:
        """What networks are trained on."""

    @property
    def folds(self) -> Sequence[Fold]:
        """Which cases each member learns from and is validated on."""

    def plan(self, fit: Fit, costs: Costs, seconds: float) -> Recipe:
        """Set the number of steps so that everything ends inside the seconds left."""

    def after_seconds(self, fit: Fit, validation_seconds: float) -> float:
        """Expect the seconds from the end of training to the end of the run."""

    def most_steps(self, fit: Fit) -> int:
        """Return the steps that no member exceeds, however fast the machine turns out to be."""

    def train(self, fit: Fit) -> list[Trained]:
        """Train all members, or go on where they stand."""

    def decision(self, fit: Fit, members: Sequence[Trained]) -> Decision:
        """Choose on validation how outputs become an answer."""

    def conclude(
        self, fit: Fit, members: Sequence[Trained], notes: tuple[str, ...], spare: float
    ) -> Conclusion:
        """Measure validation, then look at the test part, once.

        Parameters
        ----------
        spare
            Seconds for a comparison with a classical model; none is made with 0.
        """


def fit_of(
    course: Course,
    prepared: Prepared,
    folder: Path,
    keep_best: Callable[[Trained], None] = lambda _: None,
    progress: Progress = SILENT,
) -> Fit:
    """Return the fit of a course, its states in `folder`."""
    return Fit(
        recipe=prepared.recipe,
        material=course.material,
        folds=course.folds,
        folder=folder,
        compute=prepared.compute,
        memory_bytes=prepared.machine.memory_bytes,
        keep_best=keep_best,
        progress=progress,
    )
