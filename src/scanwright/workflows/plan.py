"""Decide a recipe and time it, without training."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from scanwright.base import SILENT, Progress
from scanwright.recipe import Recipe
from scanwright.workflows.course import fit_of
from scanwright.workflows.courses import open_course
from scanwright.workflows.prepare import Prepared, RunOptions, prepare


@dataclass(frozen=True, slots=True)
class PlanResult:
    """A recipe, and what it was decided from."""

    recipe: Recipe
    prepared: Prepared


def plan(data: str, options: RunOptions | None = None, progress: Progress = SILENT) -> PlanResult:
    """Decide everything that `train` would, and stop before the first step.

    Raises
    ------
    InputError
        The data cannot be used.
    """
    started = time.monotonic()
    options = options or RunOptions()
    prepared = prepare(data, options, started, progress)
    if prepared.recipe.schedule.steps:
        return PlanResult(prepared.recipe, prepared)
    with tempfile.TemporaryDirectory(prefix="scanwright-plan-") as place:
        course = open_course(prepared, Path(place), progress)
        fit = fit_of(course, prepared, Path(place))
        costs = fit.measure()
        seconds = options.budget_seconds - (time.monotonic() - started)
        recipe = course.plan(fit, costs, seconds)
    return PlanResult(recipe, prepared)
