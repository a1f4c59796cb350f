"""Figures of boxes: FROC, precision and recall, what is found by size and place, calibration."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanwright import metrics
from scanwright.image import Floats, Frame
from scanwright.metrics import Resamples
from scanwright.report.box_results import BoxResults
from scanwright.report.canvas import FAINT, PAPER, SERIES, Figure, draw, shorten
from scanwright.report.curves import LINES, MOST_CURVES, roc_figure
from scanwright.report.measure import Scores
from scanwright.report.outcomes import Outcomes
from scanwright.report.plane import OPPOSITE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RATES = np.geomspace(1 / 16, 16, 65)
"""False boxes per image that a FROC curve is drawn over."""

FEWEST_BY_SIZE = 6
"""Findings below which they are not parted by size."""

MOST_CLASSES = 12
"""Classes that get a row of their own, those of most findings."""

Row = tuple[str, int, int]
"""Words, how many are found, of how many."""


def box_figures(
    name: str, outcomes: Outcomes, scores: Scores, resamples: Resamples
) -> list[Figure | None]:
    """Draw all figures of the boxes of a split."""
    return [
        froc_figure(name, outcomes, resamples),
        precision_figure(name, outcomes),
        parts_figure(name, outcomes),
        calibration_figure(name, outcomes),
        _case_figure(name, outcomes, scores, resamples),
    ]


def froc_figure(name: str, outcomes: Outcomes, resamples: Resamples) -> Figure | None:
    """Draw sensitivity over false boxes per image; None where there is no true box."""
    boxes, shown = outcomes.boxes, _shown(outcomes)
    if boxes is None or not shown:
        return None
    matches = boxes.matches

    def paint(ax: "Axes") -> None:
        for label, colour, line in _pens(shown):
            if len(shown) == 1:
                band = metrics.froc_band(matches, label, RATES, resamples)
                ax.fill_between(band.x, band.low, band.high, color=colour, alpha=0.18, linewidth=0)
            curve = metrics.froc_curve(matches, label)
            mean = metrics.bind_froc(matches.alone(label)).value()
            words = f"{shorten(outcomes.labels[label])} · mean {mean:.3f}"
            ax.plot(
                RATES,
                np.interp(RATES, curve.false_per_image, curve.sensitivity),
                color=colour,
                linestyle=line,
                label=words,
            )
            rate, found = _operating_point(boxes, label)
            ax.plot(
                np.clip(rate, RATES[0], RATES[-1]),
                found,
                "o",
                color=colour,
                markeredgecolor=PAPER,
                markersize=8,
                label="what is shown" if len(shown) == 1 else None,
            )
        ax.set_xscale("log", base=2)
        ax.set_xticks([*metrics.LUNA_RATES], ["1/8", "1/4", "1/2", "1", "2", "4", "8"])
        ax.minorticks_off()
        ax.set(xlim=(RATES[0], RATES[-1]), ylim=(-0.015, 1.015))
        ax.set(xlabel="False boxes per image", ylabel="Sensitivity")
        ax.legend(loc="lower right")

    band = "Shaded: 95 % of bootstrap replicates at each place. " if len(shown) == 1 else ""
    caption = (
        "Findings found, at the price of false boxes; a box counts from a tenth in common. Mean: "
        f"over the seven ticks. {band}Dots: the boxes that reach the threshold."
    )
    alt = "Free-response ROC curve: sensitivity over false boxes per image."
    return Figure(f"{name}-froc", "FROC curve", caption, alt, draw(f"{name}-froc", paint))


def precision_figure(name: str, outcomes: Outcomes) -> Figure | None:
    """Draw precision over recall at the least overlap; None where there is no true box."""
    boxes, shown = outcomes.boxes, _shown(outcomes)
    if boxes is None or not shown:
        return None
    least = boxes.least_overlap

    def paint(ax: "Axes") -> None:
        for label, colour, line in _pens(shown):
            alone = boxes.alone(label)
            mean = metrics.bind_box_average_precision(alone.matches, [least]).value()
            recall, precision = _precision_recall(alone)
            words = f"{shorten(outcomes.labels[label])} · AP {mean:.3f}"
            ax.plot(recall, precision, color=colour, linestyle=line, label=words)
            true, found, false = (part.sum() for part in alone.counts)
            if found + false:
                ax.plot(
                    found / true,
                    found / (found + false),
                    "o",
                    color=colour,
                    markeredgecolor=PAPER,
                    markersize=8,
                )
        ax.set(xlim=(-0.015, 1.015), ylim=(-0.015, 1.015))
        ax.set(xlabel="Recall (sensitivity)", ylabel="Precision")
        ax.legend(loc="lower left")

    caption = (
        "What a box is worth at each share of findings found. Dots: the boxes that reach the "
        f"threshold. A box is true from an intersection over union of {least:g}."
    )
    title = f"Precision and recall at an overlap of {least:g}"
    alt = "Precision over recall of boxes."
    return Figure(f"{name}-box-pr", title, caption, alt, draw(f"{name}-box-pr", paint))


def parts_figure(name: str, outcomes: Outcomes) -> Figure | None:
    """Draw the share of findings found by size, class and place; None without a finding."""
    boxes = outcomes.boxes
    if boxes is None or not boxes.matches.counted.any():
        return None
    rows = [*_by_size(boxes), *_by_class(outcomes, boxes), *_by_place(boxes)]
    overall = float(boxes.is_found[boxes.matches.counted].mean())

    def paint(ax: "Axes") -> None:
        ax.axvline(overall, color=FAINT, linewidth=1, linestyle=(0, (2, 3)))
        for place, (_, found, total) in enumerate(rows):
            ends = metrics.wilson(found, total)
            error = [[ends.value - ends.low], [ends.high - ends.value]]
            ax.errorbar(ends.value, place, xerr=error, fmt="o", color=SERIES[0], capsize=2.5)
        ax.set_yticks(range(len(rows)), [f"{words} ({total})" for words, _, total in rows])
        ax.set(xlabel="Share of findings found", xlim=(-0.02, 1.02), ylim=(len(rows) - 0.5, -0.5))
        ax.grid(visible=False, axis="y")

    svg = draw(f"{name}-parts", paint, size=(5.2, max(2.4, 0.27 * len(rows) + 1)))
    caption = (
        "At the thresholds, with 95 % Wilson intervals that take findings for independent; in "
        "brackets how many there are. Dotted: all of them. Size: a third of the findings each, by "
        "mean side. Place: thirds of the image along each axis."
    )
    alt = "Share of findings found by size, class and place."
    return Figure(f"{name}-parts", "What is found, by size and place", caption, alt, svg)


def calibration_figure(name: str, outcomes: Outcomes) -> Figure | None:
    """Draw how often boxes of each score are true; None where no box is found."""
    boxes = outcomes.boxes
    if boxes is None:
        return None
    counted = boxes.state != -1
    stated, happened = boxes.matches.scores[counted], boxes.state[counted] == 1
    if not len(stated) or stated.min() < 0 or stated.max() > 1:
        return None
    bins = metrics.reliability_curve(happened, stated, metrics.equal_width_edges(10))

    def paint(top: "Axes", bottom: "Axes") -> None:
        top.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle=(0, (2, 3)))
        x, y = [part.predicted for part in bins], [part.observed for part in bins]
        below = [part.observed - part.observed_low for part in bins]
        above = [part.observed_high - part.observed for part in bins]
        top.errorbar(x, y, [below, above], color=SERIES[0], fmt="o-", capsize=2.5, elinewidth=1.2)
        top.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), ylabel="Share that is true")
        top.tick_params(labelbottom=False)
        bottom.hist(stated, bins=np.linspace(0, 1, 21).tolist(), color=SERIES[0], alpha=0.75)
        bottom.set_yscale("log")
        bottom.minorticks_off()
        bottom.yaxis.set_major_formatter("{x:g}")
        bottom.set(xlim=(-0.02, 1.02), xlabel="Score of the box", ylabel="Boxes")
        bottom.grid(visible=False)

    svg = draw(f"{name}-calibration", paint, panels=(2, 1), heights=(3.4, 1))
    caption = (
        "On the dotted line a score says how often such a box is true; below it the scores are too "
        "sure. Bars: 95 % Wilson intervals; bottom: how many boxes have each score."
    )
    alt = "Share of true boxes by score."
    return Figure(f"{name}-calibration", "Calibration of scores", caption, alt, svg)


def _case_figure(
    name: str, outcomes: Outcomes, scores: Scores, resamples: Resamples
) -> Figure | None:
    """Draw how well the surest box of a case tells that it has a finding."""
    drawn = roc_figure(name, outcomes, scores.scores, resamples)
    return drawn and replace(
        drawn,
        title="ROC curve of cases",
        caption=f"Of whole images, by their surest box. {drawn.caption}",
    )


def _shown(outcomes: Outcomes) -> list[int]:
    """Return the classes with findings, those of most where they are too many to tell apart."""
    if outcomes.boxes is None:
        return []
    totals = outcomes.truth.sum(axis=0)
    known = [label for label in range(len(totals)) if totals[label] > 0]
    return sorted(sorted(known, key=lambda label: -totals[label])[:MOST_CURVES])


def _pens(shown: list[int]) -> Iterator[tuple[int, str, str]]:
    for place, label in enumerate(shown):
        yield label, SERIES[place % len(SERIES)], LINES[place // 4 % len(LINES)]


def _operating_point(boxes: BoxResults, label: int) -> tuple[float, float]:
    """Return false boxes per image and sensitivity of what is shown, as FROC counts."""
    matches = boxes.matches
    state = matches.state[:, matches.at(metrics.FROC_OVERLAP)]
    kept = boxes.reported & (matches.label == label)
    rate = np.count_nonzero(kept & (state == 0)) / matches.cases
    return rate, float(np.count_nonzero(kept & (state == 1)) / matches.true_counts(label).sum())


def _precision_recall(alone: BoxResults) -> tuple[Floats, Floats]:
    """Return recall and precision after each box of one class, from the surest down.

    Empty where no box of it was proposed.
    """
    state = alone.state[alone.state != -1]
    if not len(state):
        return np.empty(0), np.empty(0)
    true = np.cumsum(state == 1)
    recall = true / alone.matches.true_counts(0).sum()
    precision = true / np.arange(1, len(true) + 1)
    return np.concatenate([[0.0], recall]), np.concatenate([precision[:1], precision])


def _by_size(boxes: BoxResults) -> list[Row]:
    kept = boxes.matches.counted
    sides, found = boxes.truth_sides[kept], boxes.is_found[kept]
    if len(sides) < FEWEST_BY_SIZE:
        return []
    low, high = np.quantile(sides, [1 / 3, 2 / 3])
    unit = boxes.unit
    parts = (
        (f"up to {low:.3g} {unit}", sides <= low),
        (f"{low:.3g} to {high:.3g} {unit}", (sides > low) & (sides <= high)),
        (f"above {high:.3g} {unit}", sides > high),
    )
    return [_row(words, found[part]) for words, part in parts if part.any()]


def _by_class(outcomes: Outcomes, boxes: BoxResults) -> list[Row]:
    if len(outcomes.labels) == 1:
        return []
    order = np.argsort(-outcomes.truth.sum(axis=0), kind="stable")[:MOST_CLASSES].tolist()
    parts = [(label, boxes.matches.counted & (boxes.matches.truth_label == label))
             for label in order]  # fmt: skip
    return [
        _row(shorten(outcomes.labels[label], 20), boxes.is_found[part])
        for label, part in parts
        if part.any()
    ]


def _by_place(boxes: BoxResults) -> list[Row]:
    kept = boxes.matches.counted
    thirds = np.clip(3 * boxes.truth_places[kept], 0, 2).astype(int)
    found = boxes.is_found[kept]
    return [
        _row(words, found[thirds[:, axis] == third])
        for axis, names in enumerate(_names_of_thirds(boxes))
        for third, words in enumerate(names)
        if (thirds[:, axis] == third).any()
    ]


def _names_of_thirds(boxes: BoxResults) -> list[tuple[str, str, str]]:
    """Name the thirds of each axis: by patient directions where all cases have the same ones."""
    frames = {(one.axes, one.frame is Frame.PATIENT) for one in boxes.geometries}
    axes, is_patient = next(iter(frames))
    if len(frames) == 1 and is_patient:
        pairs = [(OPPOSITE[letter], letter) for letter in axes]
        return [(f"third to {a}", f"middle, {a}–{b}", f"third to {b}") for a, b in pairs]
    if boxes.rank == 2:
        return [
            ("upper third", "middle, up–down", "lower third"),
            ("left third", "middle, left–right", "right third"),
        ]
    return [
        (f"first third, axis {axis}", f"middle, axis {axis}", f"last third, axis {axis}")
        for axis in range(1, boxes.rank + 1)
    ]


def _row(words: str, found: metrics.Bools) -> Row:
    return words, int(found.sum()), len(found)
