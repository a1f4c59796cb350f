"""The demonstrations of outlines and of findings: learnt from patients, then asked about more."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.journeys.conftest import Command, assert_clear

from scanwright.io import read
from scanwright.workflows.cohort_files import MORE

pytestmark = pytest.mark.slow

SHORT = (
    "demo", "--task", "segmentation", "-o", "demo", "--cases", "10", "--budget", "5m",
    "--set", "split.folds=0", "--set", "network.width=0.25", "--set", "training.members=1",
    "--set", "training.workers=1", "--set", "training.threads=1",
    "--set", "training.validations=1", "--set", "training.average=0",
    "--set", "network.size=[32, 32]", "--set", "schedule.steps=[2]",
)  # fmt: skip


def test_a_new_case_is_outlined_and_a_second_call_does_nothing_new(
    tmp_path: Path, scanwright: Command
) -> None:
    done = scanwright(*SHORT)
    assert done.returncode == 0, done.stderr
    made = tmp_path / "demo"
    (outline,) = (made / "outlines").glob("*_mask.png")
    (new,) = (made / "new").iterdir()
    labels = read(outline)
    assert labels.size == read(new).size
    assert set(np.unique(labels.array)) <= {0, 1}
    assert labels.size == read(outline.with_name(f"{new.stem}_overlay.png")).size
    for path in (made / "run" / "report.html", made / "data", outline):
        assert path.relative_to(tmp_path).as_posix() in done.stdout.replace("\n", "")
    assert "dice" in done.stdout
    weights = made / "run" / "bundle" / "weights" / "member-0.safetensors"
    before = weights.stat().st_mtime_ns
    again = scanwright(*SHORT)
    assert again.returncode == 0, again.stderr
    assert weights.stat().st_mtime_ns == before


SHORT_BOXES = (
    "demo", "--task", "detection", "-o", "demo", "--cases", "16", "--budget", "5m",
    "--set", "split.folds=0", "--set", "training.members=1", "--set", "training.workers=1",
    "--set", "training.threads=1", "--set", "training.validations=1", "--set", "training.average=0",
    "--set", "schedule.steps=[2]",
)  # fmt: skip


def test_findings_are_looked_for_in_new_cases(tmp_path: Path, scanwright: Command) -> None:
    done = scanwright(*SHORT_BOXES)
    assert done.returncode == 0, done.stderr
    made = tmp_path / "demo"
    told = json.loads((made / "data" / "annotations.json").read_text("utf-8"))
    assert len(told["images"]) == 16
    new = sorted((made / "new").iterdir())
    assert len(new) == MORE
    pictures = sorted((made / "findings").iterdir())
    assert [one.name for one in pictures] == [f"{one.stem}_overlay.png" for one in new]
    shown = done.stdout.replace("\n", "")
    for path in (made / "run" / "report.html", made / "data", *pictures):
        assert path.relative_to(tmp_path).as_posix() in shown
    assert all(f"{one.name}: malignant " in shown for one in new)
    assert "sensitivity" in done.stdout
    weights = made / "run" / "bundle" / "weights" / "member-0.safetensors"
    before = weights.stat().st_mtime_ns
    assert scanwright(*SHORT_BOXES).returncode == 0
    assert weights.stat().st_mtime_ns == before


def test_an_unknown_task_is_refused(scanwright: Command) -> None:
    assert_clear(scanwright("demo", "--task", "outlining", "-o", "demo"), 4, "segmentation")
