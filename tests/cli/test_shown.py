"""Results as tables for a person and JSON for a program."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.data.builders import made_entry, made_index
from tests.workflows.box_scenes import LABELS, in_picture, nothing_in_picture

from scanwright.cli.shown import show_index, show_predictions, show_run
from scanwright.data import TaskHint, describe
from scanwright.image import Box, BoxesTarget, Prediction
from scanwright.workflows.answer_rows import OUTLINES, Outline
from scanwright.workflows.finding_rows import FINDINGS
from scanwright.workflows.findings import Findings
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


def test_predictions_are_shown_with_what_was_refused_and_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_predictions(PREDICTIONS, [Path("one.csv"), Path("two.json")], as_json=False)
    shown = capsys.readouterr().out
    assert "refused b.png: constant" in shown
    assert "1 answered, 1 refused, 0 skipped" in shown
    assert shown.splitlines()[-2:] == ["one.csv", "two.json"]


def test_findings_are_shown_by_number_and_surest(capsys: pytest.CaptureFixture[str]) -> None:
    answers = (Findings(in_picture(), (Path("out/a_overlay.png"),)), Findings(nothing_in_picture()))
    show_predictions(Predictions(LABELS, answers, rows=FINDINGS), as_json=False)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "case findings nodule mass file warnings"
    assert lines[1] == "case.png 1 none 1 (up to 0.90) a_overlay.png"
    assert lines[2] == "case.png 0 none none dark"


def test_outlines_are_shown_by_file_and_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ({"liver": 1250.5}, {}, {"liver": 180.0})
    outline = Outline("ct.nii.gz", (tmp_path / "ct_mask.nii.gz",), *sizes, ("odd spacing",))
    found = Predictions(("liver",), (outline,), rows=OUTLINES)
    show_predictions(found, as_json=False)
    shown = capsys.readouterr().out
    assert "ct_mask.nii.gz" in shown
    assert "1250 ml" in shown or "1251 ml" in shown
    head, row = found.to_csv().splitlines()
    assert head == "case,files,volume_ml liver,area_mm2 liver,diameter_mm liver,warnings,refused"
    assert row.endswith(",1250.5,,180,odd spacing,")
    show_predictions(found, as_json=True)
    plain = json.loads(capsys.readouterr().out)["predictions"][0]
    assert plain["volumes_ml"] == {"liver": 1250.5}
    assert "areas_mm2" not in plain


def test_boxes_of_an_index_stand_with_their_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    target = BoxesTarget((Box((0.0, 0.0), (2.0, 5.5), "mass"),))
    entry = made_entry(0, target, spacing_mm=(2.0, 2.0))
    summary = describe(made_index([entry], TaskHint("detection", ("mass",))))
    show_index(summary, as_json=False)
    shown = capsys.readouterr().out
    assert "5.5 / 5.5 / 5.5" in shown
    assert "11 / 11 / 11" in shown
    assert "no finding" not in shown
