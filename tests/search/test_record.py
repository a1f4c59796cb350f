"""Trials as tables."""

import csv
import io

from scanwright.search import best_of, default_of, records_csv
from tests.search.builders import record


def test_the_best_is_the_first_of_the_highest_and_never_the_default() -> None:
    records = [
        record(0, 0.5, 0.99),
        record(1, 0.6, 0.7),
        record(2, 0.6, 0.7),
        record(3, 0.9, state="stopped"),
    ]
    assert best_of(records) == records[1]
    assert default_of(records) == records[0]
    assert best_of(records[:1]) is None


def test_a_trial_below_the_last_rung_has_no_score() -> None:
    assert record(1, 0.9, state="stopped").score is None
    assert record(1, 0.9, state="stopped").is_finished
    assert not record(1, state="running").is_finished


def test_a_table_has_a_row_for_each_trial_and_a_column_for_each_rung() -> None:
    records = [record(0, 0.5, 0.6), record(1, 0.4, state="stopped", note="late, alas")]
    rows = list(csv.DictReader(io.StringIO(records_csv(records, ["optimiser.rate", "absent"]))))
    assert [row["trial"] for row in rows] == ["0", "1"]
    assert rows[0]["rung 2"] == "0.6"
    assert rows[1]["rung 2"] == ""
    assert rows[1]["note"] == "late, alas"
    assert float(rows[1]["optimiser.rate"]) == 2e-3
    assert rows[1]["absent"] == ""
