"""Answers become rows whose cells stand under their heads."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.workflows.box_scenes import in_volume, nothing_in_picture

from scanwright.image import Prediction
from scanwright.workflows.answer_rows import OUTLINES, SCORES, Answered, AnswerRows, Outline
from scanwright.workflows.finding_rows import FINDINGS
from scanwright.workflows.findings import Findings

LABELS = ("liver", "tumour")
VOLUME = Outline(
    "a", (Path("a_mask.nii.gz"),), {"liver": 1500.25, "tumour": 0.0}, {}, {"liver": 210.5}
)
PLANE = Outline("b", (), {}, {"liver": 31.5}, {}, ("cut off", "dark"))
SCORED = Prediction(
    "c", LABELS, np.array([0.25, 1.0]), ("tumour",), np.array([0.5, 0.0]), ("dark",)
)


def table(rows: AnswerRows, answer: Answered) -> dict[str, str]:
    (row,) = rows.cells(answer, LABELS)
    return dict(zip(rows.head(LABELS), row, strict=True))


def test_an_outline_says_its_files_and_sizes_in_their_units() -> None:
    row = table(OUTLINES, VOLUME)
    assert row["case"] == "a"
    assert row["files"] == "a_mask.nii.gz"
    assert row["volume_ml liver"] == "1500.25"
    assert row["volume_ml tumour"] == "0"
    assert row["diameter_mm liver"] == "210.5"
    assert row["diameter_mm tumour"] == row["area_mm2 liver"] == ""


def test_a_plane_has_areas_and_no_volumes() -> None:
    row = table(OUTLINES, PLANE)
    assert row["area_mm2 liver"] == "31.5"
    assert row["volume_ml liver"] == ""
    assert row["warnings"] == "cut off; dark"


def test_a_scored_case_says_what_was_decided_and_how_sure_that_is() -> None:
    row = table(SCORES, SCORED)
    assert row["decision"] == "tumour"
    assert row["score liver"] == "0.25"
    assert row["spread liver"] == "0.5"
    assert row["warnings"] == "dark"


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        (OUTLINES, VOLUME), (OUTLINES, PLANE), (SCORES, SCORED),
        (FINDINGS, Findings(in_volume())), (FINDINGS, Findings(nothing_in_picture())),
    ],
)  # fmt: skip
def test_heads_and_cells_agree_and_json_holds_the_same(rows: AnswerRows, answer: Answered) -> None:
    head = rows.head(LABELS)
    assert (head[0], head[-1]) == ("case", "warnings")
    found = list(rows.cells(answer, LABELS))
    assert found
    assert {len(row) for row in found} == {len(set(head))} == {len(head)}
    plain = json.loads(json.dumps(rows.plain(answer), allow_nan=False))
    assert plain["case"] == answer.case
    assert plain["warnings"] == list(answer.warnings)


def test_json_leaves_out_sizes_that_are_not_known() -> None:
    plain = OUTLINES.plain(PLANE)
    assert isinstance(plain, dict)
    assert plain["areas_mm2"] == {"liver": 31.5}
    assert "volumes_ml" not in plain


def test_a_screen_shows_a_file_and_amounts_with_their_unit() -> None:
    assert OUTLINES.shown(VOLUME, LABELS) == {
        "file": "a_mask.nii.gz", "liver": "1500 ml", "tumour": "0 ml",
    }  # fmt: skip
    assert OUTLINES.shown(PLANE, LABELS) == {"file": "", "liver": "31.5 mm²"}
    assert SCORES.shown(SCORED, LABELS)["tumour"] == "1.000"
