"""From trained members to evidence: scores with intervals, a report, tables."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from scanwright.bundle import answer_of
from scanwright.data import Entry, Store, read_case
from scanwright.image import Floats, Image
from scanwright.inference import Decision
from scanwright.recipe import TASKS, Recipe, Truth
from scanwright.report import (
    Kind,
    MeasureOptions,
    Outcomes,
    SplitReport,
    Thumbnail,
    picture_uri,
    report_split,
)
from scanwright.training import Fit, Trained, outputs_of, outputs_on
from scanwright.workflows.evidence import Evaluation, Extras, columns_of, report_of
from scanwright.workflows.prepare import Prepared, rows_of

SAMPLES = 6


def evaluate_run(
    prepared: Prepared,
    store: Store,
    fit: Fit,
    members: Sequence[Trained],
    decision: Decision,
    *,
    notes: tuple[str, ...],
) -> Evaluation:
    """Measure validation, then look at the test part, once."""
    progress = fit.progress
    progress.begin("evaluating", 2, "splits")
    recipe = prepared.recipe
    answer = answer_of(recipe, decision)
    validation = outputs_of(fit, members, recipe.inference.views)
    by_row = {
        store.rows[entry.name]: entry for entry in prepared.everything() if entry.name in store.rows
    }
    splits = [
        _split_report(
            "validation",
            prepared,
            [by_row[row] for row in validation.rows.tolist()],
            answer.scores(validation.values),
            decision,
        )
    ]
    progress.step(1)
    test = rows_of(prepared.test, store.rows)
    if len(test):
        views = recipe.inference.views
        outputs = np.mean([outputs_on(fit, m, test, views) for m in members], axis=0)
        entries = [by_row[row] for row in test.tolist()]
        scores = answer.scores(outputs)
        splits.insert(0, _split_report("test", prepared, entries, scores, decision))
    progress.step(1)
    progress.end()
    extras = Extras(_samples(prepared, store), store.skipped)
    return Evaluation.of(report_of(prepared, members, splits, notes, extras))


def _split_report(
    name: str,
    prepared: Prepared,
    entries: Sequence[Entry],
    scores: Floats,
    decision: Decision,
) -> SplitReport:
    recipe = prepared.recipe
    task = TASKS[recipe.task.kind]
    truth: Truth = task.encode_all([entry.target for entry in entries], recipe.task.labels)
    outcomes = Outcomes(
        kind=cast(Kind, recipe.task.kind),
        labels=recipe.task.labels,
        truth=truth if task.is_scored_by_class else truth[:, 0],
        scores=scores,
        cases=tuple(entry.name for entry in entries),
        patients=tuple(entry.patient or entry.name for entry in entries),
        columns=columns_of(entries),
        thresholds=_thresholds(prepared, decision),
        rule=decision.rule,
        decisions=_decisions(recipe, scores, decision),
    )

    def picture(index: int) -> Image | None:
        image = read_case(entries[index]).image
        return image if image.rank >= 2 else None

    rng = np.random.default_rng([recipe.training.seed, 77])
    return report_split(name, outcomes, MeasureOptions(), rng, picture)


def _thresholds(prepared: Prepared, decision: Decision) -> tuple[float, ...]:
    """Return thresholds as outcomes take them: one for two labels, one each for findings."""
    recipe = prepared.recipe
    if recipe.task.kind == "findings":
        return decision.thresholds
    if recipe.task.kind == "classes" and len(recipe.task.labels) == 2:
        return decision.thresholds[-1:]
    return ()


def _decisions(recipe: Recipe, scores: Floats, decision: Decision) -> Truth | None:
    """Return the decided labels where they are not those of the highest scores, shape (N,)."""
    if recipe.task.kind not in ("classes", "grade") or len(recipe.task.labels) == 2:
        return None
    if not any(decision.thresholds):
        return None
    decided = TASKS[recipe.task.kind].decide(scores, np.array(decision.thresholds))
    return np.asarray(decided.argmax(axis=1))


def _samples(prepared: Prepared, store: Store) -> tuple[Thumbnail, ...]:
    """Show some training cases as the network sees them, spread over the labels."""
    seen: dict[str, int] = {}
    chosen: list[Entry] = []
    for entry in prepared.plan.folds[0].train:
        word = str(entry.target)
        if seen.get(word, 0) < max(1, SAMPLES // max(len(prepared.recipe.task.labels), 1)):
            seen[word] = seen.get(word, 0) + 1
            chosen.append(entry)
        if len(chosen) >= SAMPLES:
            break
    shown = []
    for entry in chosen:
        if entry.name in store.rows:
            image = Image.from_array(store.images[store.rows[entry.name]])
            if image.rank >= 2:
                label = _label(entry)
                shown.append(Thumbnail(picture_uri(image), (label,), f"A case of {label}."))
    return tuple(shown)


def _label(entry: Entry) -> str:
    target = entry.target
    for name in ("label", "grade", "value"):
        if hasattr(target, name):
            return str(getattr(target, name))
    return ", ".join(sorted(getattr(target, "labels", ()))) or "no finding"
