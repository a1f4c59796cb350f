"""Trains a recipe on inner folds and says what their validation cases think of it."""

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanwright.inference import Compute
from scanwright.recipe import Recipe, Truth
from scanwright.search.reach import Reach
from scanwright.training import Fit, Fold, ImageRows, Trained, train_members

LOSS_WEIGHT = 1e-3
"""A tie in the figure of merit goes to the lower loss, as in training: small sets saturate it."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Development cases as a recipe's preprocessing leaves them; test cases are not among them.

    Parameters
    ----------
    images
        Shape (N, C, *size).
    file
        Where the images lie, for processes to open.
    truth
        Of the same rows.
    folds
        Inner folds.
    """

    images: npt.NDArray[np.float32]
    file: Path
    truth: Truth
    folds: tuple[Fold, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where recipes are tried.

    Parameters
    ----------
    ground_for
        Recipe → the images that its preprocessing makes.
    folder
        For the state of training; what a killed process had reached is taken up again.
    workers
        Networks trained side by side.
    """

    ground_for: Callable[[Recipe], Ground]
    reach: Reach
    folder: Path
    compute: Compute
    memory_bytes: int
    workers: int = 1

    def scores(
        self, recipe: Recipe, share: float, folds: Sequence[int], *, seed: int
    ) -> tuple[float, ...]:
        """Return the figure of merit on the validation cases of each fold; the higher the better.

        Parameters
        ----------
        share
            Length of the schedule, as a share of the final one.
        seed
            Of weights, order and augmentation: the same for all trials, so that they differ by
            their settings alone.
        """
        ground = self.ground_for(recipe)
        short = self._shortened(recipe, share, len(folds), seed)
        key = hashlib.sha256(json.dumps([short.digest(), list(folds)]).encode()).hexdigest()
        place = self.folder / key[:20]
        place.mkdir(parents=True, exist_ok=True)
        fit = Fit(
            recipe=short,
            material=ImageRows(ground.images, ground.truth, ground.file),
            folds=[ground.folds[fold] for fold in folds],
            folder=place,
            compute=self.compute,
            memory_bytes=self.memory_bytes,
            keep_best=_forget,
        )
        trained = train_members(fit)
        shutil.rmtree(place, ignore_errors=True)
        return tuple(_score(one, short.training.keep) for one in trained)

    def _shortened(self, recipe: Recipe, share: float, folds: int, seed: int) -> Recipe:
        training = recipe.training
        changes = {
            "schedule.steps": (self.reach.steps_at(recipe, share),) * folds,
            "training.members": folds,
            "training.workers": min(self.workers, folds),
            "training.seed": seed,
        }
        is_led_by_validation = (
            training.keep == "best" or training.patience or recipe.schedule.name == "plateau"
        )
        if not is_led_by_validation:
            changes["training.validations"] = 1  # only the end counts
        return recipe.changed(changes)


def _forget(trained: Trained) -> None:
    """Keep nothing: a trial leaves its score."""


def _score(trained: Trained, keep: str) -> float:
    values = [row["merit"] - LOSS_WEIGHT * row["validation_loss"] for row in trained.history]
    return float(max(values) if keep == "best" else values[-1])
