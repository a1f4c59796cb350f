"""What is decided before training: split, recipe, workers, the key of the data."""

import time
from pathlib import Path

import numpy as np
import pytest

from scanwright.base import RecipeError, read_machine
from scanwright.image import Image
from scanwright.inference import choose_compute
from scanwright.io import write
from scanwright.workflows.prepare import RunOptions, prepare, side_by_side


def scans(folder: Path, count: int = 30) -> Path:
    rng = np.random.default_rng(0)
    for label in ("a", "b"):
        (folder / label).mkdir(parents=True)
        for index in range(count):
            array = rng.integers(0, 255, (1, 20, 20), np.uint8)
            write(Image.from_array(array), folder / label / f"{index}.png")
    return folder


def prepared(folder: Path, **settings: object):
    options = RunOptions(settings=settings, device="cpu")
    return prepare(str(folder), options, time.monotonic())


def test_small_sets_are_cross_validated_and_every_choice_has_its_reason(tmp_path: Path) -> None:
    made = prepared(scans(tmp_path / "data"))
    assert made.recipe.split.folds == len(made.plan.folds) >= 5
    for name in ("split.folds", "network.size", "training.members", "augmentation.flips"):
        assert made.recipe.reasons[name]


def test_every_case_is_in_one_part_only(tmp_path: Path) -> None:
    made = prepared(scans(tmp_path / "data"))
    test = {entry.name for entry in made.test}
    for fold in made.plan.folds:
        train = {entry.name for entry in fold.train}
        validation = {entry.name for entry in fold.validation}
        assert not train & validation
        assert not (train | validation) & test
    assert len(made.everything()) == 60


def test_the_key_changes_with_the_files(tmp_path: Path) -> None:
    folder = scans(tmp_path / "data")
    before = prepared(folder).data_key
    assert before == prepared(folder).data_key
    array = np.random.default_rng(9).integers(0, 255, (1, 20, 20), np.uint8)
    write(Image.from_array(array), folder / "a" / "0.png")
    assert before != prepared(folder).data_key


def test_settings_of_the_user_win_and_say_so(tmp_path: Path) -> None:
    made = prepared(scans(tmp_path / "data"), **{"training.batch": 7, "split.folds": 3})
    assert made.recipe.training.batch == 7
    assert len(made.plan.folds) == 3
    assert "asked for" in made.recipe.reasons["training.batch"]


def test_a_setting_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"training\.batch"):
        prepared(scans(tmp_path / "data"), **{"training.bacth": 7})


def test_networks_train_side_by_side_on_a_processor_only() -> None:
    machine = read_machine()
    assert side_by_side(choose_compute("cpu"), machine) == min(machine.cores, 8)
