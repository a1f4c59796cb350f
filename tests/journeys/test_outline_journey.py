"""From images and masks to outlines on the grid of new images, by the command line."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from tests.data.mask_builders import put
from tests.journeys.conftest import Command, assert_clear

from scanwright.image import Geometry
from scanwright.io import read

pytestmark = pytest.mark.slow

GRID = Geometry.axial((2.0, 1.0, 1.0), (3.0, -4.0, 5.0))


def ball(rng: np.random.Generator, size: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Draw noise with a bright ball, and the mask of the ball."""
    middle = [rng.uniform(0.35, 0.65) * edge for edge in size]
    away = sum((np.arange(edge).reshape([-1 if at == axis else 1 for at in range(len(size))])
                - middle[axis]) ** 2 for axis, edge in enumerate(size))  # fmt: skip
    mask = (away < (0.22 * min(size[-2:])) ** 2).astype(np.uint8)
    return rng.normal(0, 0.15, size) + mask, mask


def make_set(folder: Path, size: tuple[int, ...], ending: str, count: int = 14) -> Path:
    """Write folders of images and masks."""
    rng = np.random.default_rng(1)
    for number in range(count):
        image, mask = ball(rng, size)
        if ending == ".png":
            grey = np.clip(100 + 80 * image, 0, 255).astype(np.uint8)
            put(folder / "images" / f"c{number:02d}.png", grey, Geometry.pixels(2))
            put(folder / "masks" / f"c{number:02d}.png", mask * 255, Geometry.pixels(2))
        else:
            put(folder / "images" / f"c{number:02d}{ending}", image.astype(np.float32), GRID)
            put(folder / "masks" / f"c{number:02d}{ending}", mask, GRID)
    return folder


def short(steps: int) -> tuple[str, ...]:
    return (
        "--device", "cpu", "--budget", "5m", "--folds", "0", "--no-audit", "--modality", "other",
        "--set", "network.width=0.5", "--set", "training.members=1",
        "--set", "training.workers=1", "--set", "training.threads=1",
        "--set", "training.validations=2", "--set", f"schedule.steps=[{steps}]",
        "--set", "training.average=0",
    )  # fmt: skip


def test_volumes_become_a_bundle_that_outlines_on_the_grid_of_the_source(
    tmp_path: Path, scanwright: Command
) -> None:
    data = make_set(tmp_path / "set", (10, 28, 26), ".nii.gz")
    done = scanwright("train", data, "-o", "run", *short(40), "--json")
    assert done.returncode == 0, done.stderr
    scores = json.loads(done.stdout)["scores"]
    assert scores["test"]["dice"]["value"] > 0.8
    assert {"dice", "iou", "hd95", "nsd", "assd", "volume_error"} <= set(scores["validation"])
    run = tmp_path / "run"
    rows = list(csv.DictReader((run / "cases.csv").read_text().splitlines()))
    assert {row["split"] for row in rows} == {"test", "validation"}
    assert "Worst case" in (run / "report.html").read_text(encoding="utf-8")

    new = tmp_path / "new"
    image, mask = ball(np.random.default_rng(5), (12, 30, 24))
    put(new / "one.nii.gz", image.astype(np.float32), GRID)
    answered = scanwright(
        "predict", run / "bundle", new, "--folder", "found", "-o", "sizes.csv", "--json"
    )
    assert answered.returncode == 0, answered.stderr
    (answer,) = json.loads(answered.stdout)["predictions"]
    outlined = read(Path(answer["files"][0]))
    assert outlined.geometry.is_close(GRID)
    assert outlined.size == (12, 30, 24)
    both = np.logical_and(outlined.array[0], mask).sum()
    assert 2 * both / (outlined.array.astype(bool).sum() + mask.sum()) > 0.75
    assert answer["volumes_ml"]["label 1"] == pytest.approx(2e-3 * outlined.array.sum(), rel=1e-6)
    assert (tmp_path / "sizes.csv").read_text().startswith("case,files,volume_ml label 1")


def test_pictures_get_a_mask_and_an_overlay(tmp_path: Path, scanwright: Command) -> None:
    data = make_set(tmp_path / "set", (40, 44), ".png")
    done = scanwright("train", data, "-o", "run", *short(40), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["scores"]["test"]["dice"]["value"] > 0.8
    answered = scanwright("predict", "run/bundle", data / "images" / "c00.png", "--json")
    assert answered.returncode == 0, answered.stderr
    (answer,) = json.loads(answered.stdout)["predictions"]
    mask, overlay = (read(Path(file)) for file in answer["files"])
    assert mask.size == (40, 44)
    assert set(np.unique(mask.array)) == {0, 1}
    assert overlay.array.shape == (3, 40, 44)


def test_a_run_of_outlines_goes_on_where_it_stopped(tmp_path: Path, scanwright: Command) -> None:
    data = make_set(tmp_path / "set", (40, 44), ".png")
    weights = []
    for name in ("whole", "again"):
        done = scanwright("train", data, "-o", name, *short(8), "--json")
        assert done.returncode == 0, done.stderr
        manifest = json.loads((tmp_path / name / "bundle" / "manifest.json").read_text())
        weights.append({k: v for k, v in manifest["sha256"].items() if k.startswith("weights/")})
    assert weights[0] == weights[1]
    state = tmp_path / "again" / "state" / "run.json"
    facts = json.loads(state.read_text())
    state.write_text(json.dumps(facts | {"finished": False}))
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "again" / "state").glob("answers/*.npz")}
    assert kept
    done = scanwright("train", data, "-o", "again", *short(8), "--json")
    assert done.returncode == 0, done.stderr
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())


def test_a_bundle_of_outlines_gives_no_suggestions(tmp_path: Path, scanwright: Command) -> None:
    data = make_set(tmp_path / "set", (40, 44), ".png")
    done = scanwright("train", data, "-o", "run", *short(4))
    assert done.returncode == 0, done.stderr
    refused = scanwright("suggest", data, "--bundle", "run/bundle")
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    assert_clear(scanwright("predict", "run/bundle", data, "-o", "out.nii"), 4, ".csv, .json")
