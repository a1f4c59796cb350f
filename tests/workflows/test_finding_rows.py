"""Findings become a row for each box, and a row where there is none."""

import json
from pathlib import Path

import pytest
from tests.workflows.box_scenes import LABELS, found_in, in_picture, in_volume, nothing_in_picture

from scanwright.image import Geometry
from scanwright.workflows.finding_rows import BOX, FINDINGS
from scanwright.workflows.findings import Findings

HEAD = FINDINGS.head(LABELS)


def table(answer: Findings) -> list[dict[str, str]]:
    return [dict(zip(HEAD, row, strict=True)) for row in FINDINGS.cells(answer, LABELS)]


def test_each_box_is_a_row_with_its_edges_in_elements() -> None:
    mass, nodule = table(Findings(in_picture(), (Path("one.png"),)))
    assert (mass["case"], mass["findings"], mass["files"]) == ("case.png", "1", "one.png")
    assert (mass["label"], mass["score"], mass["reported"]) == ("mass", "0.9", "yes")
    assert (mass["x_min"], mass["x_max"]) == ("29.5", "59.5")
    assert (mass["y_min"], mass["y_max"]) == ("9.5", "19.5")
    assert mass["z_min"] == mass["size_x_mm"] == mass["centre_left_mm"] == ""
    assert (nodule["label"], nodule["reported"], nodule["findings"]) == ("nodule", "no", "1")


def test_a_volume_has_three_axes_and_its_place_in_the_patient() -> None:
    answer = Findings(in_volume())
    row, _ = table(answer)
    finding = next(iter(answer))
    assert (row["z_min"], row["z_max"]) == ("1.5", "4.5")
    assert (row["size_x_mm"], row["size_y_mm"], row["size_z_mm"]) == ("7", "8", "7.5")
    assert row["diameter_mm"] == "8"
    for column, value in zip(("left", "back", "head"), finding.centre_lps, strict=True):
        assert float(row[f"centre_{column}_mm"]) == pytest.approx(value, rel=1e-5)


def test_a_case_without_findings_has_a_row_that_says_so() -> None:
    (row,) = table(Findings(nothing_in_picture()))
    assert (row["case"], row["findings"], row["warnings"]) == ("case.png", "0", "dark")
    assert all(row[column] == "" for column in BOX)


@pytest.mark.parametrize("found", [in_picture(), in_volume(), nothing_in_picture()])
def test_json_holds_the_same_boxes_nested(found: object) -> None:
    answer = Findings(found)  # type: ignore[arg-type]  # of pytest
    plain = json.loads(json.dumps(FINDINGS.plain(answer), allow_nan=False))
    assert (plain["case"], plain["findings"]) == ("case.png", answer.reported)
    assert len(plain["boxes"]) == len(answer)
    for box, finding in zip(plain["boxes"], answer, strict=True):
        assert box["label"] == finding.label
        assert box["edges"]["y"] == [finding.low[-2], finding.high[-2]]
        assert ("z" in box["edges"]) == (len(finding.low) == 3)
        assert ("size_mm" in box) == bool(finding.size_mm)


def test_a_screen_shows_how_many_of_each_and_the_surest() -> None:
    shown = FINDINGS.shown(Findings(in_picture(), (Path("out/one.png"),)), LABELS)
    assert shown == {
        "findings": "1", "nodule": "none", "mass": "1 (up to 0.90)", "file": "one.png",
    }  # fmt: skip


def test_ten_thousand_boxes_are_ten_thousand_rows() -> None:
    rows = [([[i, i + 1.0], [0.0, 1.0]], i % 2, 1 - i / 1e5) for i in range(10_000)]
    answer = Findings(found_in(Geometry.pixels(2), (10_001, 8), rows))
    assert sum(1 for _ in FINDINGS.cells(answer, LABELS)) == 10_000
