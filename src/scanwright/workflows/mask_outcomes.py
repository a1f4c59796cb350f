"""What a finished run measured of its outlines, read back as outcomes of a split."""

import csv
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scanwright.base import FileError, InputError
from scanwright.image import Floats
from scanwright.report import MaskResults, Outcomes
from scanwright.workflows.finished import FinishedRun

TABLE = "cases.csv"
FACTS = ("split", "number", "case", "patient", "class", "true", "predicted", "unit")
"""Columns that stand before those of metrics."""
LENGTH_UNITS = {"ml": "mm", "mm²": "mm"}
"""Unit of volumes → of distances; the same where no physical size is known."""

Row = dict[str, str]


def mask_outcomes(run: FinishedRun, split: str) -> Outcomes:
    """Return what a run measured of a split, sorted by case; no mask is read again.

    Raises
    ------
    InputError
        The run has no such split.
    FileError
        Its table of cases is not there, or not whole.
    """
    path = run.folder / TABLE
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [row for row in csv.DictReader(stream) if row["split"] == split]
        if not rows:
            raise InputError(f"The run has no outlines of a {split} part.", where=run.folder)
        return _outcomes(rows, run.recipe.task.labels)
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise FileError(
            "The table of outlined cases cannot be read.",
            next="train again, or take the folder as scanwright train left it",
            where=path,
        ) from error


def _outcomes(rows: Sequence[Row], labels: tuple[str, ...]) -> Outcomes:
    of_case: dict[str, dict[str, Row]] = {}
    for row in rows:
        of_case.setdefault(row["case"], {})[row["class"]] = row
    cases = sorted(of_case)

    def table(column: str) -> Floats:
        found = [[_number(of_case[case][label][column]) for label in labels] for case in cases]
        return np.array(found, dtype=np.float64)

    unit = rows[0]["unit"]
    metrics = [name for name in rows[0] if name not in FACTS]
    patients = [of_case[case][labels[0]]["patient"] for case in cases]
    # Patients are numbered by each run in its own way: they are named after their first case.
    first = {patient: case for case, patient in reversed(list(zip(cases, patients, strict=True)))}
    return Outcomes(
        "segmentation",
        labels,
        table("true"),
        table("predicted"),
        cases=tuple(cases),
        patients=tuple(first[patient] for patient in patients),
        masks=MaskResults(
            {name: table(name) for name in metrics},
            unit=unit,
            length_unit=LENGTH_UNITS.get(unit, unit),
        ),
    )


def _number(word: str) -> float:
    """Return a number; NaN where the metric was not defined."""
    return float(word) if word else float("nan")


def classes_apart(outcomes: Outcomes) -> dict[str, Outcomes]:
    """Return the masks of each class by themselves."""
    masks = outcomes.masks
    assert masks is not None
    return {
        label: replace(
            outcomes,
            labels=(label,),
            truth=outcomes.truth[:, place : place + 1],
            scores=outcomes.scores[:, place : place + 1],
            masks=masks.alone(place),
        )
        for place, label in enumerate(outcomes.labels)
    }


def case_scores(outcomes: Outcomes) -> dict[str, float]:
    """Return the Dice of each case, the mean over the classes that have one."""
    masks = outcomes.masks
    assert masks is not None
    known = np.isfinite(masks.values["dice"])
    sums = np.where(known, masks.values["dice"], 0).sum(axis=1)
    counts = known.sum(axis=1)
    return {
        case: float(total / count)
        for case, total, count in zip(outcomes.cases, sums, counts, strict=True)
        if count
    }
