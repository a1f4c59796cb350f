"""Figures of scores: ROC, precision-recall, reliability, and how the scores are spread."""

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from scanwright import metrics
from scanwright.metrics import Resamples
from scanwright.report.canvas import FAINT, INK, PAPER, SERIES, Figure, draw, shorten
from scanwright.report.measure import Score
from scanwright.report.outcomes import Outcomes, Values

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_CURVES = 8
"""More curves than this cannot be told apart; the labels with most cases are drawn."""

LINES = ("-", "--", "-.", ":")


def roc_figure(
    name: str, outcomes: Outcomes, scores: Mapping[str, Score], resamples: Resamples
) -> Figure | None:
    """Draw the ROC curves, with band and operating point; None where no label has both classes."""
    shown = _measurable(outcomes)
    if not shown:
        return None

    def paint(ax: "Axes") -> None:
        ax.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle=(0, (2, 3)))
        ax.text(
            0.66,
            0.64,
            "chance",
            color=FAINT,
            fontsize=9,
            rotation=45,
            rotation_mode="anchor",
            transform_rotates_text=True,
            va="top",
        )
        for index, colour, line in _pens(shown):
            truth, values, decided = outcomes.claims(index)
            curve = metrics.roc_curve(truth, values)
            area = metrics.roc_auc(truth, values)
            label = f"{shorten(outcomes.labels[index])} · AUC {area:.3f}"
            x, y = curve.false_positive_rate, curve.sensitivity
            if len(shown) == 1:
                band = metrics.roc_band(truth, values, resamples)
                ax.fill_between(band.x, band.low, band.high, color=colour, alpha=0.18, linewidth=0)
            ax.plot(x, y, color=colour, linestyle=line, label=label)
            here = metrics.confusion_matrix(truth, decided, 2)
            ax.plot(
                1 - float(metrics.specificity_of(here)),
                float(metrics.sensitivity_of(here)),
                marker="o",
                color=colour,
                markeredgecolor=PAPER,
                markersize=8,
                linestyle="none",
                label="operating point" if len(shown) == 1 else None,
            )
        _square(ax, "1 − specificity (share of negatives called positive)", "Sensitivity")
        ax.legend(loc="lower right")

    area = scores["auc"]
    alt = f"ROC curve. AUC {_said(area)}."
    band = "Shaded: 95 % of bootstrap replicates at each place. " if len(shown) == 1 else ""
    caption = (
        "Each point is one way to cut the score: sensitivity bought at the price of false alarms. "
        f"{band}Dot{'s' if len(shown) > 1 else ''}: the decisions that this model makes."
        f"{_left_out(outcomes, shown)}"
    )
    return Figure(f"{name}-roc", "ROC curve", caption, alt, draw(f"{name}-roc", paint))


def precision_recall_figure(
    name: str, outcomes: Outcomes, scores: Mapping[str, Score]
) -> Figure | None:
    """Draw precision against recall with the prevalence; None where no label has both classes."""
    shown = _measurable(outcomes)
    if not shown:
        return None

    def paint(ax: "Axes") -> None:
        for index, colour, line in _pens(shown):
            truth, values, decided = outcomes.claims(index)
            curve = metrics.precision_recall_curve(truth, values)
            mean = metrics.average_precision(truth, values)
            label = f"{shorten(outcomes.labels[index])} · AP {mean:.3f}"
            x = np.concatenate([[0.0], curve.recall])
            y = np.concatenate([curve.precision[:1], curve.precision])
            ax.plot(x, y, color=colour, linestyle=line, label=label, drawstyle="steps-pre")
            if len(shown) == 1:
                ax.axhline(curve.prevalence, color=FAINT, linewidth=1, linestyle=(0, (2, 3)))
                ax.annotate(
                    f"prevalence {curve.prevalence:.2f}",
                    (0.02, curve.prevalence + 0.015),
                    color=FAINT,
                    fontsize=9,
                )
            here = metrics.confusion_matrix(truth, decided, 2)
            ax.plot(
                float(metrics.sensitivity_of(here)),
                float(metrics.positive_predictive_value_of(here)),
                marker="o",
                color=colour,
                markeredgecolor=PAPER,
                markersize=8,
                linestyle="none",
            )
        _square(ax, "Recall (sensitivity)", "Precision (positive predictive value)")
        if len(shown) > 3:
            ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, fontsize=8)
        else:
            ax.legend(loc="best")

    alt = f"Precision-recall curve. Average precision {_said(scores['average_precision'])}."
    caption = (
        "What a positive call is worth at each sensitivity. It depends on how common the finding "
        "is: at another prevalence the curve is another."
    )
    return Figure(f"{name}-pr", "Precision and recall", caption, alt, draw(f"{name}-pr", paint))


def reliability_figure(name: str, outcomes: Outcomes, scores: Mapping[str, Score]) -> Figure:
    """Draw stated probabilities against what happened, over a histogram of the former."""
    happened, stated, event = _events(outcomes)
    bins = metrics.reliability_curve(happened, stated, metrics.equal_width_edges(10))

    def paint(top: "Axes", bottom: "Axes") -> None:
        top.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle=(0, (2, 3)))
        x = [part.predicted for part in bins]
        y = [part.observed for part in bins]
        below = [part.observed - part.observed_low for part in bins]
        above = [part.observed_high - part.observed for part in bins]
        top.errorbar(x, y, [below, above], color=SERIES[0], fmt="o-", capsize=2.5, elinewidth=1.2)
        top.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), ylabel="What happened")
        top.tick_params(labelbottom=False)
        bottom.hist(stated, bins=np.linspace(0, 1, 21).tolist(), color=SERIES[0], alpha=0.75)
        bottom.set(xlim=(-0.02, 1.02), xlabel=f"Stated probability {event}", ylabel="Cases")
        bottom.grid(visible=False)

    alt = f"Reliability diagram. Calibration error {_said(scores['ece'])}."
    caption = (
        "On the dotted line, probabilities mean what they say. Below it the model is too sure, "
        "above it too modest. Bars: 95 % Wilson intervals; bottom: how often each is stated."
    )
    svg = draw(f"{name}-reliability", paint, panels=(2, 1), heights=(3.4, 1))
    return Figure(f"{name}-reliability", "Calibration", caption, alt, svg)


