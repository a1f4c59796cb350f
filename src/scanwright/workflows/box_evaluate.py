"""From found boxes to evidence: scores with intervals, single findings, a row for each box."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from scanwright.base import SILENT, InputError, Progress
from scanwright.data import read_case
from scanwright.image import Image
from scanwright.recipe import Recipe
from scanwright.report import (
    DetectionOutcomes,
    MeasureOptions,
    Section,
    SplitReport,
    box_cases_csv,
    box_section,
    detected_case,
    findings_csv,
    report_split,
    thresholds_of,
)
from scanwright.training import Trained
from scanwright.workflows.box_answer import BoxAnswer
from scanwright.workflows.evidence import Evaluation, Extras, columns_of, report_of
from scanwright.workflows.prepare import Prepared


def evaluate_boxes(
    prepared: Prepared,
    parts: Mapping[str, Sequence[BoxAnswer]],
    members: Sequence[Trained],
    notes: tuple[str, ...],
    *,
    skipped: tuple[tuple[str, str], ...] = (),
    progress: Progress = SILENT,
) -> Evaluation:
    """Measure what was found, part by part.

    Parameters
    ----------
    parts
        Split → cases; the split that the verdict rests on first.
    skipped
        (case, reason) of cases that could not be prepared.

    Raises
    ------
    InputError
        Nothing could be looked for in any case.
    """
    splits: list[SplitReport] = []
    sections: list[Section] = []
    for name, cases in parts.items():
        if cases:
            split, section = _measured(name, prepared.recipe, cases, progress)
            splits.append(split)
            sections.append(section)
    if not splits:
        raise InputError("No case could be looked at.", got="; ".join(notes[:3]))
    extras = Extras(skipped=skipped, sections=tuple(sections))
    report = report_of(prepared, members, splits, notes, extras)
    tables = {"cases.csv": box_cases_csv(splits), "findings.csv": findings_csv(splits)}
    return Evaluation.of(report, tables)


def _measured(
    name: str, recipe: Recipe, cases: Sequence[BoxAnswer], progress: Progress
) -> tuple[SplitReport, Section]:
    progress.begin(f"measuring {name} cases", len(cases), "cases")
    columns = columns_of([case.entry for case in cases])
    detected = []
    for at, case in enumerate(cases):
        entry = case.entry
        one = detected_case(entry.name, case.truth, case.prediction)
        facts = tuple((column, words[at]) for column, words in columns.items())
        detected.append(replace(one, patient=entry.patient or entry.name, columns=facts))
        progress.step(1)
    progress.end()
    thresholds = thresholds_of([case.prediction for case in cases])
    outcomes = DetectionOutcomes(recipe.task.labels, tuple(detected), thresholds).outcomes

    def image(index: int) -> Image:
        return read_case(cases[index].entry).image

    options = MeasureOptions()
    rng = np.random.default_rng([recipe.training.seed, 77])
    split = report_split(name, outcomes, options, rng)
    return split, box_section(name, outcomes, options, image)
