"""Found boxes become scores, pictures, and a row for each box and case."""

import csv

import pytest
from tests.workflows.box_run import answers_of, prepared_spots

from scanwright.base import InputError
from scanwright.workflows.box_evaluate import evaluate_boxes
from scanwright.workflows.evidence import Evaluation
from scanwright.workflows.prepare import Prepared


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepared_spots(tmp_path_factory.mktemp("spots"))


@pytest.fixture(scope="module")
def found(prepared: Prepared) -> Evaluation:
    validation = [entry for entry in prepared.everything() if entry not in prepared.test]
    ill = [entry.name for entry in validation if entry.target.boxes]  # type: ignore[union-attr]
    parts = {
        "test": answers_of(prepared.test),
        "validation": answers_of(validation, off=1.0, missed=ill[:1], false=0.7),
    }
    return evaluate_boxes(prepared, parts, (), ("slow",), skipped=(("scan_99", "not whole"),))


def test_what_is_found_as_it_is_scores_one(found: Evaluation) -> None:
    scores = {name: score["value"] for name, score in found.scores["test"].items()}
    assert scores.pop("false_per_image") == 0
    assert list(scores.values()) == pytest.approx([1] * 8)


def test_what_is_missed_or_false_counts(found: Evaluation) -> None:
    scores = {name: score["value"] for name, score in found.scores["validation"].items()}
    ill = sum(int(row["findings"]) for row in cases(found, "validation"))
    assert scores["sensitivity"] == pytest.approx(1 - 1 / ill)
    assert scores["false_per_image"] == 1
    # Moved by one pixel along both axes of 10 by 12.
    common = 9 * 11
    assert scores["ap75"] < scores["ap50"] < 1
    boxes = [row for row in rows_of(found, "findings.csv") if row["split"] == "validation"]
    hits = [float(row["overlap"]) for row in boxes if row["what"] == "hit"]
    assert hits == pytest.approx([common / (240 - common)] * ill, abs=1e-5)


def rows_of(found: Evaluation, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(found.tables[name].splitlines()))


def cases(found: Evaluation, split: str) -> list[dict[str, str]]:
    return [row for row in rows_of(found, "cases.csv") if row["split"] == split]


def test_each_case_and_box_has_a_row(found: Evaluation, prepared: Prepared) -> None:
    assert len(cases(found, "test")) == len(prepared.test)
    assert len(rows_of(found, "cases.csv")) == len(prepared.everything())
    missed = [row for row in cases(found, "validation") if row["missed"] == "1"]
    assert len(missed) == 1


def test_the_report_shows_single_findings_and_what_was_not_measured(found: Evaluation) -> None:
    page = found.files("digest", 3.0)["report.html"]
    for words in (
        "The model finds spot in",
        "The surest false boxes",
        "Missed findings",
        "FROC curve",
        "not whole",
        "slow",
    ):
        assert words in page


def test_no_case_at_all_is_an_error(prepared: Prepared) -> None:
    with pytest.raises(InputError, match="No case could be looked at") as told:
        evaluate_boxes(prepared, {"test": []}, (), ("scan_01 could not be looked at: torn",))
    assert "torn" in str(told.value)
