"""A plan is the recipe that training would follow, timed on this machine."""

from pathlib import Path

from tests.workflows.test_prepare import scans

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
