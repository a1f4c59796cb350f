"""A plan is the recipe that training would follow, timed on this machine."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from tests.workflows.test_prepare import scans

from scanwright.image import Image
from scanwright.io import write
from scanwright.recipe import read_recipe
from scanwright.workflows.plan import plan
from scanwright.workflows.prepare import RunOptions


def test_a_plan_counts_steps_and_survives_its_file(tmp_path: Path) -> None:
    options = RunOptions(device="cpu", settings={"training.members": 1, "network.width": 0.25})
    recipe = plan(str(scans(tmp_path / "data")), options).recipe
    assert len(recipe.schedule.steps) == 1
    assert recipe.schedule.steps[0] > 0
    assert "a step takes" in recipe.reasons["schedule.steps"]
    file = tmp_path / "recipe.toml"
    file.write_text(recipe.to_toml())
    assert read_recipe(file) == recipe


def test_a_longer_budget_never_plans_fewer_images(tmp_path: Path) -> None:
    folder = str(scans(tmp_path / "data"))
    settings = {"training.members": 1, "network.width": 0.25, "network.size": (16, 16)}
    short, long = (
        plan(folder, RunOptions(device="cpu", budget_seconds=seconds, settings=settings)).recipe
        for seconds in (30.0, 600.0)
    )
    assert long.schedule.steps[0] >= short.schedule.steps[0]


def test_a_plan_with_images_without_a_label_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    settings = {"training.members": 1, "network.width": 0.25, "network.size": (16, 16)}
    more = scans(tmp_path / "more", 40)
    rng = np.random.default_rng(5)
    for file in more.rglob("*.png"):
        write(Image.from_array(rng.integers(0, 255, (1, 20, 20), np.uint8)), file)
    options = RunOptions(device="cpu", settings=settings, unlabelled=more, audit=False)
    recipe = plan(str(scans(tmp_path / "data")), options).recipe
    assert recipe.schedule.steps[0] > 0
    assert list(place.iterdir()) == []
