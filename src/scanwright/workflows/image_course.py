"""The course of answers about whole images: a class, findings, a grade or a number."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from scanwright.base import SILENT, Progress
from scanwright.data import IMAGES, Store
from scanwright.inference import Decision
from scanwright.recipe import TASKS, Recipe, Truth
from scanwright.training import (
    Costs,
    Fit,
    Fold,
    ImageRows,
    Trained,
    choose_views,
    outputs_of,
    train_members,
)
from scanwright.workflows.allowance import after_seconds, most_steps, plan_recipe, rounds_of
from scanwright.workflows.course import Conclusion
from scanwright.workflows.evaluate import evaluate_run
from scanwright.workflows.guessing import Guessing, most_taken, refusal
from scanwright.workflows.prepare import Prepared, folds_of, open_store, rows_of, truth_of
from scanwright.workflows.rival_section import rival_sections
from scanwright.workflows.unlabelled import without_copies


@dataclass(frozen=True, slots=True)
class ImageCourse:
    """Prepared images, one a row, and what is true of each.

    Parameters
    ----------
    scaling
        Mean and deviation by which numbers were standardised.
    guessing
        Images without a label, where they are tried.
    refused
        Why they are not.
    """

    prepared: Prepared
    store: Store
    truth: Truth
    scaling: tuple[float, float]
    material: ImageRows
    folds: Sequence[Fold]
    guessing: Guessing | None = None
    refused: str = ""

    @classmethod
    def open(cls, prepared: Prepared, folder: Path, progress: Progress = SILENT) -> "ImageCourse":
        """Preprocess every case once into `folder`, or reuse what is there."""
        store = open_store(prepared, folder, progress)
        truth, scaling = standardised(prepared, store)
        material = ImageRows(store.images, truth, folder / IMAGES)
        folds = folds_of(prepared.plan.folds, store.rows)
        guessing, refused = _open_guessing(prepared, folder, folds, progress)
        return cls(prepared, store, truth, scaling, material, folds, guessing, refused)

    def plan(self, fit: Fit, costs: Costs, seconds: float) -> Recipe:
        """Set the number of steps, and try no more views than there is time for."""
        rounds = rounds_of(fit.recipe)
        share = 1.0
        if self.guessing is not None and fit.recipe.training.unlabelled == "auto":
            share = rounds / (rounds + 1)
        return plan_recipe(fit, costs, seconds, self._tested, share)

    def after_seconds(self, fit: Fit, validation_seconds: float) -> float:
        """Expect the time for views, test part and report."""
        return after_seconds(fit.recipe, fit, validation_seconds, self._tested)

    def most_steps(self, fit: Fit) -> int:
        """Return the steps that no member exceeds."""
        return most_steps(fit)

    def train(self, fit: Fit) -> list[Trained]:
        """Train all members, with images that have no label where that is tried and gains."""
        if self.guessing is None:
            if self.prepared.unlabelled:
                fit.recipe = fit.recipe.changed({"training.unlabelled": "none"}, self.refused)
            return train_members(fit)
        members, way, reason = self.guessing.train(fit)
        fit.recipe = fit.recipe.changed({"training.unlabelled": way}, reason)
        return members

    def decision(self, fit: Fit, members: Sequence[Trained]) -> Decision:
        """Fit temperature and thresholds on validation."""
        return self._decision(fit.recipe, fit, members)

    def conclude(
        self, fit: Fit, members: Sequence[Trained], notes: tuple[str, ...], spare: float
    ) -> Conclusion:
        """Choose views and decision, measure, and compare with a classical model."""
        recipe = choose_views(fit.recipe, fit, members).changed(
            {"schedule.steps": tuple(member.steps for member in members)}
        )
        prepared = replace(self.prepared, recipe=recipe)
        decision = self._decision(recipe, fit, members)
        evaluation = evaluate_run(prepared, self.store, fit, members, decision, notes=notes)
        report = evaluation.report
        rival = rival_sections(prepared, self.store, report.splits, spare, fit.progress)
        report = replace(report, sections=(*rival, *report.sections))
        return Conclusion(recipe, decision, replace(evaluation, report=report))

    @property
    def _tested(self) -> int:
        return len(rows_of(self.prepared.test, self.store.rows))

    def _decision(self, recipe: Recipe, fit: Fit, members: Sequence[Trained]) -> Decision:
        task = TASKS[recipe.task.kind]
        outputs = outputs_of(fit, members, recipe.inference.views)
        truth = self.truth[outputs.rows]
        fitted = task.fit_decision(outputs.values, truth, recipe.decision, task.decode)
        return fitted.model_copy(update={"offset": self.scaling[0], "scale": self.scaling[1]})


def _open_guessing(
    prepared: Prepared, folder: Path, folds: Sequence[Fold], progress: Progress
) -> tuple[Guessing | None, str]:
    """Prepare images without a label, or say why they are not tried."""
    labelled = min(len(fold.train) for fold in folds)
    entries = without_copies(prepared.unlabelled, prepared.everything())
    refused = refusal(prepared.recipe, labelled, len(entries))
    if refused:
        return None, refused
    most = most_taken(labelled)
    if len(entries) > most:
        rng = np.random.default_rng([prepared.recipe.training.seed, 41])
        entries = [entries[at] for at in sorted(rng.choice(len(entries), most, replace=False))]
    place = folder / "unlabelled"
    store = open_store(prepared, place, progress, entries)
    return Guessing.of(store, place, entries, prepared.plan.folds), ""


def standardised(prepared: Prepared, store: Store) -> tuple[Truth, tuple[float, float]]:
    """Return the truth of each row, numbers with mean 0 and deviation 1 over training rows."""
    train = rows_of(prepared.plan.folds[0].train, store.rows)
    return scaled(prepared.recipe, truth_of(prepared, store), train)


def scaled(
    recipe: Recipe, truth: Truth, train: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]"
) -> tuple[Truth, tuple[float, float]]:
    """Return truths as they are learnt, with mean and deviation of numbers over training rows."""
    if TASKS[recipe.task.kind].is_scored_by_class:
        return truth, (0.0, 1.0)
    known = truth[train]
    offset, scale = float(known.mean()), float(known.std()) or 1.0
    return (truth - offset) / scale, (offset, scale)
