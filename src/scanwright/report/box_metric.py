"""The metrics of boxes: what each is called, what it means, and how it is bound to its cases."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from scanwright import metrics
from scanwright.metrics import BoxMatches, Statistic
from scanwright.report.box_results import BoxResults
from scanwright.report.metric_row import Bind, Metric
from scanwright.report.outcomes import Outcomes

PRECISION = (
    "Average precision as COCO defines it (pycocotools' value, 100 boxes an image), boxes counting "
    "as true {where}"
)
FROC = (
    "Mean sensitivity at 1/8, 1/4, 1/2, 1, 2, 4 and 8 false boxes per image, as LUNA16 scores it; "
    "a box counts from an intersection over union of 0.1, a further one on the same finding "
    "neither way"
)
SHOWN = (
    "{what} Boxes at or above the threshold of their class; one is true from an intersection over "
    "union of {least:g}, a further one on the same finding is false."
)
AUC = (
    "Area under the ROC curve of cases: how often one with a finding has a surer box than one "
    "without."
)


def box_metrics(outcomes: Outcomes) -> tuple[Metric, ...]:
    """Return the metrics of boxes, in their order."""
    boxes = outcomes.boxes
    if boxes is None:
        return ()
    over = "; the mean over classes" if len(outcomes.labels) > 1 else ""
    least = boxes.least_overlap
    return (
        _precision("ap", "AP", "at each of ten overlaps from 0.5 to 0.95", over),
        _precision("ap50", "AP at 0.5", "from an overlap of 0.5", over),
        _precision("ap75", "AP at 0.75", "from an overlap of 0.75", over),
        _precision("ap10", "AP at 0.1", "from an overlap of 0.1", over),
        Metric("froc", "FROC score", f"{FROC}{over}.", _froc, _patients_with),
        Metric(
            "sensitivity",
            "Sensitivity",
            SHOWN.format(what="Share of findings that are found.", least=least),
            _shown(metrics.bind_box_sensitivity),
            _patients_with,
        ),
        Metric(
            "precision",
            "Precision",
            SHOWN.format(what="Share of shown boxes that are true.", least=least),
            _shown(metrics.bind_box_precision),
            _patients_shown,
        ),
        Metric(
            "false_per_image",
            "False boxes per image",
            SHOWN.format(what="Shown boxes that are false, per image; 0 is best.", least=least),
            _shown(metrics.bind_false_boxes),
            best=0.0,
        ),
        Metric("auc", "AUC of cases", AUC, _auc, _rarer_patients),
    )


def boxes_of(outcomes: Outcomes) -> BoxResults:
    """Return the boxes of outcomes that have them."""
    assert outcomes.boxes is not None
    return outcomes.boxes


def _precision(name: str, title: str, where: str, over: str) -> Metric:
    overlaps = {"ap50": (0.5,), "ap75": (0.75,), "ap10": (0.1,)}.get(name, metrics.COCO_OVERLAPS)

    def bind(outcomes: Outcomes) -> Statistic:
        return metrics.bind_box_average_precision(boxes_of(outcomes).matches, overlaps)

    definition = f"{PRECISION.format(where=where)}{over}."
    return Metric(name, title, definition, bind, _patients_with)


def _froc(outcomes: Outcomes) -> Statistic:
    return metrics.bind_froc(boxes_of(outcomes).matches)


def _auc(outcomes: Outcomes) -> Statistic:
    return metrics.bind_case_auc(boxes_of(outcomes).matches)


def _shown(bind: Callable[[BoxMatches, metrics.Bools, float], Statistic]) -> Bind:
    def bound(outcomes: Outcomes) -> Statistic:
        boxes = boxes_of(outcomes)
        return bind(boxes.matches, boxes.reported, boxes.least_overlap)

    return bound


def _patients_with(outcomes: Outcomes) -> int:
    return _count(outcomes, outcomes.truth.any(axis=1))


def _patients_shown(outcomes: Outcomes) -> int:
    boxes = boxes_of(outcomes)
    shown = np.zeros(outcomes.count, dtype=bool)
    shown[boxes.matches.case[boxes.reported]] = True
    return _count(outcomes, shown)


def _rarer_patients(outcomes: Outcomes) -> int:
    has = outcomes.truth.any(axis=1)
    return min(_count(outcomes, has), _count(outcomes, np.logical_not(has)))


def _count(outcomes: Outcomes, chosen: npt.ArrayLike) -> int:
    return len({outcomes.patients[case] for case in np.flatnonzero(chosen)})
