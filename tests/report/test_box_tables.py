"""Boxes and cases as tables."""

import csv
import io

import numpy as np
import pytest

from scanwright.report import box_cases_csv, findings_csv

from .builders import box_outcomes, invent_detection
from .conftest import bare_split, full_split


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_case_is_a_row_that_adds_up() -> None:
    outcomes = box_outcomes()
    rows = rows_of(box_cases_csv([full_split("detection")]))
    assert len(rows) == outcomes.count
    assert rows[3]["size"] == "64x72"
    assert rows[3]["patient"] == "2"
    for row in rows:
        assert int(row["found"]) + int(row["missed"]) == int(row["findings"])
    assert sum(int(row["findings"]) for row in rows) == outcomes.truth.sum()


def test_every_box_is_a_row_with_all_digits() -> None:
    rows = rows_of(findings_csv([full_split("detection")]))
    cases = invent_detection().cases
    assert len(rows) == sum(len(c.boxes.truth) + len(c.boxes.guess) for c in cases)
    true = [row for row in rows if row["what"] == "true"]
    first = cases[1].boxes.truth[0]
    names = ("y low", "y high", "x low", "x high")
    assert [float(true[0][name]) for name in names] == first.ravel().tolist()
    assert true[0]["x low mm"] == ""
    boxes = box_outcomes().boxes
    assert boxes is not None
    shown = [row for row in rows if row["what"] != "true" and row["shown"] == "yes"]
    assert sum(row["what"] == "hit" for row in shown) == boxes.counts[1].sum()
    assert sum(row["what"] in ("false", "again") for row in shown) == boxes.counts[2].sum()
    assert sum(row["shown"] == "yes" for row in true) == boxes.is_found.sum()


def test_places_in_mm_are_those_of_the_patient() -> None:
    split = bare_split("test", box_outcomes(40, 3), np.random.default_rng(0))
    row = rows_of(findings_csv([split]))[0]
    for axis, spacing in (("z", 2.0), ("y", 0.8), ("x", 0.8)):
        for end in ("low", "high"):
            index, mm = float(row[f"{axis} {end}"]), float(row[f"{axis} {end} mm"])
            assert mm == pytest.approx(index * spacing, abs=1e-3)


def test_splits_without_boxes_have_no_rows() -> None:
    assert len(findings_csv([full_split("number")]).splitlines()) == 1
    assert len(box_cases_csv([full_split("number")]).splitlines()) == 1
