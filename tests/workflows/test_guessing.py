"""Images without a label: when they are tried, and that validation decides."""

from pathlib import Path

import numpy as np
import pytest
from tests.training.builders import CPU, ROWS, toy_images, toy_recipe, toy_truth

from scanwright.data import Store
from scanwright.recipe import Recipe
from scanwright.training import Fit, Fold, ImageRows
from scanwright.workflows.guessing import Guessing, most_taken, refusal


def fit_of(folder: Path, **changes: object) -> Fit:
    rows = np.arange(ROWS)
    recipe = toy_recipe(training__members=2, schedule__steps=(8, 8), **changes)
    return Fit(
        recipe=recipe,
        material=ImageRows(toy_images(), toy_truth("classes")),
        folds=[Fold(rows[:24], rows[24:]), Fold(rows[8:], rows[:8])],
        folder=folder,
        compute=CPU,
        memory_bytes=1 << 30,
        keep_best=lambda _: None,
    )


def guessing(folder: Path) -> Guessing:
    images = toy_images(9)
    file = folder / "images.npy"
    np.save(file, images)
    store = Store(images, {str(row): row for row in range(ROWS)}, ())
    return Guessing(store, file, (np.arange(ROWS),) * 2)


def test_the_first_networks_are_trained_both_ways_and_the_better_is_taken(tmp_path: Path) -> None:
    members, way, reason = guessing(tmp_path).train(fit_of(tmp_path))
    assert [member.index for member in members] == [0, 1]
    assert way in ("guessed", "none")
    assert "at equal time" in reason
    assert reason.endswith("not kept") == (way == "none")
    assert all(member.is_finished for member in members)


def test_what_was_asked_for_is_not_tried_first(tmp_path: Path) -> None:
    members, way, _ = guessing(tmp_path).train(fit_of(tmp_path, training__unlabelled="guessed"))
    assert way == "guessed"
    assert (tmp_path / "teachers" / "member-1.safetensors").exists()
    assert (tmp_path / "guessed" / "member-1.safetensors").exists()
    assert not (tmp_path / "member-0.safetensors").exists()
    assert [member.steps for member in members] == [4, 4]


def test_a_run_that_goes_on_ends_with_the_same_networks(tmp_path: Path) -> None:
    first = guessing(tmp_path).train(fit_of(tmp_path))
    again = guessing(tmp_path).train(fit_of(tmp_path))
    assert first[1:] == again[1:]
    for one, other in zip(first[0], again[0], strict=True):
        assert all(bool((one.weights[name] == other.weights[name]).all()) for name in one.weights)


@pytest.mark.parametrize(
    ("changes", "labelled", "waiting", "word"),
    [
        ({"training.unlabelled": "none"}, 100, 500, "asked for"),
        ({}, 100, 49, "too few"),
        ({}, 6000, 50_000, "enough without"),
        ({"training.resample": 1.0}, 100, 500, "drawn by"),
        ({"training.draw": "stratified"}, 100, 500, "drawn by"),
        ({}, 100, 50, ""),
    ],
)
def test_they_are_tried_only_where_a_gain_is_expected(
    changes: dict[str, object], labelled: int, waiting: int, word: str
) -> None:
    recipe: Recipe = toy_recipe().changed(changes)
    reason = refusal(recipe, labelled, waiting)
    assert word in reason
    assert bool(reason) == bool(word)


def test_numbers_are_not_guessed() -> None:
    assert "loss" in refusal(toy_recipe("number"), 100, 500)


def test_no_more_are_taken_than_serve() -> None:
    assert most_taken(10) == 40
    assert most_taken(10**6) == 20_000
