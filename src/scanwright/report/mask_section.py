"""The part of a report that shows the masks of single cases: the best, the median, the worst."""

from collections.abc import Callable

import numpy as np

from scanwright.base import InputError
from scanwright.image import Floats
from scanwright.report.canvas import Figure
from scanwright.report.mask_results import MaskResults
from scanwright.report.measure import MeasureOptions
from scanwright.report.outcomes import Outcomes
from scanwright.report.overlay import MaskPicture, overlay_figure
from scanwright.report.section import Grid, Section

MaskPictures = Callable[[int], MaskPicture | None]
"""Maps the place of a case among the outcomes to its image and masks, or None without an image."""

MOST_ROWS = 150
"""Rows of the table of cases; all of them are in cases.csv."""

COLUMNS = {
    "dice": "Dice",
    "hd95": "HD95",
    "nsd": "NSD",
    "sensitivity": "Sensitivity",
    "precision": "Precision",
}


def mask_section(
    split: str,
    outcomes: Outcomes,
    options: MeasureOptions,
    pictures: MaskPictures = lambda _: None,
) -> Section:
    """Return overlays of the best, median and worst case, and a table of all cases.

    Parameters
    ----------
    split
        Its name, part of the anchors.
    pictures
        Called for at most three cases.

    Raises
    ------
    InputError
        The outcomes are not those of masks.
    """
    if outcomes.masks is None:
        raise InputError("Only masks have a section of masks.", got=outcomes.kind)
    figures = [
        _overlay(f"{split}-{rank}", f"{rank.capitalize()} case", index, outcomes, options, pictures)
        for rank, index in ranked_cases(outcomes).items()
    ]
    sentences = (
        f"Cases of the split “{split}” by their Dice, the mean over the classes that have one. "
        "Planes are those that hold most of the masks; a patient is seen from the feet, from the "
        "front and from the left.",
    )
    return Section(
        f"{split}-cases",
        "Best, median and worst case" if any(figures) else "Cases",
        sentences,
        tuple(figure for figure in figures if figure is not None),
        (_table(outcomes, outcomes.masks, options),),
    )


def ranked_cases(outcomes: Outcomes) -> dict[str, int]:
    """Return the places of the best, the median and the worst case by Dice, as far as they differ.

    Cases in which no class has a Dice are left out.
    """
    dice = case_dice(outcomes)
    order = [int(place) for place in np.argsort(-dice, kind="stable") if np.isfinite(dice[place])]
    if not order:
        return {}
    chosen = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    return {
        rank: place
        for number, (rank, place) in enumerate(chosen.items())
        if place not in list(chosen.values())[:number]
    }


def case_dice(outcomes: Outcomes) -> Floats:
    """Return the Dice of each case, shape (N,): its mean over classes, NaN where there is none."""
    table = np.full((outcomes.count, 1), np.nan)
    if outcomes.masks is not None:
        table = outcomes.masks.values["dice"]
    known = np.isfinite(table)
    counts = known.sum(axis=1)
    sums: Floats = np.where(known, table, 0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(1, counts), np.nan)


def _overlay(
    name: str,
    title: str,
    index: int,
    outcomes: Outcomes,
    options: MeasureOptions,
    pictures: MaskPictures,
) -> Figure | None:
    picture = pictures(index)
    if picture is None:
        return None
    words = f"{_case(outcomes, index, options)}: Dice {_text(case_dice(outcomes)[index])}."
    return overlay_figure(name, title, words, picture, outcomes.labels)


def _table(outcomes: Outcomes, masks: MaskResults, options: MeasureOptions) -> Grid:
    """Return one row for each case and class that has a mask, the lowest Dice first."""
    places = np.argwhere((outcomes.truth > 0) | (outcomes.scores > 0))
    dice = masks.values["dice"][tuple(places.T)] if len(places) else np.zeros(0)
    rows = []
    for case, label in places[np.argsort(dice, kind="stable")][:MOST_ROWS].tolist():
        numbers = [masks.values[name][case, label] for name in COLUMNS]
        volumes = (outcomes.truth[case, label], outcomes.scores[case, label])
        cells = [*(_text(number) for number in numbers), *(f"{v:.4g}" for v in volumes)]
        rows.append((_case(outcomes, case, options), outcomes.labels[label], *cells))
    all_of = "" if len(rows) == len(places) else f"the {len(rows)} of lowest Dice, "
    caption = f"{len(places)} masks of {outcomes.count} cases: {all_of}the lowest Dice first"
    size = (f"True ({masks.unit})", f"Predicted ({masks.unit})")
    words = {"hd95": f"HD95 ({masks.length_unit})"}
    head = ("Case", "Class", *(words.get(name, title) for name, title in COLUMNS.items()), *size)
    return Grid(caption, head, tuple(rows), tuple(range(2, len(head))), is_folded=True)


def _case(outcomes: Outcomes, index: int, options: MeasureOptions) -> str:
    return outcomes.cases[index] if options.show_names else f"Case {index + 1}"


def _text(value: float) -> str:
    if np.isnan(value):
        return "–"
    if np.isinf(value):
        return "∞"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"
