"""Whole images of one size, each with a truth about it, as material to train on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from scanwright.augmentation import Augmentation, Drawn
from scanwright.base import RecipeError
from scanwright.image import Floats
from scanwright.inference import Compute
from scanwright.recipe import TASKS, Recipe, Truth, assemble_loss, by_power
from scanwright.training.loader import Loader
from scanwright.training.material import Batch, Fold, Means, Part, Phase, Verdict
from scanwright.training.optimise import FULL_BATCH
from scanwright.training.rarity import class_weights, classes_of, loss_weights, priors_of
from scanwright.training.sampler import Rows, Sampler
from scanwright.training.strata import StratifiedSampler, thin
from scanwright.training.validate import predict_rows

MICRO_BATCH = 256
"""Images in one pass; larger batches are summed from several passes, which bounds memory."""


@dataclass(slots=True)
class ImageRows:
    """Prepared images, one a row.

    Parameters
    ----------
    images
        Shape (N, C, *size), in memory or memory-mapped.
    truth
        Encoded truths of the same rows; numbers are already standardised.
    file
        Where the array of the images lies, if it does: other processes read it there.
    """

    images: npt.NDArray[np.float32]
    truth: Truth
    file: Path | None = None
    _loader: Loader | None = field(init=False, default=None, repr=False)

    @classmethod
    def opened(cls, file: Path, rows: int, truth: Truth) -> "ImageRows":
        """Return the first rows of a file, memory-mapped."""
        images = np.load(file, mmap_mode="r", allow_pickle=False)[:rows]
        return cls(images, truth, file)

    def __reduce__(self) -> tuple[Any, ...]:  # Any: a function and its arguments
        """Go through a pipe as the name of the file, where there is one."""
        if self.file is None:
            return ImageRows, (self.images, self.truth)
        return ImageRows.opened, (self.file, len(self.images), self.truth)

    def check(self, recipe: Recipe) -> None:
        """Refuse a network for images of another shape."""
        shape = (recipe.network.channels, *recipe.network.size)
        if self.images.shape[1:] != shape:
            raise RecipeError(
                "The prepared images do not have the network's input shape.",
                got=self.images.shape[1:],
                legal=shape,
                next="give the last step of the preprocessing and network.size the same size",
                where="network.size",
            )

    def phases(self, recipe: Recipe, fold: Fold, index: int, means: Means) -> tuple[Phase, ...]:
        """Return how batches are drawn and judged, from which share of the training on."""
        deferred = recipe.training.deferred
        phases = [self._phase(recipe, fold, index, means, start=deferred)]
        if deferred:
            changes = {"training.balance": 0.0, "training.effective": 0.0, "training.resample": 0.0}
            plain = recipe.changed(changes)
            phases.insert(0, self._phase(plain, fold, index, means, start=0.0))
        return tuple(phases)

    def judge(self, recipe: Recipe, fold: Fold, means: Means) -> "RowJudge":
        """Return what validates the members of a fold."""
        return RowJudge(recipe, self.loader(means), self.truth, fold.validation, means.compute)

    def loader(self, means: Means) -> Loader:
        """Return what gathers images by their rows."""
        if self._loader is None:
            self._loader = Loader(self.images, means.compute.device, means.memory_bytes)
        return self._loader

    def _phase(
        self, recipe: Recipe, fold: Fold, index: int, means: Means, *, start: float
    ) -> Phase:
        labels = len(recipe.task.labels)
        weights = loss_weights(recipe, self.truth[fold.train])
        loss = assemble_loss(recipe, weights, priors_of(self.truth[fold.train], labels))
        feed = RowFeed(
            loader=self.loader(means),
            truth=_as_tensor(self.truth),
            sampler=_sampler(recipe, fold, self.truth, (recipe.training.seed, index)),
            augmentation=Augmentation(recipe.augmentation, len(recipe.network.size)),
            device=means.compute.device,
            labels=labels,
        )
        return Phase(start, feed, loss.to(means.compute.device))


@dataclass(frozen=True, slots=True)
class RowFeed:
    """Batches of whole images."""

    loader: Loader
    truth: torch.Tensor
    sampler: Sampler | StratifiedSampler
    augmentation: Augmentation
    device: torch.device
    labels: int

    @property
    def steps_per_epoch(self) -> float:
        """Batches of as many rows as there are."""
        return self.sampler.steps_per_epoch

    def batch_at(self, step: int) -> Batch:
        """Return batch `step`, counted from 0."""
        rows = self.sampler.batch_at(step)
        return Batch(len(rows), self._parts(rows, (*self.sampler.seed, 2, step)))

    def _parts(self, rows: Rows, seed: tuple[int, ...]) -> Iterator[Part]:
        for first in range(0, len(rows), MICRO_BATCH):
            yield self._part(rows[first : first + MICRO_BATCH], (*seed, first))

    def _part(self, rows: Rows, seed: tuple[int, ...]) -> Part:
        images = self.loader.gather(rows)  # (B, C, *size)
        truth = self.truth[torch.from_numpy(rows)]
        if self.augmentation.options.is_active:
            drawn = self.augmentation.draw(tuple(images.shape[1:]), np.arange(len(rows)), seed)
            images = self.augmentation.apply(images, drawn)
            truth = mixed_truth(truth, drawn, self.labels)
        return images, truth.to(self.device)


@dataclass(frozen=True, slots=True)
class RowJudge:
    """Validates on all images of a fold's validation part, by the task's figure of merit."""

    recipe: Recipe
    loader: Loader
    truth: Truth
    rows: Rows
    compute: Compute

    def verdict(self, network: nn.Module) -> Verdict:
        """Judge a network."""
        batch = self.recipe.inference.batch
        outputs = predict_rows(network, self.loader, self.rows, self.compute, batch=batch)
        return self.verdict_on(outputs)

    def verdict_on(self, outputs: Floats) -> Verdict:
        """Judge outputs on the rows, shape (N, outputs)."""
        task = TASKS[self.recipe.task.kind]
        return Verdict(*task.judge(self.truth[self.rows], task.decode(outputs)))


def mixed_truth(truth: torch.Tensor, drawn: Drawn, classes: int) -> torch.Tensor:
    """Mix truths as their images were mixed; class indices become shares where they are mixed."""
    own = torch.from_numpy(drawn.weight)
    if bool((own == 1).all()):
        return truth
    if truth.ndim == 1:
        truth = nn.functional.one_hot(truth, classes)
    shares = own.to(torch.float32)[:, None]
    mixed = shares * truth + (1 - shares) * truth[torch.from_numpy(drawn.partner)]
    return mixed.to(torch.float32)


def _sampler(
    recipe: Recipe, fold: Fold, truth: Truth, seed: tuple[int, int]
) -> Sampler | StratifiedSampler:
    training = recipe.training
    everything = recipe.optimiser.name in FULL_BATCH
    batch = len(fold.train) if everything else training.batch
    rows = fold.train
    if training.undersample:
        classes = classes_of(truth[rows], "training.undersample = 0", "training.undersample")
        rows = rows[thin(classes, training.undersample, seed)]
    if training.draw == "stratified":
        classes = classes_of(truth[rows], 'training.draw = "shuffled"', "training.draw")
        return StratifiedSampler(rows, batch, seed, classes, training.resample)
    weights = None
    if training.resample:
        chances = np.array(class_weights(recipe, truth[rows], by_power(training.resample)))
        weights = chances[classes_of(truth[rows], "training.resample = 0", "training.resample")]
    return Sampler(rows, batch, seed, weights)


def _as_tensor(truth: Truth) -> torch.Tensor:
    """Class indices stay whole numbers; all else is what the network computes in."""
    tensor = torch.from_numpy(np.asarray(truth))
    return tensor if tensor.dtype == torch.int64 else tensor.to(torch.float32)
