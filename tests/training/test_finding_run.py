"""Networks that find learn what there is to find, and a stopped run ends as if it had not been."""

from pathlib import Path

import numpy as np
import pytest

from scanwright.base import SILENT, Progress
from scanwright.data import WindowStore
from scanwright.recipe import Recipe
from scanwright.training import Fit, Fold, StoredWindows
from tests.training.box_builders import box_recipe, box_store
from tests.training.builders import (
    CPU,
    Interrupter,
    press_ctrl_c,
    same_weights,
    without_seconds,
)

MOVED = {"scale_chance": 0.5, "rotate_chance": 0.5, "rotate_degrees": 20, "noise_chance": 0.5}


def finding_fit(
    store: WindowStore, folder: Path, recipe: Recipe, progress: Progress = SILENT
) -> Fit:
    rows = np.arange(len(store.names))
    return Fit(
        recipe=recipe,
        material=StoredWindows(store),
        folds=[Fold(rows[2:], rows[:3])],
        folder=folder,
        compute=CPU,
        memory_bytes=1 << 30,
        keep_best=lambda _: None,
        progress=progress,
    )


@pytest.mark.parametrize(("rank", "steps", "least"), [(2, 60, 0.2), (3, 24, 0.0)])
def test_what_is_bright_is_soon_found(tmp_path: Path, rank: int, steps: int, least: float) -> None:
    store = box_store(tmp_path / "store", rank)
    recipe = box_recipe(
        rank, schedule__steps=(steps,), optimiser__rate=3e-3, schedule__warmup=0.1,
        training__foreground=0.9,
    )  # fmt: skip
    (trained,) = finding_fit(store, tmp_path / "run", recipe).run()
    first, last = trained.history[0], trained.history[-1]
    assert last["ap50"] >= least
    assert last["validation_loss"] < first["validation_loss"]


@pytest.mark.parametrize("step", [1, 4, 7])
def test_an_interrupted_run_goes_on_to_the_same_weights(tmp_path: Path, step: int) -> None:
    store = box_store(tmp_path / "store")
    recipe = box_recipe(augmentation=MOVED, training__average=0.9)
    (whole,) = finding_fit(store, tmp_path / "whole", recipe).run()
    cut = tmp_path / "cut"
    with pytest.raises(KeyboardInterrupt):
        finding_fit(store, cut, recipe, Interrupter(step, press_ctrl_c)).run()
    (resumed,) = finding_fit(store, cut, recipe).run()
    assert same_weights(resumed, whole)
    assert without_seconds(resumed) == without_seconds(whole)
