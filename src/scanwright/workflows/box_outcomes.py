"""What a finished run found, read back as outcomes of a split."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanwright.base import FileError, InputError
from scanwright.image import Edges, Geometry
from scanwright.metrics import CaseBoxes
from scanwright.report import DetectedCase, DetectionOutcomes, Outcomes
from scanwright.workflows.finished import FinishedRun

CASES, FINDINGS = "cases.csv", "findings.csv"
TRUE = ("found", "missed", "crowd")
"""What boxes of the truth are called."""

Row = dict[str, str]


def box_outcomes(run: FinishedRun, split: str) -> Outcomes:
    """Return what a run found in a split, sorted by case; lengths are in index units.

    Raises
    ------
    InputError
        The run has no such split.
    FileError
        Its tables are not there, or not whole.
    """
    try:
        cases = _rows(run.folder / CASES, split)
        if not cases:
            raise InputError(f"The run has no findings of a {split} part.", where=run.folder)
        return _outcomes(cases, _rows(run.folder / FINDINGS, split), run.recipe.task.labels)
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise FileError(
            "The tables of findings cannot be read.",
            next="train again, or take the folder as scanwright train left it",
            where=run.folder / FINDINGS,
        ) from error


def boxes_apart(outcomes: Outcomes) -> dict[str, Outcomes]:
    """Return the boxes of each class by themselves."""
    boxes = outcomes.boxes
    assert boxes is not None
    return {
        label: replace(
            outcomes,
            labels=(label,),
            truth=outcomes.truth[:, place : place + 1],
            scores=outcomes.scores[:, place : place + 1],
            thresholds=outcomes.thresholds[place : place + 1],
            boxes=boxes.alone(place),
        )
        for place, label in enumerate(outcomes.labels)
    }


def case_mistakes(outcomes: Outcomes) -> dict[str, float]:
    """Return how many findings of each case are missed, and boxes false, together."""
    boxes = outcomes.boxes
    assert boxes is not None
    true, found, false = boxes.counts
    return dict(zip(outcomes.cases, (true - found + false).tolist(), strict=True))


def _rows(path: Path, split: str) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if row["split"] == split]


def _outcomes(cases: Sequence[Row], boxes: Sequence[Row], labels: tuple[str, ...]) -> Outcomes:
    # Patients are numbered by each run in its own way: they are named after their first case.
    in_order = sorted(cases, key=lambda row: row["case"])
    first: dict[str, str] = {}
    for row in in_order:
        first.setdefault(row["patient"], row["case"])
    of_case: dict[str, list[Row]] = {row["case"]: [] for row in in_order}
    for row in boxes:
        of_case[row["case"]].append(row)
    detected = tuple(
        _detected(row, of_case[row["case"]], labels, first[row["patient"]]) for row in in_order
    )
    return DetectionOutcomes(labels, detected, _thresholds(boxes, labels)).outcomes


def _detected(
    case: Row, boxes: Sequence[Row], labels: tuple[str, ...], patient: str
) -> DetectedCase:
    size = tuple(int(part) for part in case["size"].split("x"))
    truth = [row for row in boxes if row["what"] in TRUE]
    found = [row for row in boxes if row["what"] not in TRUE]
    own = CaseBoxes(
        _edges(truth, len(size)),
        _classes(truth, labels),
        _edges(found, len(size)),
        _classes(found, labels),
        np.array([float(row["score"]) for row in found]),
        np.array([row["what"] == "crowd" for row in truth], dtype=bool),
    )
    return DetectedCase(case["case"], own, Geometry.pixels(len(size)), size, patient)


def _edges(rows: Sequence[Row], rank: int) -> Edges:
    names = [f"{axis}_{end}" for axis in "zyx"[-rank:] for end in ("min", "max")]
    numbers = [[float(row[name]) for name in names] for row in rows]
    return np.array(numbers, dtype=np.float64).reshape(-1, rank, 2)


def _classes(rows: Sequence[Row], labels: tuple[str, ...]) -> npt.NDArray[np.int64]:
    return np.array([labels.index(row["label"]) for row in rows], dtype=np.int64)


def _thresholds(boxes: Sequence[Row], labels: tuple[str, ...]) -> tuple[float, ...]:
    """Return cuts by which the same boxes are reported: the lowest such score, or above all."""
    cuts = []
    for label in labels:
        own = [row for row in boxes if row["label"] == label and row["what"] not in TRUE]
        scores = {
            word: [float(row["score"]) for row in own if row["reported"] == word]
            for word in ("yes", "no")
        }
        beyond = float(np.nextafter(max(scores["no"], default=0.0), np.inf))
        cuts.append(min(scores["yes"], default=beyond))
    return tuple(cuts)
