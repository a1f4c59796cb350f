"""Results as tables for a person and JSON for a program."""

import json
from pathlib import Path

import numpy as np
import pytest

from scanwright.cli.shown import show_predictions, show_run
from scanwright.image import Prediction
from scanwright.workflows.answer_rows import OUTLINES, Outline
from scanwright.workflows.inputs import Refused
from scanwright.workflows.predict import Predictions
from scanwright.workflows.train import TrainResult

RESULT = TrainResult(
    folder=Path("run"),
    scores={"test": {"auc": {"value": 0.9, "low": 0.8, "high": 0.95}, "f1": {"value": None}}},
    digest="abc",
    seconds=1.0,
    notes=("slow machine",),
)
PREDICTIONS = Predictions(
    labels=("well", "ill"),
    answers=(Prediction("a.png", ("well", "ill"), np.array([0.2, 0.8]), ("ill",)),),
    refused=(Refused("b.png", "constant"),),
)


def test_scores_stand_with_their_intervals(capsys: pytest.CaptureFixture[str]) -> None:
    show_run(RESULT, as_json=False)
    shown = capsys.readouterr().out
    assert "0.900" in shown
    assert "0.800 to 0.950" in shown
    assert "slow machine" in shown


def test_scores_as_json_are_the_scores(capsys: pytest.CaptureFixture[str]) -> None:
    show_run(RESULT, as_json=True)
    assert json.loads(capsys.readouterr().out)["scores"] == RESULT.scores


def test_predictions_are_written_by_the_ending(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    show_predictions(PREDICTIONS, tmp_path / "out.csv", as_json=False)
    show_predictions(PREDICTIONS, tmp_path / "out.json", as_json=False)
    assert "refused b.png" in capsys.readouterr().out
    assert (tmp_path / "out.csv").read_text().splitlines()[1].startswith("a.png,ill,0.2,0.8")
    assert json.loads((tmp_path / "out.json").read_text())["refused"][0]["source"] == "b.png"


def test_outlines_are_shown_by_file_and_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ({"liver": 1250.5}, {}, {"liver": 180.0})
    outline = Outline("ct.nii.gz", (tmp_path / "ct_mask.nii.gz",), *sizes, ("odd spacing",))
    found = Predictions(("liver",), (outline,), rows=OUTLINES)
    show_predictions(found, tmp_path / "out.csv", as_json=False)
    shown = capsys.readouterr().out
    assert "ct_mask.nii.gz" in shown
    assert "1250 ml" in shown or "1251 ml" in shown
    head, row = (tmp_path / "out.csv").read_text().splitlines()
    assert head == "case,files,volume_ml liver,area_mm2 liver,diameter_mm liver,warnings,refused"
    assert row.endswith(",1250.5,,180,odd spacing,")
    show_predictions(found, None, as_json=True)
    plain = json.loads(capsys.readouterr().out)["predictions"][0]
    assert plain["volumes_ml"] == {"liver": 1250.5}
    assert "areas_mm2" not in plain
