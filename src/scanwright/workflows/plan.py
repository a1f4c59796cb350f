"""Decide a recipe and time it, without training."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scanwright.base import SILENT, Progress
from scanwright.recipe import Recipe
from scanwright.training import Fit, ImageRows
from scanwright.workflows.allowance import plan_recipe
from scanwright.workflows.prepare import (
    Prepared,
    RunOptions,
    folds_of,
    open_store,
    prepare,
    truth_of,
)


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
        store = open_store(prepared, Path(place), progress)
        fit = Fit(
            recipe=prepared.recipe,
            material=ImageRows(np.asarray(store.images), truth_of(prepared, store)),
            folds=folds_of(prepared, store),
            folder=Path(place),
            compute=prepared.compute,
            memory_bytes=prepared.machine.memory_bytes,
            keep_best=lambda _: None,
        )
        costs = fit.measure()
        seconds = options.budget_seconds - (time.monotonic() - started)
        recipe = plan_recipe(prepared, fit, store, costs, seconds)
    return PlanResult(recipe, prepared)
