"""What courses that show windows to networks have in common."""

import hashlib
from collections.abc import Callable
from math import prod
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanwright.base import SILENT, Progress
from scanwright.data import Entry, Preparation, WindowStore, build_window_store, read_case
from scanwright.image import BoxesTarget
from scanwright.inference import Compute, choose_compute, window_starts
from scanwright.recipe import Recipe
from scanwright.training import Fit, Fold, StoredWindows
from scanwright.workflows.prepare import Prepared, files_key, folds_of

MIRROR_SHARE = 0.1
"""Trying mirrored views may take this share of the time."""


def open_windows(
    prepared: Prepared, folder: Path, progress: Progress = SILENT
) -> tuple[WindowStore, list[Fold]]:
    """Preprocess every case to learn from or to validate on, or reuse what is there."""
    recipe = prepared.recipe
    entries = {
        entry.name: entry
        for fold in prepared.plan.folds
        for entry in (*fold.train, *fold.validation)
    }
    preparation = Preparation(
        read_case,
        recipe.pipeline(),
        recipe.task.scheme,
        recipe.network.size,
        source_key=_case_key,
    )
    store = build_window_store(sorted(entries.items()), preparation, folder, progress=progress)
    place = {name: row for row, name in enumerate(store.names)}
    return store, folds_of(prepared.plan.folds, place)


def seconds_per_case(material: StoredWindows, fit: Fit, validation_seconds: float) -> float:
    """Expect the seconds in which one network sees all windows of a case."""
    judge = material.judge(fit.recipe, fit.folds[0], fit.means)
    store = material.store
    window, overlap = fit.recipe.network.size, fit.recipe.inference.overlap
    counts = [
        prod(
            len(window_starts(length, edge, overlap))
            for length, edge in zip(store.case(name).size, window, strict=True)
        )
        for name in store.names
    ]
    return validation_seconds / max(len(judge.windows), 1) * float(np.mean(counts))


def held_rows(fit: Fit, members: int) -> list[npt.NDArray[np.int64]]:
    """Return the validation rows of each of so many members."""
    return [fit.folds[member % len(fit.folds)].validation for member in range(members)]


def all_cores(fit: Fit) -> Compute:
    """Return where to look: networks trained side by side had a core each, now all are free."""
    training = fit.recipe.training
    if training.workers == 1:
        return fit.compute
    return choose_compute(fit.compute.device.type, training.precision)


def tries_mirrors(recipe: Recipe) -> bool:
    """Whether validation is asked for mirrored views: none are set, and training has some."""
    inference = recipe.inference
    return bool(recipe.augmentation.flips) and inference.tried != "none" and not inference.flips


def views_of(recipe: Recipe) -> int:
    """Return how often each window may be seen by each network."""
    axes = recipe.augmentation.flips if tries_mirrors(recipe) else recipe.inference.flips
    return int(2 ** len(axes))


def affordable_mirrors(recipe: Recipe, after: Callable[[Recipe], float], seconds: float) -> Recipe:
    """Try mirrored views only where that takes little of the time.

    Parameters
    ----------
    after
        Recipe → seconds from the end of training to the end of the run.
    seconds
        That are left for everything.
    """
    if not tries_mirrors(recipe):
        return recipe
    more = after(recipe) - after(recipe.changed({"inference.tried": "none"}))
    if more <= MIRROR_SHARE * seconds:
        return recipe
    reason = (
        f"to look at mirrored windows too would take {more:.0f} s; at most "
        f"{MIRROR_SHARE:.0%} of the time are spent so"
    )
    return recipe.changed({"inference.tried": "none"}, reason)


def _case_key(entry: Entry) -> str:
    """Hash the files of a case, and its boxes, which stand in a table of their own."""
    key = files_key([entry])
    if not isinstance(entry.target, BoxesTarget):
        return key
    return hashlib.sha256(f"{key} {entry.target.boxes}".encode()).hexdigest()
