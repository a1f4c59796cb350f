"""A part of the training cases of each fold, and what networks answered that learnt from it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scanwright.base import Plain, write_json
from scanwright.image import Floats


@dataclass(frozen=True, slots=True)
class TrainingPart:
    """Cases to learn from, and those to answer, by name.

    Parameters
    ----------
    share
        Of the training patients.
    folds
        (learnt from, held out) of each fold.
    """

    share: float
    folds: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = field(repr=False)

    @property
    def cases(self) -> int:
        """Mean number of training cases over folds."""
        return round(float(np.mean([len(train) for train, _ in self.folds])))

    @property
    def names(self) -> list[str]:
        """Names of all cases, those of several folds several times."""
        return [name for fold in self.folds for part in fold for name in part]

    def to_plain(self) -> list[Plain]:
        """Return it for hashing."""
        return [self.share, [[list(part) for part in fold] for fold in self.folds]]


@dataclass(frozen=True, slots=True)
class NetworkPoint:
    """Networks after learning from a part of the cases.

    Parameters
    ----------
    cases
        Mean number of training cases over folds.
    steps
        That each of them was trained.
    names
        Held-out cases.
    scores
        Their answers out of fold, calibrated as the run's are, shape (N, K).
    is_cut
        Whether time was short, so that some had fewer steps than those of other points.
    """

    share: float
    cases: int
    steps: int
    names: tuple[str, ...] = field(repr=False)
    scores: Floats = field(repr=False)
    thresholds: tuple[float, ...]
    is_cut: bool = False

    def write(self, file: Path) -> None:
        """Keep the answers."""
        plain = {
            "steps": self.steps,
            "names": list(self.names),
            "scores": self.scores.tolist(),
            "thresholds": list(self.thresholds),
            "is_cut": self.is_cut,
        }
        write_json(file, plain)

    @classmethod
    def read(cls, file: Path, part: TrainingPart) -> "NetworkPoint":
        """Read what was kept of a part."""
        kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return cls(
            share=part.share,
            cases=part.cases,
            steps=int(kept["steps"]),
            names=tuple(kept["names"]),
            scores=np.array(kept["scores"]),
            thresholds=tuple(kept["thresholds"]),
            is_cut=bool(kept["is_cut"]),
        )
