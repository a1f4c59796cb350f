"""Tables for machines: no NaN, hostile words survive, the same patient keeps a number."""

import csv
import io
import json

import numpy as np

from scanwright.report import (
    Outcomes,
    metrics_csv,
    predictions_csv,
    scores_json,
)

from .conftest import bare_split, invent_binary, invent_findings, invent_numbers

HOSTILE = '<b>"quoted", comma\nline</b>'


def refuse(word):
    raise AssertionError(word)


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_json_holds_every_score_and_no_nan(any_split):
    table = json.loads(scores_json([any_split]), parse_constant=refuse)
    assert set(table) == {"test"}
    for name, score in any_split.scores.scores.items():
        assert table["test"][name]["value"] == score.value
        assert set(table["test"][name]) == {"value", "low", "high"}


def test_what_is_not_defined_is_null_with_a_reason(rng):
    outcomes = Outcomes("classes", ("normal", "ill"), np.zeros(9, int), np.tile([0.7, 0.3], (9, 1)))
    split = bare_split("validation", outcomes, rng)
    entry = json.loads(scores_json([split]), parse_constant=refuse)["validation"]["auc"]
    assert entry == {
        "value": None,
        "low": None,
        "high": None,
        "reason": "not defined: no case of “ill”",
    }


def test_predictions_hold_every_case_with_all_its_digits(rng):
    outcomes = invent_binary(40)
    splits = [bare_split(name, outcomes, rng) for name in ("validation", "test")]
    rows = rows_of(predictions_csv(splits))
    assert len(rows) == 80
    assert [row["split"] for row in rows[::40]] == ["validation", "test"]
    assert rows[0]["patient"] == rows[1]["patient"] == rows[40]["patient"] == "1"
    for row, truth, scores in zip(rows, outcomes.truth, outcomes.scores, strict=False):
        assert row["truth"] == outcomes.labels[truth]
        assert float(row["score ill"]) == scores[1]


def test_predictions_of_findings_and_numbers(rng):
    findings = invent_findings()
    row = rows_of(predictions_csv([bare_split("test", findings, rng)]))[5]
    expected = [
        label for label, value in zip(findings.labels, findings.truth[5], strict=True) if value
    ]
    assert row["truth"] == "|".join(expected)
    numbers = invent_numbers()
    row = rows_of(predictions_csv([bare_split("test", numbers, rng)]))[5]
    assert float(row["truth"]) == numbers.truth[5]
    assert row["decision"] == row["score age"]


def test_hostile_words_come_back_whole(rng):
    outcomes = Outcomes("classes", ("no", HOSTILE), [0, 1], np.eye(2), cases=(HOSTILE, "é"))
    rows = rows_of(predictions_csv([bare_split("test", outcomes, rng)]))
    assert rows[0]["case"] == HOSTILE
    assert rows[1]["truth"] == HOSTILE
    assert rows[1][f"score {HOSTILE}"] == "1.0"


def test_metrics_hold_the_whole_each_label_and_each_subgroup(rng):
    rows = rows_of(metrics_csv([bare_split("test", invent_binary(), rng)]))
    assert {row["of"] for row in rows} == {"all", "site = A", "site = B"}
    labels = rows_of(metrics_csv([bare_split("test", invent_findings(), rng)]))
    assert "label mass" in {row["of"] for row in labels}
    assert all(row["value"] or row["note"] for row in labels)
