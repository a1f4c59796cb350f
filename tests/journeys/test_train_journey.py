"""From a folder of PNG files to a report, a bundle and predictions, by the command line."""

import json
import tomllib
from pathlib import Path

import pytest
from tests.journeys.conftest import SHORT, Command, make_scans

pytestmark = pytest.mark.slow


def test_a_folder_of_pictures_becomes_a_bundle_that_answers(
    scans: Path, scanwright: Command, tmp_path: Path
) -> None:
    trained = scanwright("train", scans, "-o", "run", *SHORT, "--json")
    assert trained.returncode == 0, trained.stderr
    result = json.loads(trained.stdout)
    run = tmp_path / "run"
    assert result["scores"]["test"]["auc"]["value"] > 0.9
    for name in ("report.html", "scores.json", "predictions.csv", "metrics.csv", "log.jsonl"):
        assert (run / name).stat().st_size > 0
    assert json.loads((run / "scores.json").read_text()) == result["scores"]

    answered = scanwright("predict", "run/bundle", scans / "upright", "-o", "out.csv", "--json")
    assert answered.returncode == 0, answered.stderr
    predictions = json.loads(answered.stdout)["predictions"]
    assert len(predictions) == 40
    right = sum(one["decision"] == ["upright"] for one in predictions)
    assert right >= 36
    assert (tmp_path / "out.csv").read_text().count("\n") == 41


def test_the_same_recipe_gives_the_same_bundle(
    scans: Path, scanwright: Command, tmp_path: Path
) -> None:
    planned = scanwright("plan", scans, *SHORT)
    assert planned.returncode == 0, planned.stderr
    assert "[reasons]" in planned.stdout
    (tmp_path / "recipe.toml").write_text(planned.stdout)
    digests = set()
    for name in ("a", "b"):
        done = scanwright("train", scans, "-o", name, "--recipe", "recipe.toml", "--json")
        assert done.returncode == 0, done.stderr
        digests.add(json.loads(done.stdout)["bundle"])
    assert len(digests) == 1


def test_members_side_by_side_equal_members_one_by_one(scans: Path, scanwright: Command) -> None:
    weights = []
    for name, workers in (("one", 1), ("two", 2)):
        done = scanwright(
            "train", scans, "-o", name, *SHORT, "--json",
            "--set", "training.members=2", "--set", "schedule.steps=[12, 12]",
            "--set", f"training.workers={workers}",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        manifest = json.loads((scans.parent / name / "bundle" / "manifest.json").read_text())
        weights.append({k: v for k, v in manifest["sha256"].items() if k.startswith("weights/")})
    assert weights[0] == weights[1]
    assert len(weights[0]) == 2


def test_a_finished_run_is_not_done_again_nor_mixed_with_another(
    scans: Path, scanwright: Command
) -> None:
    first = scanwright("train", scans, "-o", "run", *SHORT, "--json")
    again = scanwright("train", scans, "-o", "run", *SHORT, "--json")
    assert again.returncode == 0
    assert json.loads(first.stdout)["bundle"] == json.loads(again.stdout)["bundle"]
    assert "finished before" in json.loads(again.stdout)["notes"][0]
    other = scanwright("train", scans, "-o", "run", *SHORT, "--seed", "5")
    assert other.returncode == 3
    assert "another folder with -o" in other.stderr


def test_images_without_a_label_are_tried_and_the_report_says_what_came_of_it(
    scans: Path, scanwright: Command, tmp_path: Path
) -> None:
    more = make_scans(tmp_path / "more", per_class=30, seed=1)
    flags = (*SHORT, "--unlabelled", more, "--set", "training.validations=1", "--json")
    done = scanwright("train", scans, "-o", "run", *flags)
    assert done.returncode == 0, done.stderr
    recipe = tomllib.loads((tmp_path / "run" / "recipe.toml").read_text())
    assert recipe["training"]["unlabelled"] in ("guessed", "none")
    assert "at equal time" in recipe["reasons"]["training.unlabelled"]
    assert "at equal time" in (tmp_path / "run" / "report.html").read_text()
    copies = make_scans(tmp_path / "copies")
    few = scanwright("train", scans, "-o", "few", *SHORT, "--unlabelled", copies, "--json")
    assert few.returncode == 0, few.stderr
    recipe = tomllib.loads((tmp_path / "few" / "recipe.toml").read_text())
    assert recipe["training"]["unlabelled"] == "none"
    assert "too few" in recipe["reasons"]["training.unlabelled"]
