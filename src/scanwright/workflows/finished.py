"""What a finished run left in its folder, read back: recipe, split, answers, seconds."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scanwright.base import FileError, InputError
from scanwright.image import Floats
from scanwright.recipe import Recipe, read_recipe

FILES = ("recipe.toml", "predictions.csv", "state/split.json")
"""What is needed of a run."""
FIXED_COLUMNS = ("number", "case", "patient", "split", "truth", "decision")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a run answered to the cases of a split.

    Parameters
    ----------
    cases
        N names.
    patients
        N numbers of patients, as words.
    truth, decided
        N words each, as in predictions.csv.
    scores
        Shape (N, K).
    """

    cases: tuple[str, ...]
    patients: tuple[str, ...]
    truth: tuple[str, ...]
    decided: tuple[str, ...]
    scores: Floats = field(repr=False)


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run as its folder holds it.

    Parameters
    ----------
    folds
        Names of the cases of each part of each fold.
    answers
        Split → answers; those of "validation" are out of fold.
    training_seconds
        Of all networks together; None where the log does not say.
    """

    folder: Path
    recipe: Recipe
    folds: tuple[Mapping[str, tuple[str, ...]], ...]
    answers: Mapping[str, Answers]
    training_seconds: float | None


def is_run(path: str | Path) -> bool:
    """Whether a place is the folder of a finished run."""
    return all((Path(path) / name).exists() for name in FILES)


def read_finished(folder: Path) -> FinishedRun:
    """Read a run.

    Raises
    ------
    InputError
        The folder holds no finished run.
    """
    missing = [name for name in FILES if not (folder / name).exists()]
    if missing:
        raise InputError(
            "This is no finished run.",
            got=f"{', '.join(missing)} missing",
            legal="the output folder of scanwright train",
            next="train first, or finish the run by repeating its command",
            where=folder,
        )
    split = json.loads((folder / "state" / "split.json").read_text(encoding="utf-8"))
    folds = tuple({part: tuple(names) for part, names in fold.items()} for fold in split["folds"])
    return FinishedRun(
        folder=folder,
        recipe=read_recipe(folder / "recipe.toml"),
        folds=folds,
        answers=_answers(folder / "predictions.csv"),
        training_seconds=_training_seconds(folder / "log.jsonl"),
    )


def _answers(path: Path) -> dict[str, Answers]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = [name for name in (rows[0] if rows else {}) if name not in FIXED_COLUMNS]
    if not columns or not set(FIXED_COLUMNS) <= set(rows[0]):
        raise FileError("The table of predictions has no scores.", where=path)
    splits = dict.fromkeys(row["split"] for row in rows)
    return {split: _of([row for row in rows if row["split"] == split], columns) for split in splits}


def _of(rows: list[dict[str, str]], columns: list[str]) -> Answers:
    scores = np.array([[float(row[name]) for name in columns] for row in rows])

    def column(name: str) -> tuple[str, ...]:
        return tuple(row[name] for row in rows)

    return Answers(column("case"), column("patient"), column("truth"), column("decision"), scores)


def _training_seconds(path: Path) -> float | None:
    """Add up the seconds at which each network's last line was written."""
    if not path.exists():
        return None
    last: dict[int, float] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line) if line else {}  # Any: numbers and words
        if "seconds" in row:
            last[int(row["member"])] = float(row["seconds"])
    return sum(last.values()) if last else None
