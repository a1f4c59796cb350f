"""The metrics of masks: what each is called, what it means, and its mean over classes and cases."""

import re
from collections.abc import Callable

import numpy as np

from scanwright.image import Floats
from scanwright.metrics import MaskOptions, Statistic
from scanwright.report.mask_results import MaskResults
from scanwright.report.metric_row import Metric
from scanwright.report.outcomes import Outcomes

TITLES = {
    "dice": "Mean Dice",
    "iou": "Mean IoU",
    "sensitivity": "Sensitivity",
    "precision": "Precision",
    "hd95": "HD95 ({length})",
    "assd": "ASSD ({length})",
    "nsd": "NSD at {tolerance:g} {length}",
    "volume_error": "Volume error",
    "lesion_f1": "Lesion F1",
}

DEFINITIONS = {
    "dice": "Twice the common part of truth and prediction, of both together.",
    "iou": "Common part of truth and prediction, of their union.",
    "sensitivity": "Share of the true elements that are found.",
    "precision": "Share of the predicted elements that are true.",
    "hd95": "Hausdorff distance at 95 %: so far at most does 95 % of each surface lie from "
    "the other; 0 is best.",
    "assd": "Average symmetric surface distance: mean over both surfaces of the distance to the "
    "other; 0 is best.",
    "nsd": "Normalised surface Dice: share of both surfaces that lies within {tolerance:g} "
    "{length} of the other.",
    "volume_error": "Difference of predicted and true volume, without its sign, as a share of the "
    "true one; 0 is best.",
    "lesion_f1": "F1 over separate lesions (elements that touch by a corner belong together); "
    "one is found if {overlap:g} % of it is covered.",
}

SURFACES = {
    "voxel centres": "Surface: centres of border voxels, each counting once (as in MONAI).",
    "surface elements": "Surface: elements of marching cubes by area (as in surface-distance).",
}

NOWHERE = "in no case is there a mask that it can be measured of"

OF_SURFACES = ("hd95", "assd", "nsd")
LOW_IS_BEST = ("hd95", "assd", "volume_error")


def mask_metrics(outcomes: Outcomes) -> tuple[Metric, ...]:
    """Return the metrics that were measured of the masks, in their order."""
    masks = outcomes.masks
    if masks is None:
        return ()
    return tuple(_metric(name, masks) for name in masks.values)


def mean_of_masks(outcomes: Outcomes, name: str) -> Statistic:
    """Return the mean over classes of each class's mean over cases, as a statistic.

    Cases in which a class has no finite value are left out of its mean; a class without any is
    left out altogether.
    """
    masks = outcomes.masks
    table = np.zeros((outcomes.count, 0)) if masks is None else masks.values[name]
    known = np.isfinite(table)
    classes = known.any(axis=0)
    numbers, counted = np.where(known, table, 0)[:, classes], known[:, classes].astype(np.float64)

    def of(weights: Floats) -> Floats:
        means: Floats = ((weights @ numbers) / (weights @ counted)).mean(axis=1)
        return means

    if not classes.any():
        return Statistic(outcomes.count, lambda weights: np.full(len(weights), np.nan), NOWHERE)
    return Statistic(outcomes.count, of, NOWHERE)


def _metric(name: str, masks: MaskResults) -> Metric:
    kind = "nsd" if name.startswith("nsd") else name
    words = {
        "tolerance": _tolerance(name, masks.options),
        "length": masks.length_unit,
        "overlap": 100 * masks.options.lesion_overlap,
    }
    title, definition = (table[kind].format(**words) for table in (TITLES, DEFINITIONS))
    if kind in OF_SURFACES:
        definition = f"{definition} {SURFACES[masks.options.surface]}"
    left_out = int(np.isinf(masks.values[name]).sum())
    if left_out:
        definition += (
            f" Left out: {left_out} of {masks.values[name].size} masks, of which only the "
        )
        definition += "true or only the predicted one is there."
    best = 0.0 if kind in LOW_IS_BEST else 1.0
    support = None if kind in LOW_IS_BEST else _patients_with(name)
    return Metric(name, title, definition, lambda found: mean_of_masks(found, name), support, best)


def _tolerance(name: str, options: MaskOptions) -> float:
    stated = re.fullmatch(r"nsd_(.+)mm", name)
    return float(stated[1]) if stated else options.tolerances_mm[0]


def _patients_with(name: str) -> Callable[[Outcomes], int]:
    def support(outcomes: Outcomes) -> int:
        if outcomes.masks is None:
            return 0
        known = np.flatnonzero(np.isfinite(outcomes.masks.values[name]).any(axis=1))
        return len({outcomes.patients[case] for case in known})

    return support
