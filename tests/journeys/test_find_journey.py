"""From a sealed bundle that finds boxes, and new images, to a table, pictures and COCO results."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from tests.bundle.builders import CPU, make_finding_bundle
from tests.journeys.conftest import Command, assert_clear

from scanwright.bundle import seal_bundle, write_bundle
from scanwright.image import Image
from scanwright.io import read, write


def sealed(folder: Path) -> Path:
    """Seal networks that have learnt nothing, and so propose something everywhere."""
    made = make_finding_bundle()
    recipe = made.recipe.changed({"fusion.least_score": 0.001, "fusion.most": 4})
    write_bundle(replace(made, recipe=recipe), folder / "bundle", CPU)
    seal_bundle(folder / "bundle", folder / "finds.zip")
    return folder / "finds.zip"


def test_new_images_are_answered_in_every_form(tmp_path: Path, scanwright: Command) -> None:
    bundle = sealed(tmp_path)
    pixels = np.random.default_rng(5).integers(0, 60_000, (1, 40, 56)).astype(np.uint16)
    write(Image.from_array(pixels), tmp_path / "new" / "a.png")
    write(Image.from_array(pixels[:, :, ::-1]), tmp_path / "new" / "b.png")
    (tmp_path / "new" / "notes.txt").write_text("no image")
    asked = ("predict", bundle, tmp_path / "new", "--device", "cpu", "--folder", tmp_path / "seen")

    done = scanwright(*asked, "-o", tmp_path / "found.csv")
    assert done.returncode == 0, done.stderr
    assert "2 answered, 0 refused, 1 skipped" in done.stdout
    with (tmp_path / "found.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [Path(row["case"]).stem for row in rows] == ["a"] * 4 + ["b"] * 4
    for row in rows:
        assert -0.5 <= float(row["x_min"]) < float(row["x_max"]) <= 55.5
        assert read(Path(row["files"])).array.shape == (3, 366, 512)

    done = scanwright(*asked, "-o", tmp_path / "found.coco.json")
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "found.coco.json").read_text())
    assert [result["image_id"] for result in results] == [1] * 4 + [2] * 4
    for row, result in zip(rows, results, strict=True):
        assert abs(float(row["x_min"]) + 0.5 - result["bbox"][0]) < 1e-3

    assert_clear(
        scanwright("predict", bundle, tmp_path / "new", "-o", "found.xml"), 4, "not known", ".csv"
    )
