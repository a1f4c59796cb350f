"""Figures of masks: each case's scores by class, and true against predicted volumes."""

from typing import TYPE_CHECKING

import numpy as np

from scanwright import metrics
from scanwright.image import Floats
from scanwright.metrics import Resamples, UndefinedMetric
from scanwright.report.canvas import FAINT, INK, SERIES, Figure, draw, shorten
from scanwright.report.mask_results import MaskResults
from scanwright.report.measure import Scores
from scanwright.report.outcomes import Outcomes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_CLASSES = 40
"""Classes beyond which the figure by class shows those of the lowest Dice only."""

MOST_PANELS = 6
"""Classes whose volumes are drawn."""

MOST_DOTS = 3000
"""Cases beyond which dots are drawn as pixels, to keep the page small."""


def mask_figures(name: str, outcomes: Outcomes, _: Scores, __: Resamples) -> list[Figure | None]:
    """Draw all figures of the masks of a split."""
    return [spread_figure(name, outcomes), volume_figure(name, outcomes)]


def spread_figure(name: str, outcomes: Outcomes) -> Figure | None:
    """Draw Dice and HD95 of each case, by class; None where there are no masks."""
    masks = outcomes.masks
    if masks is None:
        return None
    order = _by_dice(masks)[:MOST_CLASSES]
    labels = [shorten(outcomes.labels[label], 22) for label in order]

    def paint(left: "Axes", right: "Axes") -> None:
        for ax, metric in ((left, "dice"), (right, "hd95")):
            for row, label in enumerate(order):
                _strip(ax, masks.values[metric][:, label], row)
            ax.set_ylim(len(order) - 0.5, -0.5)
            ax.grid(visible=False, axis="y")
        left.set(xlabel="Dice", xlim=(-0.02, 1.02))
        left.set_yticks(range(len(order)), labels)
        right.set(xlabel=f"HD95 ({masks.length_unit})")
        right.set_xlim(left=0)
        right.set_yticks(range(len(order)), [""] * len(order))

    size = (10.4, max(2.2, 0.42 * len(order) + 1.1))
    svg = draw(f"{name}-spread", paint, size=size, panels=(1, 2))
    caption = "Each dot is a case; the bar is the median, the line spans the middle half."
    missing = int(np.isinf(masks.values["hd95"]).sum())
    if missing:
        caption += f" Masks without a counterpart have no distance: {missing}, not drawn."
    if len(order) < len(outcomes.labels):
        caption += f" The {len(order)} classes of lowest Dice."
    alt = "Dice and Hausdorff distance of each case, by class."
    return Figure(f"{name}-spread", "Scores of each case", caption, alt, svg, is_wide=True)


def volume_figure(name: str, outcomes: Outcomes) -> Figure | None:
    """Draw predicted minus true volume against their mean (Bland & Altman 1986), by class."""
    masks = outcomes.masks
    if masks is None:
        return None
    seen = (outcomes.truth > 0) | (outcomes.scores > 0)
    order = [label for label in _by_dice(masks) if seen[:, label].any()][:MOST_PANELS]
    if not order:
        return None
    columns = min(3, len(order))
    panels = (-(-len(order) // columns), columns)

    def paint(*axes: "Axes") -> None:
        for ax, label in zip(axes, order, strict=False):
            kept = seen[:, label]
            _agreement(ax, outcomes.truth[kept, label], outcomes.scores[kept, label])
            ax.set_title(shorten(outcomes.labels[label], 24), fontsize=10, color=INK)
            ax.set_xlabel(f"Mean of both ({masks.unit})")
        for ax in axes[::columns]:
            ax.set_ylabel(f"Predicted − true ({masks.unit})")
        for ax in axes[len(order) :]:
            ax.set_axis_off()

    size = (5.2, 3.8) if len(order) == 1 else (10.4, 3.3 * panels[0])
    svg = draw(f"{name}-volumes", paint, size=size, panels=panels)
    what = "Areas" if masks.unit != "ml" else "Volumes"
    caption = (
        "After Bland and Altman: the middle line is the bias; 19 of 20 differences lie between the "
        "outer lines if they are normally distributed. Cases that have the class neither in truth "
        "nor in prediction are left out."
        + (
            f" The {len(order)} classes of lowest Dice."
            if len(order) < len(outcomes.labels)
            else ""
        )
    )
    alt = f"{what}: difference of predicted and true against their mean, by class."
    is_wide = len(order) > 1
    return Figure(f"{name}-volumes", f"{what}, true and predicted", caption, alt, svg, is_wide)


def _by_dice(masks: MaskResults) -> list[int]:
    """Return all classes in their own order, or by mean Dice where they are too many to draw."""
    table = masks.values["dice"]
    known = np.isfinite(table)
    counts = known.sum(axis=0)
    means = np.where(known, table, 0).sum(axis=0) / np.maximum(1, counts)
    if table.shape[1] <= MOST_PANELS:
        return list(range(table.shape[1]))
    order: list[int] = np.argsort(np.where(counts, means, 2), kind="stable").tolist()
    return order


def _strip(ax: "Axes", values: Floats, row: int) -> None:
    known = values[np.isfinite(values)]
    if not len(known):
        return
    # Spread over the row by place in order, so that equal values do not hide one another.
    shift = 0.3 * np.sin(2.4 * np.arange(len(known)))
    ax.plot(
        known,
        row + shift,
        "o",
        color=SERIES[0],
        alpha=0.45,
        markersize=3.5,
        mew=0,
        rasterized=len(known) > MOST_DOTS,
    )
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    ax.plot([low, high], [row, row], color=SERIES[1], linewidth=1.6)
    ax.plot([middle, middle], [row - 0.33, row + 0.33], color=SERIES[1], linewidth=2.6)


def _agreement(ax: "Axes", true: Floats, guess: Floats) -> None:
    ax.axhline(0, color=FAINT, linewidth=1, linestyle=(0, (2, 3)))
    is_crowded = len(true) > MOST_DOTS
    ax.plot(
        (true + guess) / 2,
        guess - true,
        "o",
        color=SERIES[0],
        alpha=0.5,
        markersize=4,
        mew=0,
        rasterized=is_crowded,
    )
    try:
        limits = metrics.limits_of_agreement(true, guess)
    except UndefinedMetric:  # one case: nothing to draw beyond its dot
        return
    for value in (limits.low, limits.bias, limits.high):
        ax.axhline(value, color=SERIES[1], linewidth=1.4)
        ax.annotate(
            f"{value:.3g}".replace("-", "\u2212"),
            (1.0, value),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="bottom",
            fontsize=9,
        )
