"""Two models on the same cases: which to use, how sure that is, and the figures to see why."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Literal

import numpy as np

from scanwright import metrics
from scanwright.base import InputError
from scanwright.metrics import Resamples
from scanwright.report.breakdown import Difference, compare_outcomes, subgroup_metrics
from scanwright.report.canvas import FAINT, SERIES, Figure, draw, shorten
from scanwright.report.measure import MeasureOptions, Score, measure_one
from scanwright.report.metric import metric_set
from scanwright.report.outcomes import Outcomes
from scanwright.report.section import Grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAIN_METRIC = {
    "classes": "auc",
    "findings": "auc",
    "grade": "kappa",
    "number": "mae",
    "segmentation": "dice",
    "detection": "ap50",
}
"""What the verdict rests on, by the kind of task."""

WORTH = 0.02
"""Least gain that a harder model is worth: in AUC or kappa, or as a share of the mean error."""


APART = 1.03
"""Points of several curves at one number of cases are drawn so far apart, to see each interval."""

SMALLEST_WIDTH = 1e-9
"""Of an interval; below it the models made the same order of all cases."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A model with its answers to the cases of a split.

    Parameters
    ----------
    is_simpler
        Whether it is to be preferred where another is not clearly better.
    """

    name: str
    outcomes: Outcomes
    is_simpler: bool = False


@dataclass(frozen=True, slots=True)
class DuelVerdict:
    """Which of two models to use.

    Parameters
    ----------
    choice
        "first", "second", or "open" where the cases cannot tell.
    sentence
        For readers: what to use, by how much, how sure.
    metric
        What it rests on.
    gap
        First minus second, of that metric.
    """

    choice: Literal["first", "second", "open"]
    sentence: str
    metric: str
    gap: Difference


def decide_between(
    first: Contender, second: Contender, options: MeasureOptions, rng: np.random.Generator
) -> tuple[DuelVerdict, tuple[Difference, ...]]:
    """Compare two models and say which to use.

    Returns
    -------
    The verdict and all differences (DeLong for the AUC of two classes, else paired bootstrap over
    patients).

    Raises
    ------
    InputError
        The cases differ, or the metric of the verdict is not defined on them.
    """
    differences = compare_outcomes(first.outcomes, second.outcomes, options, rng)
    wanted = MAIN_METRIC[first.outcomes.kind]
    found = next((row for row in differences if row.name == wanted), None)
    if found is None:
        raise InputError(
            "The two models cannot be held against each other on these cases.",
            got=f"{first.outcomes.count} cases, on which {wanted} is not defined",
            next="compare on cases of all classes",
        )
    return _verdict(first, second, found), differences


def _verdict(first: Contender, second: Contender, found: Difference) -> DuelVerdict:
    sign = -1.0 if found.name == "mae" else 1.0
    ends = _honest_ends(found, first.outcomes)
    low, high = sorted(sign * end for end in ends)
    gain = sign * found.gap.value
    worth = WORTH * (abs(found.second) if found.name == "mae" else 1.0)
    people = f"{first.outcomes.patient_count} {first.outcomes.people}"
    span = f"{_signed(gain)} [{_signed(low)}, {_signed(high)}] on {people}"
    lower = "lower" if found.name == "mae" else "higher"
    name = found.title if found.title[:2].isupper() else found.title[0].lower() + found.title[1:]
    gap = f"{name} differs from that of the {second.name} by {span}"
    choice: Literal["first", "second", "open"] = "open"
    if low > 0:
        choice = "first"
        words = f"Use the {first.name}: its {name} is {lower} by {span}."
        if low < worth:
            words += " That it is better is sure to 95 %; that it is much better is not."
    elif high < 0:
        choice = "second"
        begin = f"The {first.name} is not worth it" if second.is_simpler else f"Use {second.name}"
        words = f"{begin}: the {name} of the {first.name} is worse than that of the "
        words += f"{second.name}, by {span}."
    elif second.is_simpler and high < worth:
        choice = "second"
        words = f"The {first.name} is not worth it: its {gap}, so that any gain is small."
    else:
        words = f"These cases cannot tell: the {first.name}'s {gap}."
        if second.is_simpler:
            words += (
                f" Until more cases say otherwise the {second.name}, which is simpler, will do."
            )
    return DuelVerdict(choice, words, found.name, found)


def _honest_ends(found: Difference, outcomes: Outcomes) -> tuple[float, float]:
    """Return the interval's ends; where two models do not differ at all it must keep a width."""
    low, high = found.gap.low, found.gap.high
    if high - low > SMALLEST_WIDTH or outcomes.kind == "number":
        return low, high
    names = np.array(outcomes.patients)
    counts = [
        len(set(names[outcomes.claims(label)[0] == 1].tolist()))
        for label in range(len(outcomes.labels))
    ]
    unseen = metrics.wilson(0, max(1, min(counts))).high
    return found.gap.value - unseen, found.gap.value + unseen


def score_grid(contenders: Sequence[Contender], split: str, options: MeasureOptions) -> Grid:
    """Return a table of the main scores of several models, each with its interval."""
    first = contenders[0].outcomes
    rows = []
    for metric in subgroup_metrics(first):
        scores = []
        for one in contenders:
            rng = np.random.default_rng(7)
            resamples = Resamples.draw(one.outcomes.patients, options.replicates, rng)
            scores.append(measure_one(metric, one.outcomes, resamples, options.level))
        rows.append((metric.title, *(score_words(score) for score in scores)))
    names = tuple(one.name for one in contenders)
    people = f" of {first.patient_count} patients" if first.has_patients else ""
    caption = f"Split “{split}”: {first.count} cases{people}"
    return Grid(caption, ("Metric", *names), tuple(rows), tuple(range(1, len(names) + 1)))


