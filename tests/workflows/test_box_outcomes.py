"""Outcomes of findings are read back from a run's tables, box by box."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.recipe.builders import recipe as small_recipe
from tests.report.builders import box_outcomes as invented
from tests.report.builders import invent_detection

from scanwright.base import FileError, InputError
from scanwright.report import (
    DetectionOutcomes,
    MeasureOptions,
    Outcomes,
    box_cases_csv,
    findings_csv,
    measure_scores,
    predictions_csv,
    report_split,
)
from scanwright.workflows.box_outcomes import box_outcomes, boxes_apart, case_mistakes
from scanwright.workflows.compare_output import comparison_page
from scanwright.workflows.compare_runs import compare_runs
from scanwright.workflows.finished import FinishedRun, read_finished

MEASURE = MeasureOptions(replicates=40)
LABELS = ("nodule", "cyst")


def run_folder(folder: Path, outcomes: Outcomes) -> Path:
    """Write what comparisons read of a run that finds boxes."""
    split = report_split("test", outcomes, MeasureOptions(replicates=20), np.random.default_rng(0))
    made = small_recipe().changed({"task.kind": "detection", "task.labels": LABELS,
        "loss.name": "task_aligned", "network.name": "detector", "network.outputs": 2,
    })  # fmt: skip
    (folder / "state").mkdir(parents=True)
    (folder / "recipe.toml").write_text(made.to_toml(), encoding="utf-8")
    folds = {"folds": [{"train": [], "validation": [], "test": list(outcomes.cases)}]}
    (folder / "state" / "split.json").write_text(json.dumps(folds), encoding="utf-8")
    tables = {"cases.csv": box_cases_csv, "findings.csv": findings_csv}
    for name, table in {**tables, "predictions.csv": predictions_csv}.items():
        (folder / name).write_text(table([split]), encoding="utf-8")
    return folder


def worse() -> Outcomes:
    """The same cases, every second finding unseen."""
    cases = tuple(
        replace(
            case,
            boxes=replace(
                case.boxes, scores=case.boxes.scores * (1 if number % 2 else 0.1), crowd=None
            ),
        )
        for number, case in enumerate(invent_detection().cases)
    )
    return DetectionOutcomes(LABELS, cases, (0.4, 0.45)).outcomes


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    return read_finished(run_folder(tmp_path_factory.mktemp("runs") / "a", invented()))


def test_what_a_run_measured_is_what_is_read(run: FinishedRun) -> None:
    found = box_outcomes(run, "test")
    kept = [
        {
            name: score.value
            for name, score in measure_scores(one, MEASURE, np.random.default_rng(0)).scores.items()
        }
        for one in (invented(), found)
    ]
    assert kept[0] == pytest.approx(kept[1])
    assert list(found.cases) == sorted(found.cases)
    assert found.patient_count == 20
    assert found.boxes is not None
    assert found.boxes.reported.sum() == invented().boxes.reported.sum()  # type: ignore[union-attr]


def test_classes_are_taken_apart_and_mistakes_counted(run: FinishedRun) -> None:
    found = box_outcomes(run, "test")
    parts = boxes_apart(found)
    assert list(parts) == list(LABELS)
    for place, part in enumerate(parts.values()):
        np.testing.assert_array_equal(part.truth[:, 0], found.truth[:, place])
    mistakes = case_mistakes(found)
    each = [case_mistakes(part) for part in parts.values()]
    assert mistakes == {case: each[0][case] + each[1][case] for case in mistakes}


def test_two_runs_are_held_against_each_other(run: FinishedRun, tmp_path: Path) -> None:
    compared = compare_runs(run.folder, run_folder(tmp_path / "b", worse()), MEASURE)
    assert compared.verdict.choice == "first"
    assert "AP at 0.5 is higher" in compared.verdict.sentence
    grids = comparison_page(compared, MEASURE).sections[0].grids
    assert grids[2].rows[0][:2] == ("nodule", "AP at 0.5")
    assert "missed findings and false boxes" in grids[3].caption


def test_a_split_or_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    run = read_finished(run_folder(tmp_path / "c", invented()))
    with pytest.raises(InputError, match="validation part"):
        box_outcomes(run, "validation")
    (run.folder / "findings.csv").write_text("split,case\ntest,scan 1\n", encoding="utf-8")
    with pytest.raises(FileError, match="cannot be read"):
        box_outcomes(run, "test")
    (run.folder / "findings.csv").unlink()
    with pytest.raises(FileError, match="cannot be read"):
        box_outcomes(run, "test")
