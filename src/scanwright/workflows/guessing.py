"""Training with images that have no label: tried on some folds, kept only if validation gains."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from scanwright.base import Progress
from scanwright.data import IMAGES, Entry, Fold, Store
from scanwright.image import Floats
from scanwright.recipe import TASKS, Recipe
from scanwright.training import (
    SHARED,
    Fit,
    GuessedRows,
    Guesses,
    Loader,
    Pace,
    Trained,
    drawn_by_label,
    outputs_of,
    predict_rows,
    train_members,
)
from scanwright.workflows.allowance import rounds_of

LEAST_SHARE = 0.5
"""Unlabelled images for each labelled one, from which on a gain is expected."""
MOST_LABELLED = 5000
"""With more labelled cases than this, guesses teach nothing that is not known."""
MOST_TIMES = 4
"""Unlabelled images taken for each labelled one, at most."""
MOST_IMAGES = 20_000


def refusal(recipe: Recipe, labelled: int, waiting: int) -> str:
    """Return why images without a label are not tried, or nothing where they are.

    Parameters
    ----------
    labelled, waiting
        Cases to learn from, and images without a label.
    """
    training = recipe.training
    task = TASKS[recipe.task.kind]
    reasons = {
        "asked for": training.unlabelled == "none",
        f"guesses cannot be learnt by the loss {recipe.loss.name}": (
            not task.is_scored_by_class or recipe.loss.name not in SHARED
        ),
        "cases are drawn by their labels": drawn_by_label(recipe) != "",
        f"{waiting} images without a label beside {labelled} labelled ones are too few to expect "
        "a gain": waiting < LEAST_SHARE * labelled,
        f"{labelled} labelled cases are enough without them": labelled > MOST_LABELLED,
    }
    return next((reason for reason, is_so in reasons.items() if is_so), "")


def most_taken(labelled: int) -> int:
    """Return how many images without a label are prepared at most."""
    return min(MOST_IMAGES, MOST_TIMES * labelled)


@dataclass(frozen=True, slots=True)
class Guessing:
    """Images without a label, prepared, and the race between training with and without them.

    Parameters
    ----------
    store
        The prepared images.
    file
        Where their array lies.
    rows
        For each fold, the images that may be learnt from.
    """

    store: Store
    file: Path
    rows: tuple["np.ndarray[tuple[int, ...], np.dtype[np.int64]]", ...]

    @classmethod
    def of(
        cls, store: Store, folder: Path, entries: Sequence[Entry], folds: Sequence[Fold]
    ) -> "Guessing":
        """Leave out of each fold the images of patients that it is validated or tested on."""
        patients = {entry.name: entry.patient for entry in entries}
        allowed = []
        for fold in folds:
            held = {one.patient for one in (*fold.validation, *fold.test) if one.patient}
            rows = [row for name, row in store.rows.items() if patients[name] not in held]
            allowed.append(np.array(sorted(rows), dtype=np.int64))
        return cls(store, folder / IMAGES, tuple(allowed))

    def train(self, fit: Fit) -> tuple[list[Trained], str, str]:
        """Train all members; return them, whether guesses served, and why.

        Members of the first round are trained twice: on labelled images alone, and, in the same
        number of steps, first on those to guess and then on both. The better way is taken for all
        others.
        """
        if fit.recipe.training.unlabelled == "guessed":
            return self._guessed(fit, fit.recipe.training.members), "guessed", ""
        rounds = rounds_of(fit.recipe) + 1
        first = min(fit.recipe.training.workers, fit.recipe.training.members)
        plain = train_members(_part(fit, first, until=1 / rounds))
        trying = replace(_part(fit, first, until=1 / (rounds - 1)), keep_best=lambda _: None)
        ours = self._guessed(trying, first)
        gain, error = _gain(fit, plain, ours)
        says = (
            f"guesses for {len(self.store.rows)} images without a label lower the validation loss "
            f"of the first networks by {gain:.4f} ± {error:.4f} at equal time"
        )
        if gain > error and gain > 0:
            return self._guessed(fit, fit.recipe.training.members), "guessed", says
        return train_members(fit), "none", f"{says}: not kept"

    def _guessed(self, fit: Fit, members: int) -> list[Trained]:
        """Train teachers in half of the steps, and in the other half networks that learn both."""
        halves = tuple(max(1, steps // 2) for steps in fit.recipe.schedule.steps)
        half = fit.recipe.changed({"schedule.steps": halves})
        teaching = replace(
            _part(fit, members, until=0.5),
            recipe=half,
            folder=fit.folder / "teachers",
            keep_best=lambda _: None,
        )
        teachers = train_members(teaching)
        material = GuessedRows(fit.material, self._guesses(teaching, teachers))  # type: ignore[arg-type]  # images, as the course knows
        return train_members(
            replace(fit, recipe=half, material=material, folder=fit.folder / "guessed")
        )

    def _guesses(self, fit: Fit, teachers: Sequence[Trained]) -> Guesses:
        """Let the networks of each fold guess; those of one fold together."""
        task = TASKS[fit.recipe.task.kind]
        by_fold: dict[int, list[Floats]] = {}
        known = np.arange(len(self.store.images))
        progress: Progress = fit.progress
        loader = Loader(self.store.images, fit.compute.device, fit.memory_bytes)
        progress.begin("guessing labels", len(teachers), "networks")
        for teacher in teachers:
            outputs = predict_rows(
                fit.network(teacher),
                loader,
                known,
                fit.compute,
                batch=fit.recipe.inference.batch,
            )
            by_fold.setdefault(teacher.fold, []).append(outputs)
            progress.step(1)
        progress.end()
        labels = len(fit.recipe.task.labels)
        nothing = np.zeros((len(known), labels))
        shares = tuple(
            task.decode(np.mean(by_fold[number], axis=0)) if number in by_fold else nothing
            for number in range(len(fit.folds))
        )
        return Guesses(self.store.images, shares, self.rows, self.file)


def _part(fit: Fit, members: int, *, until: float) -> Fit:
    """Return the fit of the first members, that ends after a share of the time that is left."""
    recipe = fit.recipe.changed(
        {
            "training.members": members,
            "training.workers": min(fit.recipe.training.workers, members),
            "schedule.steps": fit.recipe.schedule.steps[:members],
        }
    )
    pace = fit.pace
    if pace is not None:
        now = pace.clock()
        pace = Pace(now + until * max(pace.deadline - now, 0.0), pace.clock, pace.enough)
    return replace(fit, recipe=recipe, pace=pace)


def _gain(fit: Fit, plain: Sequence[Trained], ours: Sequence[Trained]) -> tuple[float, float]:
    """Return by how much guesses lower the mean validation loss of a case, and its error."""
    task = TASKS[fit.recipe.task.kind]
    losses = []
    for members in (plain, ours):
        outputs = outputs_of(fit, members)
        scores = task.decode(outputs.values)
        each = [
            task.judge(outputs.truth[at : at + 1], scores[at : at + 1])[0]
            for at in range(len(scores))
        ]
        losses.append(np.array(each))
    saved = losses[0] - losses[1]
    return float(saved.mean()), float(saved.std(ddof=1) / np.sqrt(len(saved)))
