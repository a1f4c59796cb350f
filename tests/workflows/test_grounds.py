"""Images of development cases, made once per preprocessing."""

import time
from pathlib import Path

import numpy as np

from scanwright.image import Image
from scanwright.io import write
from scanwright.recipe import Recipe
from scanwright.workflows.development import arena_of, without_test
from scanwright.workflows.grounds import Grounds
from scanwright.workflows.prepare import RunOptions, prepare


def grounds(folder: Path) -> tuple[Grounds, Recipe, int]:
    rng = np.random.default_rng(0)
    for label in ("a", "b"):
        (folder / "data" / label).mkdir(parents=True)
        for index in range(12):
            array = rng.integers(0, 255, (1, 24, 24), np.uint8)
            write(Image.from_array(array), folder / "data" / label / f"{index}.png")
    options = RunOptions(settings={"training.members": 1, "split.folds": 4}, device="cpu")
    made = without_test(prepare(str(folder / "data"), options, time.monotonic()))
    arena = arena_of(made, 1)
    return Grounds(made, arena.folds, folder / "stores"), made.recipe, len(made.everything())


def test_only_development_cases_are_held_and_folds_point_into_them(tmp_path: Path) -> None:
    made, recipe, cases = grounds(tmp_path)
    ground = made.ground_for(recipe)
    assert len(ground.images) == len(ground.truth) == cases < 24
    assert np.load(ground.file, mmap_mode="r").shape[0] == cases
    for fold in ground.folds:
        assert sorted([*fold.train, *fold.validation]) == list(range(cases))


def test_another_size_is_another_store_and_the_same_size_the_same(tmp_path: Path) -> None:
    made, recipe, _ = grounds(tmp_path)
    steps = (*recipe.preprocessing[:-1], {**recipe.preprocessing[-1], "size": [16, 16]})
    small = recipe.changed({"network.size": (16, 16), "preprocessing": steps})
    wide = recipe.changed({"network.width": 0.25})
    assert made.ground_for(recipe) is made.ground_for(wide)
    assert made.ground_for(small).images.shape[2:] == (16, 16)
    assert len(list((tmp_path / "stores").iterdir())) == 2
    made.discard()
    assert not (tmp_path / "stores").exists()
