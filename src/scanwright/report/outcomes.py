"""What was true and what a model said of the cases of one split: all that a report is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from scanwright.base import LabelError, ShapeError
from scanwright.metrics import (
    check_classes,
    check_labels,
    check_numbers,
    decide_classes,
    decide_labels,
)
from scanwright.report.box_results import BoxResults
from scanwright.report.mask_results import MaskResults

Kind = Literal["classes", "findings", "grade", "number", "segmentation", "detection"]
"""One of K, any of K, one of K in order, a number, masks of K, or boxes of K."""

Values = npt.NDArray[Any]  # Any: indices, yes-or-no claims or numbers, as the kind says
"""Truth or decisions, one row per case."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Truth, scores and decisions of N cases.

    Parameters
    ----------
    kind
        What is predicted.
    labels
        K names; for a number its one name.
    truth
        Shape (N,): class or grade indices, or numbers; findings: 0 and 1, shape (N, K);
        segmentation: true volumes, detection: numbers of true boxes, shape (N, K).
    scores
        Shape (N, K): probabilities, predicted volumes, or the scores of the surest boxes; numbers:
        shape (N,) or (N, 1).
    cases
        N names; numbered when not given.
    patients
        Whom each case belongs to; each its own patient when not given.
    columns
        Further facts, N words each, by which results are broken down ("site", "sex").
    thresholds
        Operating point: one value for two classes (of the second), K for findings and boxes.
        Without it the most probable class is decided for, a finding at 0.5, and every box is shown.
    rule
        How the thresholds were chosen, in words.
    decisions
        Shape (N,): grades decided otherwise than for the most probable one.
    unit
        Unit of a number.
    masks
        What was measured of the masks of each case, for a segmentation.
    boxes
        What was measured of the boxes of each case, for a detection.
    """

    kind: Kind
    labels: tuple[str, ...]
    truth: Values = field(repr=False)
    scores: Values = field(repr=False)
    cases: tuple[str, ...] = field(default=(), repr=False)
    patients: tuple[str, ...] = field(default=(), repr=False)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    thresholds: tuple[float, ...] = ()
    rule: str = ""
    decisions: Values | None = field(default=None, repr=False)
    unit: str = ""
    masks: MaskResults | None = field(default=None, repr=False)
    boxes: BoxResults | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        truth, scores = _checked(self)
        for name, values in (("truth", truth), ("scores", scores)):
            view = values.view()
            view.setflags(write=False)
            object.__setattr__(self, name, view)
        count = len(truth)
        object.__setattr__(self, "labels", tuple(self.labels))
        cases = tuple(self.cases) or tuple(f"case {index + 1}" for index in range(count))
        object.__setattr__(self, "cases", cases)
        object.__setattr__(self, "patients", tuple(self.patients) or cases)
        columns = {name: tuple(values) for name, values in self.columns.items()}
        object.__setattr__(self, "columns", MappingProxyType(columns))
        parts = {"cases": self.cases, "patients": self.patients, **columns}
        for name, words in parts.items():
            if len(words) != count:
                raise ShapeError(
                    "Each case needs one value.", got=len(words), legal=count, where=name
                )
        self._check_decisions()

    def _check_decisions(self) -> None:
        each = (0, len(self.labels))
        legal = {
            "classes": (0, 1) if self.is_binary else (0,),
            "findings": each,
            "detection": each,
        }
        if len(self.thresholds) not in legal.get(self.kind, (0,)):
            raise ShapeError(
                "The thresholds do not fit the labels.",
                got=len(self.thresholds),
                legal=legal.get(self.kind, (0,)),
            )
        if self.decisions is not None and np.shape(self.decisions) != (len(self.truth),):
            raise ShapeError("Each case needs one decision.", got=np.shape(self.decisions))
        if self.boxes is not None and self.boxes.matches.cases != len(self.truth):
            raise ShapeError(
                "Boxes were measured of other cases.",
                got=self.boxes.matches.cases,
                legal=len(self.truth),
            )
        for name, table in (self.masks.values if self.masks else {}).items():
            if table.shape != self.truth.shape:
                raise ShapeError(
                    "Each mask needs one number.",
                    got=table.shape,
                    legal=self.truth.shape,
                    where=name,
                )

    @property
    def is_binary(self) -> bool:
        """Whether there are two classes, the second being the positive one."""
        return self.kind == "classes" and len(self.labels) == 2

    @property
    def count(self) -> int:
        """Number of cases N."""
        return len(self.truth)

    @property
    def patient_count(self) -> int:
        """Number of different patients."""
        return len(set(self.patients))

    @property
    def has_patients(self) -> bool:
        """Whether it is known whom the cases belong to."""
        return self.patients != self.cases

    @property
    def people(self) -> str:
        """What the cases count as: "patients", or "cases" where patients are not known."""
        return "patients" if self.has_patients else "cases"

    @property
    def decided(self) -> Values:
        """What was decided, in the form of the truth."""
        if self.decisions is not None:
            return np.asarray(self.decisions)
        if self.kind in ("number", "segmentation"):
            return self.scores
        if self.kind in ("findings", "detection"):
            # Without a threshold every box is shown, and no box has a score of 0.
            least = 0.5 if self.kind == "findings" else float(np.nextafter(0, 1))
            cuts = self.thresholds or (least,) * len(self.labels)
            return decide_labels(self.scores, cuts).astype(np.int64)
        return decide_classes(self.scores, self.thresholds[0] if self.thresholds else None)

    def claims(self, label: int) -> tuple[Values, Values, Values]:
        """Return truth (0 or 1), score and decision (0 or 1) of one label, each shape (N,).

        Of masks and boxes: whether there is one, its predicted volume or the score of the surest
        box, and whether one is predicted.
        """
        if self.kind == "detection":
            there = (self.truth[:, label] > 0).astype(np.int64)
            return there, self.scores[:, label], self.decided[:, label]
        if self.kind == "segmentation":
            truth, guess = self.truth[:, label], self.scores[:, label]
            return (truth > 0).astype(np.int64), guess, (guess > 0).astype(np.int64)
        if self.kind == "findings":
            return self.truth[:, label], self.scores[:, label], self.decided[:, label]
        chosen = (self.decided == label).astype(np.int64)
        return (self.truth == label).astype(np.int64), self.scores[:, label], chosen

    def subset(self, keep: Values) -> "Outcomes":
        """Return the cases where `keep`, shape (N,), is true."""
        index = np.flatnonzero(keep)
        return replace(
            self,
            truth=self.truth[index],
            scores=self.scores[index],
            cases=tuple(self.cases[i] for i in index),
            patients=tuple(self.patients[i] for i in index),
            columns={name: tuple(v[i] for i in index) for name, v in self.columns.items()},
            decisions=None if self.decisions is None else np.asarray(self.decisions)[index],
            masks=self.masks and self.masks.subset(index),
            boxes=self.boxes and self.boxes.subset(index),
        )


def _checked(outcomes: Outcomes) -> tuple[Values, Values]:
    truth, scores = _CHECKS[outcomes.kind](outcomes.truth, outcomes.scores)
    if len(truth) == 0:
        raise LabelError("There is no case to measure.")
    width = scores.shape[1] if scores.ndim == 2 else 1
    if width != len(outcomes.labels):
        raise ShapeError("Each score needs one label.", got=len(outcomes.labels), legal=width)
    return truth, scores


def _claims_as_integers(truth: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[Values, Values]:
    claims, values = check_labels(truth, scores)
    return claims.astype(np.int64), values


def _counts(truth: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[Values, Values]:
    counts, values = (np.asarray(part, dtype=np.float64) for part in (truth, scores))
    if counts.ndim != 2 or counts.shape != values.shape:
        raise ShapeError(
            "Boxes are counted by case and class, and each case and class has its highest score.",
            got=(counts.shape, values.shape),
            legal="both (N, K)",
        )
    if not np.all((counts >= 0) & np.isfinite(counts) & np.isfinite(values)):
        raise LabelError("Counts of boxes are zero or more, scores finite.", got="other numbers")
    return counts, values


def _volumes(truth: npt.ArrayLike, guess: npt.ArrayLike) -> tuple[Values, Values]:
    volumes = [np.asarray(values, dtype=np.float64) for values in (truth, guess)]
    if volumes[0].ndim != 2 or volumes[0].shape != volumes[1].shape:
        raise ShapeError(
            "Volumes have one row per case, one column per class.",
            got=(volumes[0].shape, volumes[1].shape),
            legal="both (N, K)",
        )
    if not all(np.all((values >= 0) & np.isfinite(values)) for values in volumes):
        raise LabelError("A volume is zero or more.", got="negative, NaN or infinite volumes")
    return volumes[0], volumes[1]


_CHECKS = {
    "classes": check_classes,
    "findings": _claims_as_integers,
    "grade": check_classes,
    "number": check_numbers,
    "segmentation": _volumes,
    "detection": _counts,
}
