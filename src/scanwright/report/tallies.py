"""Figures of decisions and numbers: confusion matrix, agreement, learning curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scanwright import metrics
from scanwright.image import Floats
from scanwright.metrics import UndefinedMetric
from scanwright.report.canvas import FAINT, INK, SERIES, Figure, draw, shorten
from scanwright.report.measure import Scores
from scanwright.report.outcomes import Outcomes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_CELLS = 24
"""Classes beyond which a confusion matrix can no longer be read."""


CROWD = 6
"""Classes beyond which a confusion matrix takes the whole width and drops its percentages."""

MOST_DOTS = 3000
"""Cases beyond which dots are drawn as pixels, to keep the page small."""


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """How the training of one network went.

    Parameters
    ----------
    member
        Name of the network in its ensemble.
    epochs
        Shape (M,): how far, in passes over the data, at each note.
    train_loss, validation_loss
        Shape (M,).
    validation_score
        Shape (M,): the figure that the best weights were chosen by.
    rate
        Shape (M,): learning rate.
    best_epoch
        Where the weights were taken from; None for the last.
    """

    member: str
    epochs: Sequence[float]
    train_loss: Sequence[float]
    validation_loss: Sequence[float]
    validation_score: Sequence[float]
    rate: Sequence[float]
    best_epoch: float | None = None


def confusion_figure(name: str, outcomes: Outcomes) -> Figure | None:
    """Draw truth against decision, counts and row shares; None beyond 24 classes."""
    classes = len(outcomes.labels)
    if classes > MOST_CELLS:
        return None
    counts = metrics.confusion_matrix(outcomes.truth, outcomes.decided, classes)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    labels = [shorten(label, 18) for label in outcomes.labels]

    def paint(ax: "Axes") -> None:
        _blocks(ax, shares)
        for row in range(classes):
            for column in range(classes):
                _write_cell(ax, row, column, counts=counts, shares=shares)
        # Any: matplotlib's many text properties.
        slant: dict[str, Any] = (
            {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if classes > 3 else {}
        )
        ax.set_xticks(range(classes), labels, **slant)
        ax.set_yticks(range(classes), labels)
        ax.set(xlim=(-0.5, classes - 0.5), ylim=(classes - 0.5, -0.5))
        ax.set(xlabel="Decided", ylabel="True")
        ax.grid(visible=False)
        ax.tick_params(length=0)
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)

    is_wide = classes > CROWD
    size = (10.4, 0.38 * classes + 1.6) if is_wide else (5.2, 4.2)
    svg = draw(f"{name}-confusion", paint, size=size)
    right = int(np.trace(counts))
    alt = f"Confusion matrix: {right} of {outcomes.count} cases on the diagonal."
    caption = (
        "Rows: what the cases are. Columns: what was decided. "
        "Percentages are of the row, so the diagonal holds each class's sensitivity."
    )
    return Figure(f"{name}-confusion", "Confusion matrix", caption, alt, svg, is_wide)


def forest_figure(name: str, scores: Scores) -> Figure | None:
    """Draw the AUC of each label with its interval, the best on top; None where none has one."""
    known = [row for row in scores.per_label if row.scores["auc"].value is not None]
    rows = sorted(known, key=lambda row: row.scores["auc"].value or 0.0)[-MOST_CELLS:]
    if not rows:
        return None
    found = [(s.value or 0.0, s.low or 0.0, s.high or 0.0) for s in (r.scores["auc"] for r in rows)]
    value, low, high = np.array(found).T
    labels = [f"{shorten(row.label, 20)} ({row.positives})" for row in rows]

    def paint(ax: "Axes") -> None:
        place = np.arange(len(rows))
        ax.axvline(0.5, color=FAINT, linewidth=1, linestyle=(0, (2, 3)))
        ax.errorbar(
            value, place, xerr=[value - low, high - value], fmt="o", color=SERIES[0], capsize=2.5
        )
        ax.set_yticks(place, labels)
        ax.set(xlabel="AUC", xlim=(min(0.48, float(low.min()) - 0.02), 1.01))
        ax.grid(visible=False, axis="y")

    svg = draw(f"{name}-forest", paint, size=(5.2, max(4.2, 0.22 * len(rows) + 1)))
    caption = "With intervals; in brackets the number of positive cases. Dotted: chance."
    alt = "AUC of each label with its interval."
    return Figure(f"{name}-forest", "AUC of each label", caption, alt, svg)


def agreement_figure(name: str, outcomes: Outcomes) -> Figure:
    """Draw predicted against true numbers, and their difference after Bland and Altman."""
    true, guess = outcomes.truth, outcomes.decided
    unit = f" ({outcomes.unit})" if outcomes.unit else ""
    label = shorten(outcomes.labels[0])

    def paint(left: "Axes", right: "Axes") -> None:
        ends = [min(true.min(), guess.min()), max(true.max(), guess.max())]
        left.plot(ends, ends, color=FAINT, linewidth=1, linestyle=(0, (2, 3)))
        _dots(left, true, guess)
        left.set(xlabel=f"True {label}{unit}", ylabel=f"Predicted {label}{unit}")
        _dots(right, (true + guess) / 2, guess - true)
        right.axhline(0, color=FAINT, linewidth=1, linestyle=(0, (2, 3)))
        try:
            limits = metrics.limits_of_agreement(true, guess)
        except UndefinedMetric:  # one case: nothing to draw beyond its dot
            limits = None
        if limits is not None:
            for value in (limits.low, limits.bias, limits.high):
                right.axhline(value, color=SERIES[1], linewidth=1.4)
                right.annotate(
                    f"{value:.3g}".replace("-", "\u2212"),
                    (1.0, value),
                    xycoords=("axes fraction", "data"),
                    ha="right",
                    va="bottom",
                    fontsize=9,
                )
        right.set(xlabel=f"Mean of both{unit}", ylabel=f"Predicted − true{unit}")

    svg = draw(f"{name}-agreement", paint, size=(10.4, 4.2), panels=(1, 2))
    caption = (
        "Left: on the dotted line the prediction is exact. Right: the middle line is the bias; "
        "19 of 20 differences lie between the outer lines if they are normally distributed."
    )
    alt = "Predicted against true values, and their differences against their mean."
    return Figure(f"{name}-agreement", "Agreement", caption, alt, svg, is_wide=True)


def learning_figure(curves: Sequence[LearningCurve], score_name: str = "AUC") -> Figure:
    """Draw loss, validation score and learning rate of every member."""

    def paint(loss: "Axes", score: "Axes", rate: "Axes") -> None:
        for index, curve in enumerate(curves):
            colour = SERIES[index % len(SERIES)]
            loss.plot(curve.epochs, curve.train_loss, color=colour, linewidth=1.2, alpha=0.6)
            loss.plot(curve.epochs, curve.validation_loss, color=colour, linestyle="--")
            score.plot(curve.epochs, curve.validation_score, color=colour)
            rate.plot(curve.epochs, curve.rate, color=colour)
            if curve.best_epoch is not None and len(curve.epochs):
                near = int(np.argmin(np.abs(np.asarray(curve.epochs) - curve.best_epoch)))
                score.plot(
                    curve.epochs[near], curve.validation_score[near], marker="o", color=colour
                )
        loss.plot([], [], color=INK, linewidth=1.2, label="train")
        loss.plot([], [], color=INK, linestyle="--", label="validation")
        loss.legend()
        if 1 < len(curves) <= len(SERIES):
            for index, curve in enumerate(curves):
                score.plot([], [], color=SERIES[index], label=shorten(curve.member, 16))
            score.legend(loc="lower right")
        loss.set(ylabel="Loss", xlabel="Epoch")
        score.set(ylabel=f"Validation {score_name}", xlabel="Epoch")
        rate.set(ylabel="Learning rate", xlabel="Epoch", ylim=(0, None))
        rate.ticklabel_format(axis="y", style="sci", scilimits=(-2, 3))

    svg = draw("learning", paint, size=(10.4, 3.4), panels=(1, 3))
    many = f"{len(curves)} networks. " if len(curves) > 1 else ""
    caption = f"{many}Dots mark the weights that were kept."
    alt = "Learning curves: loss, validation score and learning rate by epoch."
    return Figure("learning", "Learning curves", caption, alt, svg, is_wide=True)


def _blocks(ax: "Axes", shares: Floats) -> None:
    """Paint the cells as vector blocks, so that they follow the page's light or dark form."""
    from matplotlib.patches import Rectangle

    for (row, column), share in np.ndenumerate(shares):
        colour = SERIES[0] if row == column else SERIES[1]
        cell = Rectangle(
            (column - 0.48, row - 0.48), 0.96, 0.96, color=colour, alpha=0.06 + 0.44 * share
        )
        cell.set_linewidth(0)
        ax.add_patch(cell)


def _dots(ax: "Axes", x: Floats, y: Floats) -> None:
    is_crowded = len(x) > MOST_DOTS
    ax.plot(x, y, "o", color=SERIES[0], alpha=0.5, markersize=4, mew=0, rasterized=is_crowded)


def _write_cell(ax: "Axes", row: int, column: int, *, counts: Floats, shares: Floats) -> None:
    is_crowded = len(counts) > CROWD
    size = 8 if is_crowded else 13 if len(counts) < 4 else 10
    # Any: matplotlib's many text properties.
    place: dict[str, Any] = {"textcoords": "offset points", "ha": "center", "va": "center"}
    count = f"{counts[row, column]:.0f}"
    up = 0 if is_crowded else 6
    ax.annotate(count, (column, row), (0, up), fontsize=size, **place)
    if not is_crowded:
        percent = f"{100 * shares[row, column]:.0f}\u00a0%"
        ax.annotate(percent, (column, row), (0, -8), fontsize=0.5 * size + 2.5, **place)
