"""The answers of two models to the same cases, put side by side as outcomes."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from scanwright.base import InputError
from scanwright.bundle import read_bundle
from scanwright.data import Entry
from scanwright.image import Array, Floats
from scanwright.inference import Decision
from scanwright.recipe import TASKS, Recipe, Truth
from scanwright.report import Kind, Outcomes
from scanwright.workflows.finished import Answers, FinishedRun

SEPARATOR = "|"
"""Between the findings of one case in a table of predictions."""


def network_outcomes(run: FinishedRun, split: str, entries: Sequence[Entry]) -> Outcomes:
    """Return the run's answers to entries of a split, in the order of the entries.

    Raises
    ------
    InputError
        The run gave no answer to one of them.
    """
    answers = run.answers[split]
    place = {case: at for at, case in enumerate(answers.cases)}
    rows = [place[entry.name] for entry in entries]
    decided = tuple(answers.decided[row] for row in rows)
    return _outcomes(run, entries, answers.scores[rows], decided)


def rival_outcomes(
    run: FinishedRun, entries: Sequence[Entry], scores: Floats, decision: Decision
) -> Outcomes:
    """Return outcomes of scores (N, K), decided as the run's recipe says."""
    recipe = run.recipe
    truth = encoded(recipe, entries)
    decisions = None
    thresholds: tuple[float, ...] = ()
    if recipe.task.kind == "findings":
        thresholds = decision.thresholds
    elif recipe.task.kind != "number":
        chosen = TASKS[recipe.task.kind].decide(scores, np.array(decision.thresholds))
        decisions = np.asarray(chosen).argmax(axis=1)
    return _made(recipe, entries, truth, scores, (thresholds, decisions))


def fit_rival_decision(recipe: Recipe, truth: Truth, scores: Floats) -> Decision:
    """Choose thresholds by the recipe's own rule, on calibrated scores out of fold."""
    choice = recipe.decision.model_copy(update={"calibrate": False, "shift": False})
    return TASKS[recipe.task.kind].fit_decision(scores, truth, choice, lambda values: values)


def encoded(recipe: Recipe, entries: Sequence[Entry]) -> Truth:
    """Return the truth of entries as numbers."""
    task = TASKS[recipe.task.kind]
    return task.encode_all([entry.target for entry in entries], recipe.task.labels)


def run_outcomes(run: FinishedRun, split: str) -> Outcomes:
    """Return a run's answers to a split from its folder alone, sorted by case.

    Raises
    ------
    InputError
        The run has no such split.
    """
    if split not in run.answers:
        raise InputError(
            f"The run has no answers to a {split} part.",
            got=", ".join(sorted(run.answers)),
            where=run.folder,
        )
    answers = run.answers[split]
    order = sorted(range(len(answers.cases)), key=lambda at: answers.cases[at])
    words = [answers.truth[at] for at in order]
    recipe = run.recipe
    truth = _decoded(recipe, words)
    decided = tuple(answers.decided[at] for at in order)
    thresholds, decisions = _decisions(run, decided)
    return Outcomes(
        kind=_kind(recipe),
        labels=recipe.task.labels,
        truth=truth,
        scores=answers.scores[order],
        cases=tuple(answers.cases[at] for at in order),
        patients=tuple(_patient(answers, at) for at in order),
        thresholds=thresholds,
        decisions=decisions,
    )


def _patient(answers: Answers, at: int) -> str:
    """Numbers of patients are the run's own: they name the first case of theirs instead."""
    return answers.cases[answers.patients.index(answers.patients[at])]


def _outcomes(
    run: FinishedRun, entries: Sequence[Entry], scores: Floats, decided: Sequence[str]
) -> Outcomes:
    truth = encoded(run.recipe, entries)
    return _made(run.recipe, entries, truth, scores, _decisions(run, decided))


def _made(
    recipe: Recipe,
    entries: Sequence[Entry],
    truth: Truth,
    scores: Floats,
    decided: tuple[tuple[float, ...], Array | None],
) -> Outcomes:
    return Outcomes(
        kind=_kind(recipe),
        labels=recipe.task.labels,
        truth=truth if recipe.task.kind != "number" else truth[:, 0],
        scores=scores,
        cases=tuple(entry.name for entry in entries),
        patients=tuple(entry.patient or entry.name for entry in entries),
        thresholds=decided[0],
        decisions=decided[1],
    )


def _decisions(run: FinishedRun, decided: Sequence[str]) -> tuple[tuple[float, ...], Array | None]:
    """Return the run's thresholds for findings, or the decisions it wrote down."""
    kind = run.recipe.task.kind
    if kind == "number":
        return (), None
    if kind == "findings":
        return tuple(read_bundle(run.folder / "bundle").decision.thresholds), None
    labels = list(run.recipe.task.labels)
    return (), np.array([labels.index(word) for word in decided], dtype=np.int64)


def _decoded(recipe: Recipe, words: Sequence[str]) -> Truth:
    labels = list(recipe.task.labels)
    if recipe.task.kind == "number":
        return np.array([float(word) for word in words])
    if recipe.task.kind == "findings":
        found = [set(word.split(SEPARATOR)) for word in words]
        return np.array([[int(label in own) for label in labels] for own in found])
    return np.array([labels.index(word) for word in words], dtype=np.int64)


def _kind(recipe: Recipe) -> Kind:
    return cast(Kind, TASKS[recipe.task.kind].kind)
