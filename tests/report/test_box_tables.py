"""Boxes and cases as tables."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from scanwright.image import Geometry
from scanwright.metrics import CaseBoxes
from scanwright.report import DetectionOutcomes, box_cases_csv, findings_csv

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
    true = [row for row in rows if row["what"] in ("found", "missed")]
    first = cases[1].boxes.truth[0]
    names = ("y_min", "y_max", "x_min", "x_max")
    assert [float(true[0][name]) for name in names] == first.ravel().tolist()
    assert true[0]["z_min"] == true[0]["size_x_mm"] == true[0]["left_min_mm"] == ""
    boxes = box_outcomes().boxes
    assert boxes is not None
    shown = [row for row in rows if row["reported"] == "yes"]
    assert sum(row["what"] == "hit" for row in shown) == boxes.counts[1].sum()
    assert sum(row["what"] in ("false", "again") for row in shown) == boxes.counts[2].sum()
    assert sum(row["what"] == "found" for row in true) == boxes.is_found.sum()


def test_places_in_mm_are_those_of_the_patient() -> None:
    split = bare_split("test", box_outcomes(40, 3), np.random.default_rng(0))
    row = rows_of(findings_csv([split]))[0]
    for axis, side, spacing in (("z", "head", 2.0), ("y", "back", 0.8), ("x", "left", 0.8)):
        for end in ("min", "max"):
            index, mm = float(row[f"{axis}_{end}"]), float(row[f"{side}_{end}_mm"])
            assert mm == pytest.approx(index * spacing, rel=1e-5, abs=1e-3)
        length = float(row[f"{axis}_max"]) - float(row[f"{axis}_min"])
        assert float(row[f"size_{axis}_mm"]) == pytest.approx(length * spacing, rel=1e-5)


def test_on_a_detector_lengths_are_known_and_places_are_not() -> None:
    cases = tuple(
        replace(case, geometry=Geometry.detector((0.5, 0.2))) for case in invent_detection().cases
    )
    outcomes = DetectionOutcomes(("nodule", "cyst"), cases, (0.4, 0.4)).outcomes
    row = rows_of(findings_csv([bare_split("test", outcomes, np.random.default_rng(0))]))[0]
    length = float(row["x_max"]) - float(row["x_min"])
    assert float(row["size_x_mm"]) == pytest.approx(0.2 * length, rel=1e-5)
    assert row["left_min_mm"] == row["size_z_mm"] == ""


def test_of_boxes_that_are_not_reported_the_hundred_surest_are_kept() -> None:
    (first, *_) = invent_detection().cases
    many = np.tile(np.array([[[0.5, 4.5], [0.5, 4.5]]]), (250, 1, 1))
    boxes = CaseBoxes(many[:0], [], many, [0] * 250, np.linspace(0, 1, 250))
    for threshold, kept in ((0.9, 100), (0.2, 200)):
        outcomes = DetectionOutcomes(
            ("nodule",), (replace(first, boxes=boxes),), (threshold,)
        ).outcomes
        split = bare_split("test", outcomes, np.random.default_rng(0))
        assert len(rows_of(findings_csv([split]))) == kept


def test_splits_without_boxes_have_no_rows() -> None:
    assert len(findings_csv([full_split("number")]).splitlines()) == 1
    assert len(box_cases_csv([full_split("number")]).splitlines()) == 1
