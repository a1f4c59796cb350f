"""Labelled and guessed images in one batch."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from scanwright.base import RecipeError
from scanwright.training import Fold, GuessedRows, Guesses, ImageRows, Means
from tests.training.builders import CPU, ROWS, toy_images, toy_recipe, toy_truth

MEANS = Means(CPU, 1 << 30)
FOLD = Fold(np.arange(24), np.arange(24, ROWS))


def material(guessed: int = ROWS, kind: str = "classes", file: Path | None = None) -> GuessedRows:
    labels = {"classes": 2, "findings": 3}[kind]
    shares = np.full((ROWS, labels), 0.25)
    known = ImageRows(toy_images(), toy_truth(kind))
    images = toy_images(7)
    if file is not None:
        np.save(file, images)
        np.save(file.with_name("known.npy"), known.images)
        known = ImageRows.opened(file.with_name("known.npy"), ROWS, known.truth)
    return GuessedRows(
        known, Guesses(images, (shares, shares + 0.1), (np.arange(guessed),) * 2, file)
    )


def parts(made: GuessedRows, kind: str = "classes", index: int = 0, step: int = 0, batch: int = 8):
    recipe = toy_recipe(kind, training__batch=batch)
    (phase,) = made.phases(recipe, FOLD, index, MEANS)
    whole = phase.feed.batch_at(step)
    return whole, list(whole.parts)


@pytest.mark.parametrize("kind", ["classes", "findings"])
def test_a_batch_keeps_its_size_and_holds_no_more_guesses_than_labels(kind: str) -> None:
    whole, ((images, truth),) = parts(material(kind=kind), kind)
    assert whole.images == len(images) == len(truth) == 8
    is_guess = (truth == 0.25).all(dim=1)
    assert is_guess.tolist() == [False] * 4 + [True] * 4


def test_the_guesses_are_those_of_the_fold() -> None:
    _, ((_, truth),) = parts(material(), index=1)
    assert torch.allclose(truth[4:], torch.tensor(0.35))


def test_few_guessed_images_take_their_share_only() -> None:
    _, ((_, truth),) = parts(material(guessed=8))
    assert int((truth == 0.25).all(dim=1).sum()) == 2  # 8 of 32 images, so 2 of 8


def test_without_guesses_it_feeds_what_labelled_images_feed() -> None:
    made = material(guessed=0)
    _, ((images, truth),) = parts(made, step=3)
    (phase,) = made.known.phases(toy_recipe(training__batch=8), FOLD, 0, MEANS)
    ((alone, known),) = list(phase.feed.batch_at(3).parts)
    assert torch.equal(images, alone)
    assert torch.equal(truth, known)


def test_the_same_step_gives_the_same_batch_and_another_step_another() -> None:
    made = material()
    first, again, other = (parts(made, step=step)[1][0][0] for step in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_it_goes_through_a_pipe_as_file_names(tmp_path: Path) -> None:
    made = material(file=tmp_path / "more.npy")
    packed = pickle.dumps(made)
    assert len(packed) < made.guesses.images.nbytes / 2
    back = pickle.loads(packed)
    assert torch.equal(parts(back)[1][0][0], parts(made)[1][0][0])


def test_settings_that_need_a_label_of_every_case_are_refused() -> None:
    with pytest.raises(RecipeError, match="a label of its own"):
        material().check(toy_recipe(training__resample=1.0))
