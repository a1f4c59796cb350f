"""The development cases alone, and the inner folds of a search."""

import time
from pathlib import Path

import numpy as np
import pytest

from scanwright.image import Image
from scanwright.io import write
from scanwright.workflows.development import arena_of, names_of, without_test
from scanwright.workflows.prepare import Prepared, RunOptions, prepare


def prepared(folder: Path, count: int = 24, **settings: object) -> Prepared:
    rng = np.random.default_rng(0)
    for label in ("a", "b"):
        (folder / label).mkdir(parents=True)
        for index in range(count):
            array = rng.integers(0, 255, (1, 20, 20), np.uint8)
            write(Image.from_array(array), folder / label / f"{index}.png")
    held = {"training.members": 1, **settings}
    return prepare(str(folder), RunOptions(settings=held, device="cpu"), time.monotonic())


def test_the_test_part_is_gone_from_everything(tmp_path: Path) -> None:
    whole = prepared(tmp_path / "data")
    test = {entry.name for entry in whole.test}
    made = without_test(whole)
    assert len(test) >= 8
    assert made.test == ()
    assert not test & {entry.name for entry in made.everything()}
    assert not test & {entry.name for entry in made.index.entries}
    assert len(made.everything()) == len(whole.everything()) - len(test)


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_own_folds_are_divided_into_trying_and_proving(tmp_path: Path, workers: int) -> None:
    made = without_test(prepared(tmp_path / "data", **{"split.folds": 6}))
    arena = arena_of(made, workers)
    assert arena.folds == made.plan.folds
    assert arena.is_fresh
    assert len(arena.trying) == min(max(workers, 2), 3)
    assert sorted((*arena.trying, *arena.proving)) == list(range(6))
    assert arena.ratio == pytest.approx(1 / 5, rel=0.05)


def test_without_folds_some_are_drawn_among_the_development_cases(tmp_path: Path) -> None:
    whole = prepared(tmp_path / "data", **{"split.folds": 0})
    arena = arena_of(without_test(whole), 1)
    assert len(arena.folds) == 6
    assert arena.is_fresh
    test = {entry.name for entry in whole.test}
    for train, validation in names_of(arena.folds):
        assert not set(train) & set(validation)
        assert not test & {*train, *validation}
    validated = [name for _, validation in names_of(arena.folds) for name in validation]
    assert sorted(validated) == sorted(e.name for e in without_test(whole).everything())


def test_too_few_cases_for_folds_prove_with_other_seeds(tmp_path: Path) -> None:
    made = without_test(prepared(tmp_path / "data", count=4, **{"split.folds": 0}))
    arena = arena_of(made, 2)
    assert len(arena.folds) == 1
    assert not arena.is_fresh
    assert arena.trying == arena.proving == (0,)
