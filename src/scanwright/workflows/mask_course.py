"""The course of answers for every element: outlines, judged on the cases' own grids."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, prod
from pathlib import Path

import numpy as np

from scanwright.base import SILENT, Progress
from scanwright.data import WindowStore
from scanwright.inference import Decision, candidate_refinements
from scanwright.recipe import Recipe, enough_windows, finder_recipe
from scanwright.training import (
    Costs,
    Fit,
    Fold,
    StoredWindows,
    Trained,
    choose_mirrors,
    train_members,
)
from scanwright.workflows.allowance import REPORT_SECONDS, at_most, with_steps
from scanwright.workflows.course import Conclusion
from scanwright.workflows.finder import TRIED, plan_finders, settle_finders, train_finders
from scanwright.workflows.mask_answers import MOST_LOOKED_AT, MOST_REFINED, MaskAnswers
from scanwright.workflows.mask_evaluate import evaluate_masks
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

CASE_SECONDS = 0.5
"""Reading, preparing, resampling back, keeping and measuring a case, at the least."""
ELEMENT_SECONDS, NAME_SECONDS = 4e-7, 2e-8
"""The same by element of its own grid, and by element and name: 3.2e-7 and 0.6e-8 were measured on
one core. A CT of 512 × 512 × 300 takes half a minute so, and two for 50 names."""
TRIAL_SECONDS = 1e-8
"""Of a refinement, by element and name."""
LOOKING_FIRST = 0.1
"""What looks first takes at most this share of the time of what looks after it."""


@dataclass(frozen=True, slots=True)
class MaskCourse:
    """Prepared cases from which windows are cut, and the label map of each.

    Parameters
    ----------
    finder
        The same cases at low resolution, where networks look at those first.
    """

    prepared: Prepared
    folder: Path
    store: WindowStore
    material: StoredWindows
    folds: Sequence[Fold]
    finder: "MaskCourse | None" = None

    @classmethod
    def open(cls, prepared: Prepared, folder: Path, progress: Progress = SILENT) -> "MaskCourse":
        """Preprocess every case to learn from or to validate on, or reuse what is there."""
        store, folds = open_windows(prepared, folder, progress)
        recipe = prepared.recipe
        finder = None
        if recipe.finder.is_used:
            coarse = replace(prepared, recipe=finder_recipe(recipe))
            finder = cls.open(coarse, folder.parent / "finder" / folder.name, progress)
        return cls(prepared, folder, store, StoredWindows(store), folds, finder)

    def plan(self, fit: Fit, costs: Costs, seconds: float) -> Recipe:
        """Set the number of steps, and try mirrored views only where there is time for them."""
        recipe = affordable_mirrors(
            fit.recipe, lambda recipe: self._after(recipe, fit, costs.validation), seconds
        )
        left = seconds - self._after(recipe, fit, costs.validation)
        if self.finder is not None:
            recipe = plan_finders(self.finder, fit, recipe, left)
            left *= 1 - recipe.finder.share
        return with_steps(recipe, costs, left, _enough(recipe))

    def after_seconds(self, fit: Fit, validation_seconds: float) -> float:
        """Expect the time for outlining every validation and test case, and the report."""
        return self._after(fit.recipe, fit, validation_seconds)

    def most_steps(self, fit: Fit) -> int:
        """Return the steps that no member exceeds."""
        return at_most(fit.recipe, _enough(fit.recipe))

    def train(self, fit: Fit) -> list[Trained]:
        """Train all members, side by side where the recipe says so, after those that look first."""
        if self.finder is not None:
            train_finders(self.finder, fit)
        return train_members(fit)

    def decision(self, fit: Fit, members: Sequence[Trained]) -> Decision:
        """Decide for the most probable label, and for a region from one half on."""
        return Decision()

    def conclude(
        self, fit: Fit, members: Sequence[Trained], notes: tuple[str, ...], spare: float
    ) -> Conclusion:
        """Choose mirrored views and refinements on validation, then measure both parts."""
        recipe = fit.recipe.changed({"schedule.steps": tuple(member.steps for member in members)})
        compute = all_cores(fit)
        if recipe.inference.tried != "none" and not recipe.inference.flips:
            axes, reason = choose_mirrors(fit, members)
            recipe = recipe.changed({"inference.flips": axes}, reason)
        answers = MaskAnswers(
            recipe=recipe,
            limits=self.prepared.fingerprint.limits(),
            compute=compute,
            folder=self.folder.parent / "answers",
            progress=fit.progress,
            skipped=self.store.skipped,
        )
        by_name = {entry.name: entry for entry in self.prepared.everything()}
        entries = [by_name[name] for name in self.store.names]
        finders: tuple[Trained, ...] = ()
        if self.finder is not None:
            answers, finders, note = settle_finders(self.finder, answers, fit, members, entries)
            notes = (*notes, note)
        validated = answers.held_out(fit, members, entries)
        recipe = answers.choose_refinements(validated)
        prepared = replace(self.prepared, recipe=recipe)
        tested = answers.tested(fit, members, self.prepared.test)
        parts = {"test": tested, "validation": validated}
        evaluation = evaluate_masks(prepared, answers, parts, members, notes)
        return Conclusion(recipe, self.decision(fit, members), evaluation, finders)

    def _after(self, recipe: Recipe, fit: Fit, validation_seconds: float) -> float:
        members, tested = recipe.training.members, len(self.prepared.test)
        held = held_rows(fit, members)
        outlined = sum(len(rows) for rows in held) + members * tested
        each, views = seconds_per_case(self.material, fit, validation_seconds), views_of(recipe)
        trying = (views + 1) * validation_seconds * members if tries_mirrors(recipe) else 0.0
        looking = each * views * outlined
        validated = len(np.unique(np.concatenate(held)))
        handling = self._handling_seconds(validated, tested)
        if self.finder is not None:
            # Some cases are outlined with and without; what is saved is not known yet.
            again = min(TRIED, validated)
            looking *= (1 + again / max(validated + tested, 1)) * (1 + LOOKING_FIRST)
            handling *= 1 + again / max(validated + tested, 1)
        return REPORT_SECONDS + trying + looking + handling

    def _handling_seconds(self, validated: int, tested: int) -> float:
        """Expect the seconds for all that is done with cases beside showing them to networks."""
        names = len(self.store.scheme.names)
        sizes = [prod(self.store.case(name).source_size) for name in self.store.names]
        elements = float(np.mean(sizes))
        each = CASE_SECONDS + elements * (ELEMENT_SECONDS + NAME_SECONDS * names)
        trials = len(candidate_refinements(self.store.scheme)) + 1
        tried = min(validated, MOST_REFINED) * elements * names * trials
        return each * (validated + tested) + TRIAL_SECONDS * min(tried, MOST_LOOKED_AT)


def _enough(recipe: Recipe) -> int:
    """Return the steps after which a member gains nothing more."""
    return ceil(enough_windows(recipe) / recipe.training.batch)
