"""The whole path for each kind of task, in 2-D and 3-D, by the Python interface."""

import csv
from pathlib import Path

import numpy as np
import pytest

from scanwright.data import IndexOptions
from scanwright.image import Geometry, Image, Modality
from scanwright.io import write
from scanwright.workflows.plan import plan
from scanwright.workflows.prepare import RunOptions
from scanwright.workflows.train import train

pytestmark = pytest.mark.slow

QUICK = {
    "network.width": 0.25,
    "network.dropout": 0.0,
    "training.members": 1,
    "training.workers": 1,
    "training.threads": 1,
    "training.validations": 2,
    "schedule.steps": (40,),
    "split.folds": 0,
}


def quick(index: IndexOptions, **more: object) -> RunOptions:
    return RunOptions(index=index, settings={**QUICK, **more}, device="cpu")


def table_of(folder: Path, rows: list[dict[str, object]]) -> None:
    with (folder / "labels.csv").open("w", newline="") as stream:
        table = csv.DictWriter(stream, fieldnames=list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def glow(brightness: float, rng: np.random.Generator) -> Image:
    """Draw noise with a blob whose contrast says everything."""
    y, x = np.mgrid[:24, :24]
    blob = np.exp(-((y - 12) ** 2 + (x - 12) ** 2) / 30)
    array = rng.normal(80, 12, (24, 24)) + brightness * blob
    return Image.from_array(np.clip(array, 0, 255)[None].astype(np.uint8))


def test_a_number_is_learnt(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows: list[dict[str, object]] = []
    for index in range(100):
        value = float(rng.uniform(0, 150))
        write(glow(value, rng), tmp_path / f"{index:03d}.png")
        rows.append({"path": f"{index:03d}.png", "score": round(1000 + 10 * value, 1)})
    table_of(tmp_path, rows)
    index = IndexOptions(label_column=("score",), task="number")
    options = quick(index, **{"schedule.steps": (200,), "network.standardise": False})
    result = train(str(tmp_path), tmp_path / "run", options)
    assert result.scores["test"]["r2"]["value"] > 0.5
    assert result.scores["test"]["mae"]["value"] < 400


def test_several_findings_are_learnt(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows: list[dict[str, object]] = []
    for index in range(120):
        bright, lined = rng.random(2) < 0.5
        image = glow(150 if bright else 0, rng).array.copy()
        if lined:
            image[0, 3, :] = 255
        write(Image.from_array(image), tmp_path / f"{index:03d}.png")
        rows.append({"path": f"{index:03d}.png", "bright": int(bright), "lined": int(lined)})
    table_of(tmp_path, rows)
    index = IndexOptions(label_column=("bright", "lined"))
    options = quick(index, **{"schedule.steps": (150,)})
    result = train(str(tmp_path), tmp_path / "run", options)
    assert result.scores["test"]["auc"]["value"] > 0.8


def test_grades_are_learnt(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows: list[dict[str, object]] = []
    for index in range(120):
        grade = int(rng.integers(0, 3))
        write(glow(70 * grade, rng), tmp_path / f"{index:03d}.png")
        rows.append({"path": f"{index:03d}.png", "grade": grade})
    table_of(tmp_path, rows)
    index = IndexOptions(label_column=("grade",), task="grade")
    options = quick(index, **{"schedule.steps": (120,)})
    result = train(str(tmp_path), tmp_path / "run", options)
    assert result.scores["test"]["kappa"]["value"] > 0.5


def test_volumes_are_learnt_and_planned_in_the_patient_frame(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for label in ("dark", "light"):
        (tmp_path / "data" / label).mkdir(parents=True)
        for index in range(24):
            array = rng.normal(100, 10, (1, 10, 20, 20)).astype(np.float32)
            if label == "light":
                array[:, 3:7, 6:14, 6:14] += 60
            geometry = Geometry.axial((2.0, 1.0, 1.0))
            image = Image(array, geometry, Modality.MRI)
            write(image, tmp_path / "data" / label / f"{index}.nii.gz")
    options = quick(IndexOptions(modality="mri"))
    planned = plan(str(tmp_path / "data"), options)
    assert planned.recipe.network.rank == 3
    assert [step["kind"] for step in planned.recipe.preprocessing][:1] == ["orient"]
    result = train(str(tmp_path / "data"), tmp_path / "run", options)
    assert result.scores["test"]["auc"]["value"] > 0.8


def test_the_budget_is_kept(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for label, brightness in (("dark", 0.0), ("light", 120.0)):
        (tmp_path / "data" / label).mkdir(parents=True)
        for index in range(60):
            write(glow(brightness, rng), tmp_path / "data" / label / f"{index}.png")
    options = RunOptions(budget_seconds=75, device="cpu", settings={"training.members": 2})
    result = train(str(tmp_path / "data"), tmp_path / "run", options)
    assert result.seconds < 75 * 1.1
