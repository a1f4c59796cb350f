"""Answers about cases as rows of a table: scores, or outlines that were written to files."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanwright.base import Plain
from scanwright.image import Prediction
from scanwright.workflows.findings import Findings


@dataclass(frozen=True, slots=True)
class Outline:
    """What was outlined in a case, and where it was written.

    Parameters
    ----------
    files
        Label maps on the grid of the case, and pictures of them.
    volumes_ml, areas_mm2, diameters_mm
        By name; as `MaskPrediction` has them.
    """

    case: str
    files: tuple[Path, ...]
    volumes_ml: dict[str, float]
    areas_mm2: dict[str, float]
    diameters_mm: dict[str, float]
    warnings: tuple[str, ...] = ()


Answered = Prediction | Outline | Findings


@dataclass(frozen=True, slots=True)
class AnswerRows:
    """How answers of one kind become rows.

    Parameters
    ----------
    head
        Labels → names of the columns, the case first and the warnings last.
    cells
        (answer, labels) → its rows, at least one, each of as many words.
    plain
        Answer → for JSON.
    shown
        Columns to show on a screen beside the case and the warnings: (answer, labels) → by name.
    """

    head: Callable[[Sequence[str]], list[str]]
    cells: Callable[[Any, Sequence[str]], Iterable[list[str]]]  # Any: an answer of this kind
    plain: Callable[[Any], Plain]
    shown: Callable[[Any, Sequence[str]], dict[str, str]]


def _score_cells(answer: Prediction, _: Sequence[str]) -> list[list[str]]:
    row = [f"{value:.6g}" for value in (*answer.scores, *answer.spread)]
    return [[answer.case, "|".join(answer.decision), *row, "; ".join(answer.warnings)]]


def _score_plain(answer: Prediction) -> Plain:
    return {
        "case": answer.case,
        "decision": list(answer.decision),
        "scores": dict(zip(answer.labels, answer.scores.tolist(), strict=True)),
        "spread": dict(zip(answer.labels, answer.spread.tolist(), strict=True)),
        "warnings": list(answer.warnings),
    }


def _score_shown(answer: Prediction, labels: Sequence[str]) -> dict[str, str]:
    scores = {label: f"{score:.3f}" for label, score in zip(labels, answer.scores, strict=True)}
    return {"decision": ", ".join(answer.decision), **scores}


SIZES = {"volume_ml": "volumes_ml", "area_mm2": "areas_mm2", "diameter_mm": "diameters_mm"}
"""Column → where an outline has it."""


def _outline_cells(answer: Outline, labels: Sequence[str]) -> list[list[str]]:
    sizes = [
        _number(getattr(answer, place).get(label)) for place in SIZES.values() for label in labels
    ]
    files = "|".join(str(file) for file in answer.files)
    return [[answer.case, files, *sizes, "; ".join(answer.warnings)]]


def _outline_plain(answer: Outline) -> Plain:
    sizes: dict[str, Plain] = {
        place: dict(getattr(answer, place)) for place in SIZES.values() if getattr(answer, place)
    }
    return {
        "case": answer.case,
        "files": [str(file) for file in answer.files],
        **sizes,
        "warnings": list(answer.warnings),
    }


def _outline_shown(answer: Outline, labels: Sequence[str]) -> dict[str, str]:
    amounts = answer.volumes_ml or answer.areas_mm2
    unit = "ml" if answer.volumes_ml else "mm²"
    sizes = {label: f"{amounts[label]:.4g} {unit}" for label in labels if label in amounts}
    return {"file": answer.files[0].name if answer.files else "", **sizes}


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


SCORES = AnswerRows(
    lambda labels: [
        "case", "decision", *(f"score {label}" for label in labels),
        *(f"spread {label}" for label in labels), "warnings",
    ],
    _score_cells,
    _score_plain,
    _score_shown,
)  # fmt: skip
OUTLINES = AnswerRows(
    lambda labels: [
        "case", "files", *(f"{size} {label}" for size in SIZES for label in labels), "warnings",
    ],
    _outline_cells,
    _outline_plain,
    _outline_shown,
)  # fmt: skip
