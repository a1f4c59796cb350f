"""The rival after learning from parts of the patients, each part inside the next."""

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np

from scanwright.base import SILENT, Progress
from scanwright.classical.cross import Rows, Table, cross_fit
from scanwright.classical.options import RivalOptions
from scanwright.image import Floats


@dataclass(frozen=True, slots=True)
class Part:
    """Training cases of a share of the patients.

    Parameters
    ----------
    share
        Of the training patients.
    rows
        Rows of the table to learn from, for each fold.
    """

    share: float
    rows: tuple[Rows, ...] = field(repr=False)

    @property
    def cases(self) -> int:
        """Mean number of training cases over folds."""
        return round(float(np.mean([len(rows) for rows in self.rows])))


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The rival after learning from part of the cases.

    Parameters
    ----------
    share
        Of the training patients.
    cases
        Mean number of training cases over folds.
    scores
        Answers out of fold to all held-out cases, shape (len(rows), K).
    """

    share: float
    cases: int
    scores: Floats = field(repr=False)
    seconds: float


def learning_parts(
    table: Table, folds: Sequence[tuple[Rows, Rows]], shares: Sequence[float], seed: int
) -> tuple[Part, ...]:
    """Return parts of the training cases of each fold: nested, stratified, patients whole.

    Whoever asks with the same seed gets the same parts, so that several models can learn from them.

    Parameters
    ----------
    shares
        Rising. One at which a class would have fewer than two patients is left out.
    """
    rng = np.random.default_rng([seed, 5])
    orders = [rng.permutation(len(train)) for train, _ in folds]
    parts = [
        Part(
            share,
            tuple(
                part_of(table, train, order, share)
                for (train, _), order in zip(folds, orders, strict=True)
            ),
        )
        for share in shares
    ]
    return tuple(part for part in parts if all(_can_learn(table, rows) for rows in part.rows))


def learning_curve(
    table: Table,
    folds: Sequence[tuple[Rows, Rows]],
    shares: Sequence[float],
    options: RivalOptions,
    progress: Progress = SILENT,
) -> tuple[CurvePoint, ...]:
    """Fit the rival on parts of the training patients of each fold, each part in the next.

    Parameters
    ----------
    shares
        As for `learning_parts`.
    options
        `seconds` is the time for the whole curve.
    """
    started = time.monotonic()
    points: list[CurvePoint] = []
    parts = learning_parts(table, folds, shares, options.seed)
    progress.begin("learning from fewer cases", len(parts), "parts")
    for at, part in enumerate(parts):
        left = options.seconds - (time.monotonic() - started)
        if options.seconds and left < (points[-1].seconds * 1.5 if points else 0):
            break
        seconds = left / (len(parts) - at) if options.seconds else 0.0
        folds_of_part = [(rows, held) for rows, (_, held) in zip(part.rows, folds, strict=True)]
        fitted = cross_fit(table, folds_of_part, options.model_copy(update={"seconds": seconds}))
        progress.step(1)
        points.append(CurvePoint(part.share, part.cases, fitted.scores, fitted.seconds))
    progress.end()
    return tuple(points)


def part_of(table: Table, train: Rows, order: Rows, share: float) -> Rows:
    """Return the cases of the first patients in `order`, `share` of those of each label."""
    label_of: dict[Hashable, int] = {}
    for row in train[order].tolist():
        label_of.setdefault(table.patients[row], _stratum(table, row))
    kept: set[Hashable] = set()
    for label in sorted(set(label_of.values())):
        people = [patient for patient, own in label_of.items() if own == label]
        kept.update(people[: max(1, round(share * len(people)))])
    return np.array([row for row in train.tolist() if table.patients[row] in kept], dtype=np.int64)


def _stratum(table: Table, row: int) -> int:
    if table.kind in ("classes", "grade"):
        return int(table.truth[row])
    if table.kind == "findings":
        return int(np.asarray(table.truth[row]).any())
    return 0


def _can_learn(table: Table, rows: Rows) -> bool:
    patients = [table.patients[row] for row in rows.tolist()]
    if table.kind in ("classes", "grade"):
        known = [label for label in range(table.labels) if (table.truth == label).any()]
        groups = np.array([str(patient) for patient in patients])
        own = np.asarray(table.truth)[rows]
        return all(len(set(groups[own == label].tolist())) > 1 for label in known)
    return len(set(patients)) > 3
