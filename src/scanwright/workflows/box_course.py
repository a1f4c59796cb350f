"""The course of answers in boxes: findings, judged on the cases' own grids."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

import numpy as np

from scanwright.base import SILENT, Progress
from scanwright.data import WindowStore
from scanwright.inference import Decision
from scanwright.recipe import Recipe, enough_finding_windows
from scanwright.training import Costs, Fit, Fold, StoredWindows, Trained, train_members
from scanwright.workflows.allowance import REPORT_SECONDS, at_most, with_steps
from scanwright.workflows.box_answers import BoxAnswers
from scanwright.workflows.box_choice import choose_boxes
from scanwright.workflows.box_evaluate import evaluate_boxes
from scanwright.workflows.course import Conclusion
from scanwright.workflows.prepare import Prepared
from scanwright.workflows.windowed import (
    affordable_mirrors,
    all_cores,
    held_rows,
    open_windows,
    seconds_per_case,
    tries_mirrors,
    views_of,
)

CASE_SECONDS = 0.15
"""Reading, preparing, fusing and measuring a case."""
INTERIM = 0.3
"""Score from which a box is reported by a bundle whose run has not come to its end."""


@dataclass(frozen=True, slots=True)
class BoxCourse:
    """Prepared cases from which windows are cut, and the boxes in each."""

    prepared: Prepared
    store: WindowStore
    material: StoredWindows
    folds: Sequence[Fold]

    @classmethod
    def open(cls, prepared: Prepared, folder: Path, progress: Progress = SILENT) -> "BoxCourse":
        """Preprocess every case to learn from or to validate on, or reuse what is there."""
        store, folds = open_windows(prepared, folder, progress)
        return cls(prepared, store, StoredWindows(store), folds)

    def plan(self, fit: Fit, costs: Costs, seconds: float) -> Recipe:
        """Set the number of steps, and try mirrored views only where there is time for them."""
        recipe = affordable_mirrors(
            fit.recipe, lambda recipe: self._after(recipe, fit, costs.validation), seconds
        )
        left = seconds - self._after(recipe, fit, costs.validation)
        return with_steps(recipe, costs, left, self._enough(recipe))

    def after_seconds(self, fit: Fit, validation_seconds: float) -> float:
        """Expect the time for looking at every validation and test case, and the report."""
        return self._after(fit.recipe, fit, validation_seconds)

    def most_steps(self, fit: Fit) -> int:
        """Return the steps that no member exceeds."""
        return at_most(fit.recipe, self._enough(fit.recipe))

    def train(self, fit: Fit) -> list[Trained]:
        """Train all members, side by side where the recipe says so."""
        return train_members(fit)

    def decision(self, fit: Fit, members: Sequence[Trained]) -> Decision:
        """Report what is likely: what validation says of scores is known at the end only."""
        labels = fit.recipe.task.labels
        return Decision(
            thresholds=(INTERIM,) * len(labels), rule="none yet: the run has not come to its end"
        )

    def conclude(
        self, fit: Fit, members: Sequence[Trained], notes: tuple[str, ...], spare: float
    ) -> Conclusion:
        """Choose on validation how proposals become findings, then measure both parts."""
        recipe = fit.recipe.changed({"schedule.steps": tuple(member.steps for member in members)})
        answers = BoxAnswers(
            recipe, self.prepared.fingerprint.limits(), all_cores(fit), fit.progress
        )
        by_name = {entry.name: entry for entry in self.prepared.everything()}
        entries = [by_name[name] for name in self.store.names]
        answers, validated, decision = choose_boxes(answers, fit, members, entries)
        tested = answers.tested(fit, members, self.prepared.test)
        prepared = replace(self.prepared, recipe=answers.recipe)
        parts = {
            "test": answers.answers(tested, decision),
            "validation": answers.answers(validated, decision),
        }
        evaluation = evaluate_boxes(
            prepared,
            parts,
            members,
            (*notes, *answers.notes),
            skipped=self.store.skipped,
            progress=fit.progress,
        )
        return Conclusion(answers.recipe, decision, evaluation)

    def _enough(self, recipe: Recipe) -> int:
        """Return the steps after which a member gains nothing more."""
        cases = min(len(fold.train) for fold in self.folds)
        return ceil(enough_finding_windows(cases) / recipe.training.batch)

    def _after(self, recipe: Recipe, fit: Fit, validation_seconds: float) -> float:
        members, tested = recipe.training.members, len(self.prepared.test)
        held = held_rows(fit, members)
        validated, looks = len(np.unique(np.concatenate(held))), sum(len(rows) for rows in held)
        each, views = seconds_per_case(self.material, fit, validation_seconds), views_of(recipe)
        # Where mirrored windows are tried, validation cases are seen without them, too.
        again = 1 if tries_mirrors(recipe) else 0
        looking = each * (looks * (views + again) + members * tested * views)
        return REPORT_SECONDS + looking + CASE_SECONDS * (validated * (1 + again) + tested)
