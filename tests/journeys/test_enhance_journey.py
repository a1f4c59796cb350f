"""Enhancing on the command line, and training with an enhancing step in the recipe."""

import json
import tomllib
from pathlib import Path

import pytest
from tests.journeys.conftest import SHORT, Command


def test_a_folder_is_enhanced_with_a_sheet(
    scans: Path, scanwright: Command, tmp_path: Path
) -> None:
    done = scanwright("enhance", scans, "better", "--steps", "clahe,unsharp",
                      "--set", "clahe.clip=0.02", "--shown", "3", "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["counts"] == {"files": 80, "used": 80, "skipped": 0, "refused": 0}
    assert result["images"][0]["steps"][0]["clip"] == 0.02
    assert len(list((tmp_path / "better").rglob("*.png"))) == 80
    assert (tmp_path / "better" / "enhance.html").read_text().count('alt="before') == 3
    again = scanwright("enhance", scans, "better", "--steps", "clahe")
    assert again.returncode == 3
    assert "--overwrite" in again.stderr
    wrong = scanwright("enhance", scans, "other", "--set", "clahe.clp=1")
    assert wrong.returncode == 4
    assert 'did you mean "clip"' in wrong.stderr
    assert not (tmp_path / "other").exists()


@pytest.mark.slow
def test_a_recipe_with_an_enhancing_step_trains_and_predicts(
    scans: Path, scanwright: Command, tmp_path: Path
) -> None:
    steps = (
        '[{kind="clahe", clip=0.02}, {kind="non_local_means", reach=2},'
        ' {kind="range", low=0, high=255}, {kind="resize", size=[24, 24]}]'
    )
    done = scanwright("train", scans, "-o", "run", *SHORT, "--set", f"preprocessing={steps}",
                      "--set", "network.size=[24, 24]", "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    recipe = tomllib.loads((tmp_path / "run" / "recipe.toml").read_text())
    assert [step["kind"] for step in recipe["preprocessing"]][:2] == ["clahe", "non_local_means"]
    answered = scanwright("predict", "run/bundle", scans / "upright", "--json")
    assert answered.returncode == 0, answered.stderr
    predictions = json.loads(answered.stdout)["predictions"]
    assert sum(one["decision"] == ["upright"] for one in predictions) >= 36
