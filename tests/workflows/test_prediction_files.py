"""Predictions are written by the ending of the file's name, or refused before anything is asked."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from tests.workflows.box_scenes import LABELS, in_picture, nothing_in_picture

from scanwright.base import RecipeError
from scanwright.image import Prediction
from scanwright.workflows.finding_rows import FINDINGS
from scanwright.workflows.findings import Findings
from scanwright.workflows.inputs import Refused
from scanwright.workflows.predict import Predictions
from scanwright.workflows.prediction_files import check_output, write_predictions

SCORED = Predictions(
    ("well", "ill"),
    (Prediction("a.png", ("well", "ill"), np.array([0.2, 0.8]), ("ill",)),),
    (Refused("b.png", "constant"),),
)
FOUND = Predictions(
    LABELS,
    (Findings(in_picture()), Findings(nothing_in_picture())),
    (Refused("b.png", "constant"),),
    rows=FINDINGS,
)


def test_scores_are_written_as_a_table_and_as_json(tmp_path: Path) -> None:
    (table,) = write_predictions(SCORED, tmp_path / "out.csv")
    assert table.read_text().splitlines()[1].startswith("a.png,ill,0.2,0.8")
    (plain,) = write_predictions(SCORED, tmp_path / "out.JSON")
    assert json.loads(plain.read_text())["refused"][0]["source"] == "b.png"


def test_a_table_of_findings_has_a_row_for_each_box_each_empty_case_and_each_refusal(
    tmp_path: Path,
) -> None:
    (file,) = write_predictions(FOUND, tmp_path / "out.csv")
    with file.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["label"] for row in rows] == ["mass", "nodule", "", ""]
    assert [row["findings"] for row in rows] == ["1", "1", "0", ""]
    assert [row["refused"] for row in rows] == ["", "", "", "constant"]


def test_coco_results_are_not_taken_for_json(tmp_path: Path) -> None:
    files = write_predictions(FOUND, tmp_path / "out.coco.json")
    assert [file.name for file in files] == ["out.coco.json", "out.images.json"]
    assert len(json.loads(files[0].read_text())) == 2


@pytest.mark.parametrize("name", ["out.txt", "out", "json"])
def test_another_ending_is_refused_before_a_bundle_is_read(name: str) -> None:
    with pytest.raises(RecipeError, match="not known") as refused:
        check_output(Path(name))
    assert refused.value.legal == ".coco.json, .csv, .json"
