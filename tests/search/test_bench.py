"""Trying a recipe on inner folds."""

from pathlib import Path

import pytest

from scanwright.base import ScanwrightError
from tests.search.builders import bench, recipe_of
from tests.training.builders import toy_recipe

RECIPE = toy_recipe(optimiser__rate=3e-3)


@pytest.mark.parametrize("kind", ["classes", "findings", "grade", "number"])
def test_every_kind_of_task_is_scored_on_each_fold(tmp_path: Path, kind: str) -> None:
    scores = bench(tmp_path, kind).scores(toy_recipe(kind), 1.0, (0, 1), seed=0)
    assert len(scores) == 2
    assert all(-20 < score <= 1 for score in scores)


def test_the_same_seed_gives_the_same_scores_and_another_gives_others(tmp_path: Path) -> None:
    made = bench(tmp_path)
    first = made.scores(RECIPE, 1.0, (0, 1), seed=0)
    assert made.scores(RECIPE, 1.0, (0, 1), seed=0) == first
    assert made.scores(RECIPE, 1.0, (0, 1), seed=1) != first
    assert made.scores(RECIPE, 1.0, (2, 3), seed=0) != first


def test_nothing_is_left_on_the_disk(tmp_path: Path) -> None:
    made = bench(tmp_path)
    made.scores(RECIPE, 1.0, (0,), seed=0)
    assert list(made.folder.iterdir()) == []


def test_a_short_schedule_is_a_whole_schedule(tmp_path: Path) -> None:
    short = bench(tmp_path, steps=90)._shortened(recipe_of(schedule__name="cosine"), 0.5, 2, 0)
    assert short.schedule.steps == (45, 45)
    assert short.schedule.name == "cosine"
    assert short.training.members == 2
    assert short.training.validations == 1


def test_what_is_led_by_validation_keeps_its_validations(tmp_path: Path) -> None:
    made = bench(tmp_path)
    for name, value in (("training__keep", "best"), ("schedule__name", "plateau")):
        recipe = recipe_of(**{name: value})
        assert made._shortened(recipe, 1.0, 1, 0).training.validations == 4


def test_a_rate_that_diverges_is_an_error(tmp_path: Path) -> None:
    wild = toy_recipe("number", optimiser__name="sgd", optimiser__rate=100.0)
    with pytest.raises(ScanwrightError, match="diverged"):
        bench(tmp_path, "number").scores(wild, 1.0, (0,), seed=0)
