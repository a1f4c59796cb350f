"""Where a model is weaker: subgroups and sites, worst errors, and two models side by side."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from scanwright import metrics
from scanwright.base import InputError
from scanwright.metrics import Interval, Resamples, UndefinedMetric
from scanwright.report.measure import MeasureOptions, Score, measure_one
from scanwright.report.metric import metric_set
from scanwright.report.metric_row import Metric
from scanwright.report.outcomes import Outcomes, Values

MOST_VALUES = 12
"""Values of a column that get a row of their own; the rarer ones share one."""

SUBGROUP_METRICS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "binary": ("auc", "accuracy", "sensitivity", "specificity"),
        "classes": ("auc", "accuracy", "balanced_accuracy"),
        "findings": ("auc", "accuracy", "sensitivity", "specificity"),
        "grade": ("kappa", "accuracy", "mae"),
        "number": ("mae", "bias"),
        "segmentation": ("dice", "hd95", "nsd"),
        "detection": ("ap50", "froc", "sensitivity", "false_per_image"),
    }
)
"""What is measured in each subgroup."""


@dataclass(frozen=True, slots=True)
class Subgroup:
    """The scores of the cases that share one value of a column.

    Parameters
    ----------
    is_small
        Too few patients, or too few of a class, to be judged.
    differs
        Names of the metrics whose interval leaves out the value of the whole split.
    weaker
        Those of them that are further from perfect than the whole split.
    """

    column: str
    value: str
    cases: int
    patients: int
    scores: Mapping[str, Score]
    is_small: bool
    differs: tuple[str, ...]
    weaker: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A case that was decided wrongly.

    Parameters
    ----------
    index
        Its place among the outcomes.
    truth, decided
        In the reader's words.
    confidence
        Probability that was given to the wrong decision; for a number the distance.
    """

    index: int
    case: str
    truth: str
    decided: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric of two models on the same cases."""

    name: str
    title: str
    first: float
    second: float
    gap: Interval
    p_value: float
    test: str


def measure_subgroups(
    outcomes: Outcomes,
    whole: Mapping[str, Score],
    options: MeasureOptions,
    rng: np.random.Generator,
) -> tuple[Subgroup, ...]:
    """Measure each value of each column apart.

    Parameters
    ----------
    whole
        Scores of all cases, that the subgroups are held against.
    """
    rows = subgroup_metrics(outcomes)
    found = []
    for column, values in outcomes.columns.items():
        words = _pooled(values)
        if len(set(words)) < 2:
            continue
        for word in sorted(set(words), key=lambda w: (w.startswith("("), w)):
            part = outcomes.subset(np.array([own == word for own in words]))
            resamples = Resamples.draw(part.patients, options.replicates, rng)
            scores = {row.name: measure_one(row, part, resamples, options.level) for row in rows}
            is_small = _smallest(part) < options.smallest_group
            apart = () if is_small else _apart(scores, whole)
            weaker = tuple(
                row.name for row in rows if row.name in apart and _is_weaker(row, scores, whole)
            )
            found.append(
                Subgroup(
                    column,
                    word,
                    part.count,
                    part.patient_count,
                    MappingProxyType(scores),
                    is_small,
                    apart,
                    weaker,
                )
            )
    return tuple(found)


def subgroup_metrics(outcomes: Outcomes) -> tuple[Metric, ...]:
    """Return the metrics that a subgroup table shows for these outcomes."""
    wanted = SUBGROUP_METRICS["binary" if outcomes.is_binary else outcomes.kind]
    return tuple(row for row in metric_set(outcomes) if row.name in wanted)


def worst_errors(outcomes: Outcomes, most: int = 12) -> tuple[Mistake, ...]:
    """Return the wrong decisions that were made with most confidence, the worst first.

    Masks and boxes are no decisions on cases: their worst are shown as overlays.
    """
    if outcomes.kind in ("segmentation", "detection"):
        return ()
    if outcomes.kind == "number":
        return _largest_distances(outcomes, most)
    if outcomes.kind == "findings":
        return _wrong_findings(outcomes, most)
    decided = outcomes.decided
    own = outcomes.scores[np.arange(outcomes.count), decided]
    wrong = np.flatnonzero(decided != outcomes.truth)
    order = wrong[np.argsort(-own[wrong], kind="stable")][:most]
    return tuple(
        Mistake(
            int(i),
            outcomes.cases[i],
            outcomes.labels[outcomes.truth[i]],
            outcomes.labels[decided[i]],
            float(own[i]),
        )
        for i in order
    )


def compare_outcomes(
    first: Outcomes, second: Outcomes, options: MeasureOptions, rng: np.random.Generator
) -> tuple[Difference, ...]:
    """Hold two models against each other on the same cases.

    DeLong's test for the AUC of two classes; for the rest the paired bootstrap over patients.

    Raises
    ------
    InputError
        The cases or their truth differ.
    """
    same = first.kind == second.kind and first.labels == second.labels
    if not same or first.cases != second.cases or not np.array_equal(first.truth, second.truth):
        raise InputError(
            "Two models can be compared on the same cases only.",
            got=f"{first.count} and {second.count} cases that differ in name, truth or labels",
            next="predict the same files, in the same order, with both",
        )
    resamples = Resamples.draw(first.patients, options.replicates, rng)
    found = []
    for row in subgroup_metrics(first):
        try:
            found.append(_difference(row, (first, second), resamples, options.level))
        except UndefinedMetric:  # reported as not defined among the scores
            continue
    return tuple(found)


def _difference(
    row: Metric, pair: tuple[Outcomes, Outcomes], resamples: Resamples, level: float
) -> Difference:
    first, second = pair
    if row.name == "auc" and first.is_binary:
        found = metrics.delong_test(
            first.truth,
            first.scores[:, 1],
            second.scores[:, 1],
            patients=first.patients,
            level=level,
        )
        values = (found.first, found.second, found.difference, found.p_value)
        return Difference(row.name, row.title, *values, "DeLong")
    left, right = row.bind(first), row.bind(second)
    gap, p_value = metrics.bootstrap_difference(left, right, resamples, level)
    values = (left.value(), right.value(), gap, p_value)
    return Difference(row.name, row.title, *values, "paired bootstrap")


def _pooled(values: tuple[str, ...]) -> list[str]:
    words = [str(value).strip() or "(not stated)" for value in values]
    kept = {word for word, _ in Counter(words).most_common(MOST_VALUES)}
    return [word if word in kept else "(other)" for word in words]


def _smallest(outcomes: Outcomes) -> int:
    """Patients, or three times those of the rarer of two classes if that is fewer."""
    if not outcomes.is_binary:
        return outcomes.patient_count
    names = np.array(outcomes.patients)
    per_class = [len(set(names[outcomes.truth == label].tolist())) for label in (0, 1)]
    return min(outcomes.patient_count, 3 * min(per_class))


def _apart(scores: Mapping[str, Score], whole: Mapping[str, Score]) -> tuple[str, ...]:
    names = []
    for name, score in scores.items():
        value = whole[name].value
        if value is None or score.low is None or score.high is None:
            continue
        if not score.low <= value <= score.high:
            names.append(name)
    return tuple(names)


def _is_weaker(row: Metric, scores: Mapping[str, Score], whole: Mapping[str, Score]) -> bool:
    own, all_cases = scores[row.name].value, whole[row.name].value
    return (
        own is not None
        and all_cases is not None
        and abs(own - row.best) > abs(all_cases - row.best)
    )


def _wrong_findings(outcomes: Outcomes, most: int) -> tuple[Mistake, ...]:
    decided: Values = outcomes.decided
    own = np.where(decided == 1, outcomes.scores, 1 - outcomes.scores)
    rows, columns = np.nonzero(decided != outcomes.truth)
    order = np.argsort(-own[rows, columns], kind="stable")[:most]
    words = {0: "no {}", 1: "{}"}
    return tuple(
        Mistake(
            int(i),
            outcomes.cases[i],
            words[int(outcomes.truth[i, k])].format(outcomes.labels[k]),
            words[int(decided[i, k])].format(outcomes.labels[k]),
            float(own[i, k]),
        )
        for i, k in zip(rows[order], columns[order], strict=True)
    )


def _largest_distances(outcomes: Outcomes, most: int) -> tuple[Mistake, ...]:
    gap = np.abs(outcomes.decided - outcomes.truth)
    unit = f" {outcomes.unit}" if outcomes.unit else ""
    return tuple(
        Mistake(
            int(i),
            outcomes.cases[i],
            f"{outcomes.truth[i]:.4g}{unit}",
            f"{outcomes.decided[i]:.4g}{unit}",
            float(gap[i]),
        )
        for i in np.argsort(-gap, kind="stable")[:most]
        if gap[i] > 0
    )
