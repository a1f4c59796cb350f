"""The masks of every case as a table for machines."""

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from scanwright.report.mask_results import MaskResults
from scanwright.report.report import SplitReport


def mask_cases_csv(splits: Sequence[SplitReport]) -> str:
    """Return one row for each case and class: volumes and all metrics, with all their digits.

    A metric that is not defined is left empty; a distance to nothing is "inf". Patients are
    numbered through, not named: the same number is the same patient.
    """
    measured = [(split, split.outcomes.masks) for split in splits]
    known = [(split, masks) for split, masks in measured if masks is not None]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    if known:
        first = known[0][1]
        head = ["split", "number", "case", "patient", "class", "true", "predicted", "unit"]
        writer.writerow([*head, *first.values])
    seen: dict[str, int] = {}
    for split, masks in known:
        writer.writerows(_rows(split, masks, seen))
    return stream.getvalue()


def _rows(split: SplitReport, masks: MaskResults, seen: dict[str, int]) -> Iterable[list[object]]:
    outcomes = split.outcomes
    for case, name in enumerate(outcomes.cases):
        patient = seen.setdefault(outcomes.patients[case], len(seen) + 1)
        for label, word in enumerate(outcomes.labels):
            volumes = [repr(float(t[case, label])) for t in (outcomes.truth, outcomes.scores)]
            numbers = [_number(table[case, label]) for table in masks.values.values()]
            yield [split.name, case + 1, name, patient, word, *volumes, masks.unit, *numbers]


def _number(value: float) -> str:
    return "" if np.isnan(value) else repr(float(value))
