from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from scanwright.base import ScanwrightError
from scanwright.recipe import TASKS, Recipe
from scanwright.training import image_rows as module
from scanwright.training import outputs_of
from tests.training.builders import ROWS, same_weights, toy_fit, toy_recipe, without_seconds


def run(folder: Path, recipe: Recipe) -> object:
    return toy_fit(folder, recipe).run()[0]


def test_a_batch_in_parts_gives_the_same_gradient_as_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = toy_recipe(optimiser__name="sgd", optimiser__rate=0.1, training__batch=20)
    (whole,) = toy_fit(tmp_path / "whole", recipe).run()
    monkeypatch.setattr(module, "MICRO_BATCH", 7)
    (parts,) = toy_fit(tmp_path / "parts", recipe).run()
    for name, weight in whole.weights.items():
        torch.testing.assert_close(parts.weights[name], weight, atol=2e-6, rtol=1e-4)
    assert parts.history[-1]["train_loss"] == pytest.approx(whole.history[-1]["train_loss"], 1e-4)


@pytest.mark.parametrize("kind", ["classes", "findings"])
def test_weights_of_a_batch_in_parts_are_weighed_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Rare cases lie unevenly in the parts; each part counts by its weights, not by its cases."""
    truth = (np.arange(ROWS) >= ROWS - 5).astype(np.int64)
    if kind == "findings":
        truth = np.repeat(truth[:, None].astype(np.float64), 3, axis=1)
        truth[8:][np.arange(3 * ROWS - 24).reshape(-1, 3) % 7 < 3] = np.nan  # the rest validates
    recipe = toy_recipe(
        kind,
        optimiser__name="gradient_descent",
        optimiser__rate=0.1,
        loss__weights=(0.2, 5.0, 1.0)[: 2 if kind == "classes" else 3],
    )
    (whole,) = toy_fit(tmp_path / "whole", recipe, truth=truth).run()
    monkeypatch.setattr(module, "MICRO_BATCH", 5)
    (parts,) = toy_fit(tmp_path / "parts", recipe, truth=truth).run()
    for name, weight in whole.weights.items():
        torch.testing.assert_close(parts.weights[name], weight, atol=2e-6, rtol=1e-4)
    assert parts.history[-1]["train_loss"] == pytest.approx(whole.history[-1]["train_loss"], 1e-4)


def test_gradient_descent_sees_all_cases_whatever_the_batch(tmp_path: Path) -> None:
    few = toy_recipe(optimiser__name="gradient_descent", optimiser__rate=0.1, training__batch=2)
    all_of_them = toy_recipe(optimiser__name="sgd", optimiser__rate=0.1, training__batch=ROWS)
    some = toy_recipe(optimiser__name="sgd", optimiser__rate=0.1, training__batch=2)
    descended, expected, other = (
        toy_fit(tmp_path / name, recipe).run()[0]
        for name, recipe in (("few", few), ("all", all_of_them), ("some", some))
    )
    assert descended.history[-1]["epoch"] == 12
    for name, weight in expected.weights.items():
        torch.testing.assert_close(descended.weights[name], weight, atol=2e-6, rtol=1e-4)
    assert not same_weights(other, expected)


def test_clipping_bounds_how_far_a_step_goes(tmp_path: Path) -> None:
    rate, clip = 0.5, 1e-3
    recipe = toy_recipe(
        optimiser__name="sgd",
        optimiser__rate=rate,
        optimiser__clip=clip,
        schedule__name="constant",
        schedule__steps=(1,),
        training__validations=1,
    )
    (far,) = toy_fit(tmp_path / "far", recipe.changed({"optimiser.clip": 0.0})).run()
    (near,) = toy_fit(tmp_path / "near", recipe).run()
    (start,) = toy_fit(tmp_path / "start", recipe.changed({"optimiser.rate": 1e-8})).run()

    def distance(trained: object) -> float:
        weights, first = trained.weights, start.weights  # type: ignore[attr-defined]  # a Trained
        return sum(float((weights[name] - first[name]).square().sum()) for name in first) ** 0.5

    assert distance(near) == pytest.approx(rate * clip, rel=1e-2)
    assert distance(far) > 2 * rate * clip


def test_training_that_diverges_is_one_clear_error(tmp_path: Path) -> None:
    recipe = toy_recipe("number", optimiser__name="sgd", optimiser__rate=100.0)
    with pytest.raises(ScanwrightError, match="diverged") as caught:
        toy_fit(tmp_path, recipe).run()
    assert "optimiser.rate" in str(caught.value.next)
    assert not (tmp_path / "member-0.safetensors").exists() or "step" in str(caught.value.where)


def still(**changes: object) -> Recipe:
    """Return a recipe whose weights never move."""
    return toy_recipe(
        schedule__name="step",
        schedule__milestones=(0.0,),
        schedule__factor=0.0,
        training__validations=12,
        **changes,
    )


def test_a_member_that_gets_no_better_stops_and_says_why(tmp_path: Path) -> None:
    (trained,) = toy_fit(tmp_path, still(training__patience=3)).run()
    assert trained.steps == 4, "the first validation is the best, three more are no better"
    assert "3 validations" in trained.stopped
    assert trained.is_finished


def test_without_patience_a_member_goes_on(tmp_path: Path) -> None:
    (trained,) = toy_fit(tmp_path, still()).run()
    assert (trained.steps, trained.stopped) == (12, "")


@pytest.mark.parametrize("validations", [1, 3, 5, 12])
def test_each_member_is_validated_so_often_and_at_its_end(tmp_path: Path, validations: int) -> None:
    (trained,) = toy_fit(tmp_path, toy_recipe(training__validations=validations)).run()
    assert len(trained.history) == validations
    assert trained.history[-1]["step"] == 12


def test_the_history_has_what_a_learning_curve_needs(tmp_path: Path) -> None:
    (trained,) = toy_fit(tmp_path).run()
    row = trained.history[1]
    assert row["step"] == 6
    assert row["epoch"] == pytest.approx(6 * 8 / 24)
    assert set(row) == {
        "step", "epoch", "train_loss", "validation_loss", "merit", "rate", "seconds",
    }  # fmt: skip
    seconds = [row["seconds"] for row in trained.history]
    assert seconds == sorted(seconds)


def test_the_best_weights_are_those_of_the_best_validation(tmp_path: Path) -> None:
    """The rate is so high that training gets worse after it was good."""
    changes: Callable[..., Recipe] = lambda keep: toy_recipe(  # noqa: E731
        training__keep=keep,
        training__validations=12,
        optimiser__name="sgd",
        optimiser__rate=4.0,
        schedule__name="constant",
    )
    (best,) = toy_fit(tmp_path / "best", changes("best")).run()
    (last,) = toy_fit(tmp_path / "last", changes("last")).run()
    assert without_seconds(best) == without_seconds(last)
    merits = [row["merit"] - 1e-3 * row["validation_loss"] for row in best.history]
    assert np.argmax(merits) < 11, "the premise"
    fit = toy_fit(tmp_path / "fit", changes("best"))
    rows = fit.folds[0].validation
    outputs = outputs_of(fit, [best])
    loss, merit = TASKS["classes"].judge(outputs.truth, TASKS["classes"].decode(outputs.values))
    assert outputs.rows.tolist() == rows.tolist()
    assert merit - 1e-3 * loss == pytest.approx(max(merits), abs=1e-6)
