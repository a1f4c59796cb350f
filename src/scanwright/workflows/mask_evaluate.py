"""From outlined cases to evidence: scores with intervals, overlays, a row for each case."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from scanwright.base import InputError, Progress
from scanwright.data import read_case
from scanwright.report import (
    MaskPicture,
    MeasureOptions,
    Section,
    SegmentationOutcomes,
    SplitReport,
    mask_cases_csv,
    mask_section,
    measure_case,
    report_split,
    segmentation_units,
)
from scanwright.training import Trained
from scanwright.workflows.evidence import Evaluation, Extras, columns_of, report_of
from scanwright.workflows.mask_answers import (
    MaskAnswer,
    MaskAnswers,
    encoded_outlines,
    encoded_truth,
)
from scanwright.workflows.prepare import Prepared


def evaluate_masks(
    prepared: Prepared,
    answers: MaskAnswers,
    parts: Mapping[str, Sequence[MaskAnswer]],
    members: Sequence[Trained],
    notes: tuple[str, ...],
) -> Evaluation:
    """Measure outlined cases, part by part.

    Parameters
    ----------
    parts
        Split → cases; the split that the verdict rests on first.

    Raises
    ------
    InputError
        No case could be outlined.
    """
    splits: list[SplitReport] = []
    sections: list[Section] = []
    for name, cases in parts.items():
        if cases:
            split, section = _measured(name, prepared, answers, cases)
            splits.append(split)
            sections.append(section)
    if not splits:
        raise InputError("No case could be outlined.", got="; ".join(answers.notes[:3]))
    extras = Extras(skipped=answers.skipped, sections=tuple(sections))
    report = report_of(prepared, members, splits, (*notes, *answers.notes), extras)
    return Evaluation.of(report, {"cases.csv": mask_cases_csv(splits)})


def _measured(
    name: str, prepared: Prepared, answers: MaskAnswers, cases: Sequence[MaskAnswer]
) -> tuple[SplitReport, Section]:
    recipe = prepared.recipe
    scheme = recipe.task.scheme
    progress: Progress = answers.progress
    progress.begin(f"measuring {name} cases", len(cases), "cases")
    columns = columns_of([case.entry for case in cases])
    measured = []
    for at, case in enumerate(cases):
        truth, outlined = answers.refined(case)
        one = measure_case(
            case.entry.name,
            encoded_truth(truth, scheme),
            encoded_outlines(outlined, scheme),
            case.geometry,
            classes=len(scheme.names),
        )
        facts = tuple((column, words[at]) for column, words in columns.items())
        measured.append(replace(one, patient=case.entry.patient or case.entry.name, columns=facts))
        progress.step(1)
    progress.end()
    volume, length = segmentation_units([case.geometry for case in cases])
    outcomes = SegmentationOutcomes(
        scheme.names, tuple(measured), volume_unit=volume, length_unit=length
    ).outcomes

    def picture(index: int) -> MaskPicture:
        case = cases[index]
        truth, outlined = answers.refined(case)
        return MaskPicture(
            read_case(case.entry).image,
            encoded_truth(truth, scheme),
            encoded_outlines(outlined, scheme),
        )

    options = MeasureOptions()
    rng = np.random.default_rng([recipe.training.seed, 77])
    split = report_split(name, outcomes, options, rng)
    return split, mask_section(name, outcomes, options, picture)
