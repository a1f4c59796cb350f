"""Scores of a split, each with its interval and its definition."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from scanwright import metrics
from scanwright.base import Options, option
from scanwright.metrics import Resamples, UndefinedMetric
from scanwright.report.metric import label_metrics, metric_set
from scanwright.report.metric_row import Metric
from scanwright.report.outcomes import Outcomes


class MeasureOptions(Options):
    """How sure one wants to be, and of how small a group one wants to hear."""

    level: float = option(0.95, low=0.5, high=0.999, help="How often an interval is right.")
    replicates: int = option(1000, low=20, high=100_000, help="Bootstrap replicates.")
    smallest_group: int = option(
        30, low=2, help="Patients below which a subgroup is marked as too small to judge."
    )
    show_names: bool = option(
        False, help="Show the names of cases in the report; file names can identify a patient."
    )


@dataclass(frozen=True, slots=True)
class Score:
    """A metric of a split.

    Parameters
    ----------
    name, title
        For machines and for readers.
    definition
        What was computed, in a sentence.
    value, low, high
        None where the metric is not defined.
    cases, patients
        What it was measured on.
    note
        How the interval was made, or why there is no value.
    """

    name: str
    title: str
    definition: str
    value: float | None
    low: float | None
    high: float | None
    cases: int
    patients: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class LabelScores:
    """The scores of one label against the rest."""

    label: str
    positives: int
    scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Scores:
    """All that was measured on a split."""

    scores: Mapping[str, Score]
    per_label: tuple[LabelScores, ...]
    cases: int
    patients: int
    level: float


def measure_scores(outcomes: Outcomes, options: MeasureOptions, rng: np.random.Generator) -> Scores:
    """Measure everything that the kind of task asks for, with intervals over patients.

    A metric that is not defined on these cases (one class only, say) is reported as such.
    """
    resamples = Resamples.draw(outcomes.patients, options.replicates, rng)
    found = {
        row.name: measure_one(row, outcomes, resamples, options.level)
        for row in metric_set(outcomes)
    }
    return Scores(
        MappingProxyType(found),
        _per_label(outcomes, resamples, options.level),
        outcomes.count,
        outcomes.patient_count,
        options.level,
    )


def measure_one(metric: Metric, outcomes: Outcomes, resamples: Resamples, level: float) -> Score:
    """Measure one metric on outcomes; undefined is a result, not an error."""
    place = (outcomes.count, resamples.patients)
    try:
        found = _interval(metric, outcomes, resamples, level)
    except UndefinedMetric as error:
        reason = f"not defined: {_absent(outcomes) or error.got or error.what}"
        return Score(metric.name, metric.title, metric.definition, None, None, None, *place, reason)
    note = found.method + (f"; undefined in {found.skipped} replicates" if found.skipped else "")
    values = (found.value, found.low, found.high)
    return Score(metric.name, metric.title, metric.definition, *values, *place, note)


def _interval(
    metric: Metric, outcomes: Outcomes, resamples: Resamples, level: float
) -> metrics.Interval:
    statistic = metric.bind(outcomes)
    if metric.is_inflated:
        return metrics.bootstrap_centred(statistic, resamples, level)
    if metric.support is None:
        return metrics.bootstrap(statistic, resamples, level)
    support = max(1, metric.support(outcomes))
    return metrics.bootstrap_rate(statistic, resamples, support, level)


def _per_label(outcomes: Outcomes, resamples: Resamples, level: float) -> tuple[LabelScores, ...]:
    is_single = outcomes.kind in ("segmentation", "detection") and len(outcomes.labels) == 1
    if outcomes.kind == "number" or outcomes.is_binary or is_single:
        return ()
    rows = []
    for index, label in enumerate(outcomes.labels):
        alone = _alone(outcomes, index)
        found = {
            row.name: measure_one(row, alone, resamples, level) for row in label_metrics(alone)
        }
        positives = int(np.count_nonzero(alone.truth))
        rows.append(LabelScores(label, positives, MappingProxyType(found)))
    return tuple(rows)


def _alone(outcomes: Outcomes, index: int) -> Outcomes:
    """Return one label against the rest as outcomes of two classes, or one class of many."""
    if outcomes.masks is not None or outcomes.boxes is not None:
        one = slice(index, index + 1)
        return replace(
            outcomes,
            labels=outcomes.labels[one],
            truth=outcomes.truth[:, one],
            scores=outcomes.scores[:, one],
            thresholds=outcomes.thresholds[one],
            masks=outcomes.masks and outcomes.masks.alone(index),
            boxes=outcomes.boxes and outcomes.boxes.alone(index),
        )
    truth, score, decided = outcomes.claims(index)
    return Outcomes(
        "classes",
        ("rest", outcomes.labels[index]),
        truth,
        np.stack([1 - score, score], axis=1),
        outcomes.cases,
        outcomes.patients,
        decisions=decided,
    )


def _absent(outcomes: Outcomes) -> str:
    """Name the labels that do not occur, or of which there is no case without."""
    if outcomes.kind in ("number", "segmentation", "detection"):
        return ""
    shares = [outcomes.claims(index)[0].mean() for index in range(len(outcomes.labels))]
    missing = [n for n, share in zip(outcomes.labels, shares, strict=True) if share == 0]
    always = [n for n, share in zip(outcomes.labels, shares, strict=True) if share == 1]
    parts = [f"no case of {_quoted(missing)}"] if missing else []
    if always and outcomes.kind == "findings":
        parts.append(f"no case without {_quoted(always)}")
    return "; ".join(parts)


def _quoted(labels: list[str]) -> str:
    return ", ".join(f"“{label}”" for label in labels)
