"""Networks that look first, at low resolution: their training, and whether they are kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from math import ceil

import numpy as np
from torch import nn

from scanwright.base import ScanwrightError
from scanwright.data import IGNORED, Entry, read_case
from scanwright.image import Case, LabelScheme
from scanwright.inference import Found, SegmentationPredictor, Tiling, find_air, reader
from scanwright.metrics import count_overlap, count_overlaps
from scanwright.recipe import Recipe, finder_recipe
from scanwright.training import Fit, Pace, Trained
from scanwright.workflows.allowance import with_steps
from scanwright.workflows.course import Course
from scanwright.workflows.mask_answers import (
    MaskAnswer,
    MaskAnswers,
    encoded_outlines,
    encoded_truth,
)

MOST_LOST = 0.002
"""Dice in validation that may be lost for the windows that are saved."""
LEAST_SAVED = 0.1
"""Part of the windows that a finder must save to be worth its time."""
TRIED = 12
"""Validation cases that are outlined with and without a finder."""
COUNTED = 3
"""Cases of those whose windows are counted."""
ENOUGH = 30_000
"""Windows after which a finder gains nothing more that matters for where to look."""


@dataclass(frozen=True, slots=True)
class Finders:
    """Networks that look first, one for each of those that outline.

    Parameters
    ----------
    fit, members
        Their own; member i learnt from the same fold as member i of those that outline.
    """

    fit: Fit
    members: Sequence[Trained]

    def before(self, members: Sequence[Trained]) -> list[Trained]:
        """Return the finders that look before some members, and learnt from the same cases."""
        return [self.members[member.index] for member in members]

    def networks(self, members: Sequence[Trained]) -> tuple[nn.Module, ...]:
        """Return the networks of those."""
        return tuple(self.fit.network(finder) for finder in self.before(members))


@dataclass(frozen=True, slots=True)
class FinderTrial:
    """What a finder did to validation cases.

    Parameters
    ----------
    cases
        Outlined both ways.
    without, found
        Mean Dice over names, without and with the finder.
    left, windows
        Windows that the finder left to look at, and how many there are without it.
    """

    cases: int
    without: float
    found: float
    left: int
    windows: int

    @property
    def is_kept(self) -> bool:
        """Whether it saves enough windows and loses no Dice to speak of."""
        saves = self.left <= (1 - LEAST_SAVED) * self.windows
        return self.windows > 0 and saves and self.found >= self.without - MOST_LOST

    def sentence(self) -> str:
        """Say what was found and decided."""
        verdict = "kept" if self.is_kept else "left out"
        return (
            f"the network that looks first is {verdict}: of {self.windows} windows it leaves "
            f"{self.left}, and Dice in {self.cases} validation cases is {self.found:.4f} with it, "
            f"{self.without:.4f} without"
        )


def finder_fit(course: Course, fit: Fit) -> Fit:
    """Return the fit of the networks that look first.

    Parameters
    ----------
    course
        Of the same cases at low resolution.
    fit
        Of the networks that look after them.
    """
    return Fit(
        recipe=finder_recipe(fit.recipe),
        material=course.material,
        folds=course.folds,
        folder=fit.folder / "finder",
        compute=fit.compute,
        memory_bytes=fit.memory_bytes,
        keep_best=lambda _: None,
        progress=fit.progress,
    )


def plan_finders(course: Course, fit: Fit, recipe: Recipe, seconds: float) -> Recipe:
    """Set the steps of the networks that look first.

    Parameters
    ----------
    seconds
        Left for the training of all networks.
    """
    own = finder_fit(course, fit)
    seconds *= recipe.finder.share
    return with_steps(recipe, own.measure(), seconds, _most_steps(recipe), "finder.steps")


def train_finders(course: Course, fit: Fit) -> Finders:
    """Train the networks that look first in their part of the time, or go on where they stand."""
    own = finder_fit(course, fit)
    if fit.pace is not None:
        now = fit.pace.clock()
        deadline = now + fit.recipe.finder.share * (fit.pace.deadline - now)
        own.pace = Pace(deadline, fit.pace.clock, _most_steps(fit.recipe))
    return Finders(own, course.train(own))


def settle_finders(
    course: Course,
    answers: MaskAnswers,
    fit: Fit,
    members: Sequence[Trained],
    entries: Sequence[Entry],
) -> tuple[MaskAnswers, tuple[Trained, ...], str]:
    """Decide on validation whether the trained finders are kept.

    Parameters
    ----------
    entries
        In the order of the rows of the folds.

    Returns
    -------
    What outlines from now on, its finders, and what was found, in words.
    """
    own = finder_fit(course, fit)
    finders = Finders(own, [own.kept(index) for index in range(own.recipe.training.members)])
    trial = try_finders(replace(answers, finders=finders), fit, members, entries)
    finder = answers.recipe.finder
    share = finder.share if trial.is_kept else 0.0
    steps = tuple(member.steps for member in finders.members)
    recipe = answers.recipe.changed({"finder.steps": steps})
    recipe = recipe.changed({"finder.share": share}, trial.sentence())
    if not trial.is_kept:
        return replace(answers, recipe=recipe), (), trial.sentence()
    kept = replace(answers, recipe=recipe, finders=finders)
    return kept, tuple(finders.members), trial.sentence()


def try_finders(
    answers: MaskAnswers, fit: Fit, members: Sequence[Trained], entries: Sequence[Entry]
) -> FinderTrial:
    """Outline some validation cases with and without the networks that look first.

    Parameters
    ----------
    answers
        With finders.
    entries
        In the order of the rows of the folds.
    """
    rows = sorted({row for one in members for row in fit.folds[one.fold].validation.tolist()})
    spread = np.linspace(0, len(rows) - 1, min(TRIED, len(rows))).round().astype(int)
    chosen = [rows[place] for place in spread.tolist()]
    with_it = answers.held_out(fit, members, entries, chosen)
    alone = replace(answers, finders=None)
    without = alone.held_out(fit, members, entries, chosen)
    scheme = answers.recipe.task.scheme
    left, windows = 0, 0
    for predictor, case in islice(_held_out(answers, fit, members, entries, chosen), COUNTED):
        counts = windows_left(predictor, case)
        left, windows = left + counts[0], windows + counts[1]
    return FinderTrial(
        cases=len(with_it),
        without=mean_dice(without, scheme),
        found=mean_dice(with_it, scheme),
        left=left,
        windows=windows,
    )


def windows_left(predictor: SegmentationPredictor, case: Case) -> tuple[int, int]:
    """Return how many windows a finder leaves to look at, and how many there are without it."""
    assert predictor.finder is not None
    found = Found.by(predictor.finder.predict_one(case))
    image = predictor.pipeline.apply(case)[0].image
    options = predictor.options
    tiling = Tiling.of(image.size, predictor.window, options.overlap, options.batch)
    is_air = find_air(reader(image.array), tiling)
    is_missed = found.misses(tiling, image.geometry, predictor.margin_mm)
    looked = [start for start in product(*tiling.starts) if not is_air(start)]
    return sum(not is_missed(start) for start in looked), len(looked)


def mean_dice(answers: Sequence[MaskAnswer], scheme: LabelScheme) -> float:
    """Return the mean Dice over names, each over the cases in which it was true or outlined."""
    by_case = np.array([_dice(answer, scheme) for answer in answers]).reshape(-1, len(scheme.names))
    known = ~np.isnan(by_case)
    means = np.where(known, by_case, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    seen = known.any(axis=0)
    return float(means[seen].mean()) if seen.any() else 0.0


def _dice(answer: MaskAnswer, scheme: LabelScheme) -> list[float]:
    truth, outlined = answer.boxed()
    if not truth.size:
        return [float("nan")] * len(scheme.names)  # nothing there, and nothing outlined
    true, guess = encoded_truth(truth, scheme), encoded_outlines(outlined, scheme)
    if scheme.is_exclusive:
        return [one.dice for one in count_overlaps(true, guess, len(scheme.names))[0]]
    return [count_overlap(a == 1, b, a == IGNORED).dice for a, b in zip(true, guess, strict=True)]


def _held_out(
    answers: MaskAnswers,
    fit: Fit,
    members: Sequence[Trained],
    entries: Sequence[Entry],
    rows: Sequence[int],
) -> Iterator[tuple[SegmentationPredictor, Case]]:
    """Give cases with what outlines them and had not learnt from them, one member each."""
    for member in members:
        held = [row for row in rows if row in fit.folds[member.fold].validation]
        if not held:
            continue
        predictor = answers.predictor([fit.network(member)], [member])
        for row in held:
            try:
                case = read_case(entries[row])
            except ScanwrightError:
                continue  # told where it is outlined
            yield predictor, replace(case, target=None)


def _most_steps(recipe: Recipe) -> int:
    """Return the steps after which finders gain nothing more."""
    return ceil(ENOUGH / recipe.finder.batch)
