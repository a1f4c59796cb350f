"""Results for machines: scores as JSON, predictions and metrics as CSV."""

import csv
import io
import json
from collections.abc import Iterable, Sequence

import numpy as np

from scanwright.report.measure import Score
from scanwright.report.outcomes import Outcomes
from scanwright.report.report import SplitReport

SEPARATOR = "|"
"""Between the findings of one case."""


def scores_json(splits: Sequence[SplitReport]) -> str:
    """Return `{split: {metric: {value, low, high}}}`; a metric without value has null and a reason.

    Numbers have all their digits; there is never a NaN.
    """
    table = {
        split.name: {name: _plain(score) for name, score in split.scores.scores.items()}
        for split in splits
    }
    return json.dumps(table, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def metrics_csv(splits: Sequence[SplitReport]) -> str:
    """Return every score as a row: of the whole split, of each label, of each subgroup."""
    head = ["split", "of", "metric", "value", "low", "high", "cases", "patients", "note"]
    return _csv([head, *(row for split in splits for row in _metric_rows(split))])


def predictions_csv(splits: Sequence[SplitReport]) -> str:
    """Return every case as a row: number, case, patient, split, truth, decision, one score a label.

    Patients are numbered through, not named: the same number is the same patient.
    """
    outcomes = splits[0].outcomes
    head = ["number", "case", "patient", "split", "truth", "decision"]
    rows: list[list[object]] = [[*head, *(f"score {label}" for label in outcomes.labels)]]
    seen: dict[str, int] = {}
    for split in splits:
        rows.extend(_prediction_rows(split, seen))
    return _csv(rows)


def _plain(score: Score) -> dict[str, object]:
    values: dict[str, object] = {"value": score.value, "low": score.low, "high": score.high}
    if score.value is None:
        values["reason"] = score.note
    return values


def _metric_rows(split: SplitReport) -> Iterable[list[object]]:
    for score in split.scores.scores.values():
        yield _metric_row(split.name, "all", score)
    for label in split.scores.per_label:
        for score in label.scores.values():
            yield _metric_row(split.name, f"label {label.label}", score)
    for group in split.subgroups:
        for score in group.scores.values():
            yield _metric_row(split.name, f"{group.column} = {group.value}", score)


def _metric_row(split: str, part: str, score: Score) -> list[object]:
    numbers = [score.value, score.low, score.high]
    shown = ["" if number is None else repr(number) for number in numbers]
    return [split, part, score.name, *shown, score.cases, score.patients, score.note]


def _prediction_rows(split: SplitReport, seen: dict[str, int]) -> Iterable[list[object]]:
    outcomes = split.outcomes
    decided = outcomes.decided
    scores = outcomes.scores.reshape(outcomes.count, -1)
    for index, case in enumerate(outcomes.cases):
        patient = seen.setdefault(outcomes.patients[index], len(seen) + 1)
        yield [
            index + 1,
            case,
            patient,
            split.name,
            _word(outcomes, outcomes.truth[index]),
            _word(outcomes, decided[index]),
            *(repr(float(score)) for score in scores[index]),
        ]


def _word(outcomes: Outcomes, value: object) -> str:
    row = np.asarray(value)
    if outcomes.kind == "number":
        return repr(float(row))
    if outcomes.kind in ("findings", "segmentation", "detection"):
        return SEPARATOR.join(outcomes.labels[k] for k in np.flatnonzero(row))
    return outcomes.labels[int(row)]


def _csv(rows: Iterable[Sequence[object]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()
