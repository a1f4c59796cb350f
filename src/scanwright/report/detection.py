"""The boxes of all cases of a split, matched: from them scores, figures and tables are made."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from scanwright.base import InputError, LabelError
from scanwright.image import BoxesTarget, BoxPrediction, Floats, Geometry, edges_of
from scanwright.metrics import BoxMatches, CaseBoxes, match_boxes
from scanwright.report.box_results import LEAST_OVERLAP, BoxResults
from scanwright.report.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class DetectedCase:
    """The true and the found boxes of one case.

    Parameters
    ----------
    geometry, size
        The grid that all boxes lie on.
    patient
        Whom the case belongs to; the case itself when not given.
    columns
        Further facts by which results are broken down ("site": "A").
    """

    name: str
    boxes: CaseBoxes
    geometry: Geometry
    size: tuple[int, ...]
    patient: str = ""
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DetectionOutcomes:
    """True and found boxes of N cases.

    Parameters
    ----------
    labels
        Names of the K classes.
    thresholds
        Score from which a box of each label is shown; none to show every box.
    rule
        How the thresholds were chosen, in words.

    Raises
    ------
    InputError
        There is no case.
    """

    labels: tuple[str, ...]
    cases: tuple[DetectedCase, ...] = field(repr=False)
    thresholds: tuple[float, ...] = ()
    rule: str = ""

    def __post_init__(self) -> None:
        if not self.cases:
            raise InputError("There is no case to measure.")

    @property
    def outcomes(self) -> Outcomes:
        """What all reports are made from."""
        labels = len(self.labels)
        matches = match_boxes([case.boxes for case in self.cases], labels)
        cuts = np.array(self.thresholds) if self.thresholds else np.zeros(labels)
        scores = np.zeros((len(self.cases), labels))
        np.maximum.at(scores, (matches.case, matches.label), matches.scores)
        names = dict.fromkeys(name for case in self.cases for name, _ in case.columns)
        return Outcomes(
            "detection",
            self.labels,
            true_table(matches),
            scores,
            cases=tuple(case.name for case in self.cases),
            patients=tuple(case.patient or case.name for case in self.cases),
            columns={
                name: tuple(dict(case.columns).get(name, "") for case in self.cases)
                for name in names
            },
            thresholds=self.thresholds,
            rule=self.rule,
            boxes=BoxResults(
                matches,
                matches.scores >= cuts[matches.label],
                tuple(case.geometry for case in self.cases),
                tuple(case.size for case in self.cases),
                LEAST_OVERLAP[self.cases[0].geometry.rank],
            ),
        )


def detected_case(name: str, truth: BoxesTarget, prediction: BoxPrediction) -> DetectedCase:
    """Return a case from what is known of it and what a network finds, both on its own grid.

    Raises
    ------
    LabelError
        A true box has a label that the network does not know.
    """
    labels = prediction.labels
    unknown = sorted({box.label for box in truth.boxes} - set(labels))
    if unknown:
        raise LabelError(
            "A box has a label that the network does not know.",
            got=", ".join(unknown),
            legal=", ".join(labels),
            where=name,
        )
    rank = prediction.geometry.rank
    boxes = CaseBoxes(
        edges_of(truth.boxes, rank),
        np.array([labels.index(box.label) for box in truth.boxes], dtype=np.int64),
        prediction.edges,
        prediction.classes,
        prediction.scores,
        whole=float(np.prod(prediction.size)),
    )
    return DetectedCase(name, boxes, prediction.geometry, prediction.size)


def true_table(matches: BoxMatches) -> Floats:
    """Return how many true boxes of each class each case has, shape (N, K)."""
    return np.stack([matches.true_counts(label) for label in range(matches.classes)], axis=1)


def thresholds_of(predictions: Sequence[BoxPrediction]) -> tuple[float, ...]:
    """Return the thresholds that predictions of one network share.

    Raises
    ------
    InputError
        They differ.
    """
    found = {prediction.thresholds for prediction in predictions}
    if len(found) > 1:
        raise InputError(
            "All cases of a split are shown by the same thresholds.", got=sorted(found)[:3]
        )
    return found.pop() if found else ()