def difference_grid(differences: Sequence[Difference], first: str, second: str) -> Grid:
    """Return a table of paired differences."""
    rows = tuple(
        (
            row.title,
            f"{row.first:.3f}",
            f"{row.second:.3f}",
            f"{_signed(row.gap.value, 3)} [{_signed(row.gap.low, 3)}, {_signed(row.gap.high, 3)}]",
            "≤ 0.001" if row.p_value <= 0.001 else f"{row.p_value:.3f}",
            row.test,
        )
        for row in differences
    )
    head = ("Metric", first, second, "Difference", "p", "Test")
    return Grid(f"{first} minus {second}, paired by case", head, rows, (1, 2, 3, 4))


def main_score(outcomes: Outcomes, options: MeasureOptions) -> Score:
    """Measure the metric that verdicts on this kind of task rest on."""
    name = MAIN_METRIC[outcomes.kind]
    metric = next(row for row in metric_set(outcomes) if row.name == name)
    resamples = Resamples.draw(outcomes.patients, options.replicates, np.random.default_rng(7))
    return measure_one(metric, outcomes, resamples, options.level)


def both_roc_figure(name: str, contenders: Sequence[Contender]) -> Figure | None:
    """Draw the ROC curves of two classes of several models; None for other tasks."""
    first = contenders[0].outcomes
    if not first.is_binary or len(set(first.truth.tolist())) < 2:
        return None

    def paint(ax: "Axes") -> None:
        ax.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle=(0, (2, 3)))
        pens = zip(contenders, SERIES, cycle(("-", "--", "-.")), strict=False)
        for one, colour, line in pens:
            truth, values, _ = one.outcomes.claims(1)
            curve = metrics.roc_curve(truth, values)
            words = f"{shorten(one.name)} · AUC {metrics.roc_auc(truth, values):.3f}"
            ax.plot(curve.false_positive_rate, curve.sensitivity, line, color=colour, label=words)
        ax.set(xlim=(-0.015, 1.015), ylim=(-0.015, 1.015))
        ax.set(xlabel="1 − specificity", ylabel="Sensitivity")
        ax.legend(loc="lower right")

    caption = f"All models on the same cases of the split “{name}”."
    return Figure(
        f"roc-{name}", f"ROC curves, {name}", caption, caption, draw(f"roc-{name}", paint)
    )


@dataclass(frozen=True, slots=True)
class Curve:
    """Scores of one model by the number of cases that it learnt from."""

    name: str
    cases: tuple[int, ...]
    scores: tuple[Score, ...]


def learning_figure_of(curves: Sequence[Curve], metric: str) -> Figure:
    """Draw scores with their intervals over the number of cases, on a logarithmic scale."""

    def paint(ax: "Axes") -> None:
        for place, (curve, colour, mark) in enumerate(
            zip(curves, SERIES, cycle("os^"), strict=False)
        ):
            known = [
                (cases, score.value, score.low, score.high)
                for cases, score in zip(curve.cases, curve.scores, strict=True)
                if score.value is not None and score.low is not None and score.high is not None
            ]
            if not known:
                continue
            x, y, low, high = (np.array(column) for column in zip(*known, strict=True))
            x = x * APART ** (place - (len(curves) - 1) / 2)
            error = [np.maximum(y - low, 0), np.maximum(high - y, 0)]
            ax.errorbar(x, y, error, fmt=f"{mark}-", color=colour, capsize=3, label=curve.name)
        ax.set_xscale("log")
        ticks = sorted({cases for curve in curves for cases in curve.cases})
        ax.set_xticks(ticks, [str(tick) for tick in ticks])
        ax.minorticks_off()
        ax.set(xlabel="Cases to learn from", ylabel=metric)
        ax.legend(loc="best")

    caption = (
        "Out of fold, 95 % intervals over patients. A curve that still rises at its right end says "
        "that more cases would help."
    )
    alt = f"{metric} by the number of cases learnt from."
    return Figure("learning", "Learning curve", caption, alt, draw("learning", paint))


def importance_figure(losses: Sequence[tuple[str, float, float]], metric: str) -> Figure:
    """Draw how much a model loses when a family of features is shuffled: (name, loss, spread)."""

    def paint(ax: "Axes") -> None:
        rows = list(losses)[::-1]
        places = np.arange(len(rows))
        ax.barh(places, [row[1] for row in rows], color=SERIES[0], alpha=0.8)
        values, spreads = [row[1] for row in rows], [row[2] for row in rows]
        ax.errorbar(values, places, xerr=spreads, fmt="none", ecolor=FAINT, capsize=2)
        ax.set_yticks(places, [shorten(row[0].replace("_", " ")) for row in rows])
        ax.set(xlabel=f"Loss of {metric} when shuffled")
        ax.grid(visible=False, axis="y")

    caption = (
        "All features of a family are shuffled together among held-out cases. Families that say "
        "the same as another lose little, though each alone would do."
    )
    alt = "Loss by family: " + ", ".join(f"{name} {loss:.3f}" for name, loss, _ in losses)
    return Figure(
        "importance", "What the classical model looks at", caption, alt, draw("importance", paint)
    )


def score_words(score: Score) -> str:
    """Return a score with its interval in one cell."""
    if score.value is None:
        return score.note
    if score.low is None or score.high is None:
        return f"{score.value:.3f}"
    return f"{score.value:.3f} ({score.low:.2f}–{score.high:.2f})"


def _signed(value: float, digits: int = 3) -> str:
    """Return a number with its sign, as it stands in a sentence: "+0.040", "−0.013"."""
    text = f"{value:+.{digits}f}" if abs(value) < 100 else f"{value:+.4g}"
    return text.replace("-", "\u2212")