def score_histogram_figure(name: str, outcomes: Outcomes) -> Figure:
    """Draw how the scores of each true class are spread, with the thresholds."""
    shown = _measurable(outcomes)[:4] or [len(outcomes.labels) - 1]
    edges = np.linspace(0, 1, 31).tolist()

    def paint(*axes: "Axes") -> None:
        for ax, index in zip(axes, shown, strict=False):
            truth, values, _ = outcomes.claims(index)
            rest = outcomes.labels[0] if outcomes.is_binary else "rest"
            for claim, label, colour in (
                (0, rest, SERIES[0]),
                (1, outcomes.labels[index], SERIES[1]),
            ):
                part = values[truth == claim]
                words = f"{shorten(label)} ({len(part)})"
                even = np.full(len(part), 100 / max(1, len(part)))
                ax.hist(part, bins=edges, weights=even, color=colour, alpha=0.6, label=words)
            if outcomes.thresholds:
                cut = outcomes.thresholds[index if len(outcomes.thresholds) > 1 else 0]
                ax.axvline(cut, color=INK, linewidth=1.2, label=f"threshold {cut:.3f}")
            ax.set(xlim=(0, 1), ylabel="% of each class", xlabel="Probability of the label")
            ax.legend(loc="upper right", fontsize=8.5)
        for ax in axes[len(shown) :]:
            ax.set_visible(False)

    caption = (
        "Share of the cases of each true class by the probability they were given. "
        "The less the colours overlap, the better."
    )
    is_wide = len(shown) > 1
    rows = (len(shown) + 1) // 2
    svg = draw(
        f"{name}-spread",
        paint,
        size=(10.4, 2.6 * rows) if is_wide else (5.2, 4.2),
        panels=(rows, 2) if is_wide else (1, 1),
    )
    alt = "Histogram of scores by true class."
    return Figure(f"{name}-spread", "Scores by true class", caption, alt, svg, is_wide)


def benefit_figure(name: str, outcomes: Outcomes) -> Figure | None:
    """Draw the decision curve of two classes; None for other tasks or one class alone."""
    if not outcomes.is_binary or not _measurable(outcomes):
        return None
    truth, values, _ = outcomes.claims(1)
    share = float(truth.mean())
    cuts = np.linspace(0.01, min(0.95, max(0.5, 2 * share)), 95)
    curve = metrics.benefit_curve(truth, values, cuts)

    def paint(ax: "Axes") -> None:
        ax.plot(
            cuts, curve.everyone, color=FAINT, linewidth=1.2, linestyle="--", label="act on all"
        )
        ax.axhline(0, color=FAINT, linewidth=1.2, linestyle=":", label="act on none")
        ax.plot(cuts, curve.model, color=SERIES[0], label="act on the model's word")
        ax.set(xlim=(0, cuts[-1]), ylim=(-0.06 - 0.1 * share, share + 0.04))
        ax.set(
            xlabel="Risk from which one would act", ylabel="Net benefit (true positives per case)"
        )
        ax.legend(loc="upper right")

    caption = (
        "Is the model worth acting on? It is where its line is the highest. The further right, "
        "the more a false alarm weighs against a missed case."
    )
    alt = "Decision curve: net benefit of the model, of acting on all cases, and on none."
    return Figure(f"{name}-benefit", "Decision curve", caption, alt, draw(f"{name}-benefit", paint))


def _measurable(outcomes: Outcomes) -> list[int]:
    """Return labels with cases of both kinds, most positives first; of two classes the second."""
    among = [1] if outcomes.is_binary else range(len(outcomes.labels))
    counts = {index: int(outcomes.claims(index)[0].sum()) for index in among}
    both = [index for index, count in counts.items() if 0 < count < outcomes.count]
    kept = sorted(both, key=lambda index: -counts[index])[:MOST_CURVES]
    return sorted(kept)


def _left_out(outcomes: Outcomes, shown: list[int]) -> str:
    missing = 0 if outcomes.is_binary else len(outcomes.labels) - len(shown)
    return f" {missing} labels are not drawn; the table has them all." if missing else ""


def _pens(shown: list[int]) -> list[tuple[int, str, str]]:
    lines = (line for line in LINES for _ in range(4))
    return list(zip(shown, cycle(SERIES), cycle(lines), strict=False))


def _square(ax: "Axes", x: str, y: str) -> None:
    ax.set(xlim=(-0.015, 1.015), ylim=(-0.015, 1.015), xlabel=x, ylabel=y)


def _events(outcomes: Outcomes) -> tuple[Values, Values, str]:
    if outcomes.kind == "findings":
        return outcomes.truth.ravel(), outcomes.scores.ravel(), "of a finding (all findings)"
    happened, stated = metrics.stated_events(outcomes.truth, outcomes.scores)
    if outcomes.is_binary:
        return happened, stated, f"of {shorten(outcomes.labels[1])}"
    return happened, stated, "of the most probable class"


def _said(score: Score) -> str:
    if score.value is None:
        return score.note
    return f"{score.value:.3f} ({score.low:.3f} to {score.high:.3f})"
