"""Views are tried on validation and kept where they lower its loss."""

from pathlib import Path
from typing import Any

import pytest

from scanwright.inference import AS_IT_IS, Views
from scanwright.training import viewing
from scanwright.training.viewing import candidate_views, choose_views
from tests.training.builders import toy_fit, toy_recipe


def test_the_image_alone_its_mirror_and_small_moves_are_tried() -> None:
    alone, mirrored, moved = candidate_views(toy_recipe(augmentation__flips=(1,)))
    assert alone == AS_IT_IS
    assert mirrored == Views(flips=(1,))
    assert (moved.flips, moved.shift, moved.count(2)) == ((1,), viewing.SHIFT, 14)


def test_nothing_is_mirrored_where_training_mirrors_nothing() -> None:
    assert all(not views.flips for views in candidate_views(toy_recipe(augmentation__flips=())))


@pytest.mark.parametrize(
    "asked", [{"inference__tried": "none"}, {"inference__flips": (0,)}, {"inference__shift": 0.1}]
)
def test_what_is_asked_for_is_not_second_guessed(asked: dict[str, Any], tmp_path: Path) -> None:
    recipe = toy_recipe(**asked)
    assert candidate_views(recipe) == [recipe.inference.views]
    fit = toy_fit(tmp_path, recipe)
    assert choose_views(recipe, fit, fit.run()) is recipe


@pytest.mark.parametrize(
    ("losses", "kept"),
    [
        ([0.5, 0.45, 0.40], {"flips": (1,), "shift": viewing.SHIFT, "scales": viewing.SCALES}),
        ([0.5, 0.45, 0.449], {"flips": (1,), "shift": 0.0, "scales": ()}),
        ([0.5, 0.499, 0.6], {"flips": (), "shift": 0.0, "scales": ()}),
    ],
)
def test_more_views_are_kept_only_for_a_real_gain(
    losses: list[float], kept: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = toy_recipe(augmentation__flips=(1,))
    fit = toy_fit(tmp_path, recipe)
    members = fit.run()
    by_views = dict(zip(candidate_views(recipe), losses, strict=True))
    monkeypatch.setattr(viewing, "_loss", lambda recipe, fit, members, views: by_views[views])
    chosen = choose_views(recipe, fit, members)
    assert chosen.inference.views == Views(**kept)
    if kept["flips"]:
        assert "0.5000" in chosen.reasons["inference.flips"]
