"""Labelled images together with others of which only a network's guess is known."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from scanwright.augmentation import Augmentation
from scanwright.base import RecipeError
from scanwright.image import Floats
from scanwright.recipe import Recipe
from scanwright.training.image_rows import ImageRows, RowFeed, RowJudge, mixed_truth
from scanwright.training.loader import Loader
from scanwright.training.material import Batch, Feed, Fold, Means, Part, Phase
from scanwright.training.sampler import Rows, Sampler

MOST_GUESSED = 0.5
"""Largest part of a batch that is guessed: what is known is never outnumbered."""


@dataclass(frozen=True, slots=True)
class Guesses:
    """What networks say of images without a label.

    Parameters
    ----------
    images
        Shape (M, C, *size), in memory or memory-mapped.
    shares
        For each fold, the chances of labels (M, K) by networks that learnt from that fold's
        training part alone.
    rows
        For each fold, the images that may be learnt from.
    file
        Where the array of the images lies, if it does.
    """

    images: npt.NDArray[np.float32] = field(repr=False)
    shares: tuple[Floats, ...] = field(repr=False)
    rows: tuple[Rows, ...] = field(repr=False)
    file: Path | None = None


@dataclass(slots=True)
class GuessedRows:
    """Whole images, some labelled, some guessed (D.-H. Lee 2013; Q. Xie et al. 2020).

    Guesses are soft: the chances themselves are learnt. Networks are judged on labelled images
    only.

    Parameters
    ----------
    known
        Labelled images.
    guesses
        The others.
    """

    known: ImageRows
    guesses: Guesses
    _loader: Loader | None = field(init=False, default=None, repr=False)

    @classmethod
    def opened(cls, known: ImageRows, file: Path, guesses: tuple[Any, ...]) -> "GuessedRows":
        """Return the material with guessed images memory-mapped from a file."""
        count, shares, rows = guesses
        images = np.load(file, mmap_mode="r", allow_pickle=False)[:count]
        return cls(known, Guesses(images, shares, rows, file))

    def __reduce__(self) -> tuple[Any, ...]:  # Any: a function and its arguments
        """Go through a pipe as the names of files, where there are some."""
        guesses = self.guesses
        if guesses.file is None:
            return GuessedRows, (self.known, guesses)
        about = (len(guesses.images), guesses.shares, guesses.rows)
        return GuessedRows.opened, (self.known, guesses.file, about)

    def check(self, recipe: Recipe) -> None:
        """Refuse a recipe that does not fit, or that asks for what soft truths cannot have."""
        self.known.check(recipe)
        setting = drawn_by_label(recipe)
        if setting:
            raise RecipeError(
                "This setting needs every case to have a label of its own.",
                legal="its default, or training.unlabelled = none",
                where=setting,
            )

    def phases(self, recipe: Recipe, fold: Fold, index: int, means: Means) -> tuple[Phase, ...]:
        """Return the phases of the labelled images, guessed ones mixed into each batch."""
        number = index % len(self.guesses.shares)
        rows = self.guesses.rows[number]
        training = recipe.training
        batch = min(training.batch, len(fold.train) + len(rows))
        guessed = int(batch * min(MOST_GUESSED, len(rows) / (len(rows) + len(fold.train))))
        small = recipe.changed({"training.batch": max(batch - guessed, 1)})
        found = []
        for phase in self.known.phases(small, fold, index, means):
            feed = phase.feed
            assert isinstance(feed, RowFeed)
            found.append(
                Phase(phase.start, self._feed(feed, number, guessed, recipe, means), phase.loss)
            )
        return tuple(found)

    def judge(self, recipe: Recipe, fold: Fold, means: Means) -> RowJudge:
        """Return what validates the members of a fold."""
        return self.known.judge(recipe, fold, means)

    def _feed(self, feed: RowFeed, number: int, guessed: int, recipe: Recipe, means: Means) -> Feed:
        if not guessed:
            return feed
        if self._loader is None:
            images = self.guesses.images
            self._loader = Loader(images, means.compute.device, means.memory_bytes)
        seed = (*feed.sampler.seed, 5)
        return GuessedFeed(
            known=feed,
            loader=self._loader,
            shares=torch.from_numpy(np.asarray(self.guesses.shares[number], dtype=np.float32)),
            sampler=Sampler(self.guesses.rows[number], guessed, seed),
            augmentation=Augmentation(recipe.augmentation, len(recipe.network.size)),
            device=means.compute.device,
        )


@dataclass(frozen=True, slots=True)
class GuessedFeed:
    """Batches of which one part is labelled and the other guessed."""

    known: RowFeed
    loader: Loader
    shares: torch.Tensor
    sampler: Sampler
    augmentation: Augmentation
    device: torch.device

    @property
    def steps_per_epoch(self) -> float:
        """Batches in which every labelled image is seen once."""
        return self.known.steps_per_epoch

    def batch_at(self, step: int) -> Batch:
        """Return batch `step`, counted from 0."""
        labelled = self.known.batch_at(step)
        return Batch(labelled.images + self.sampler.size, self._parts(labelled.parts, step))

    def _parts(self, labelled: Iterator[Part], step: int) -> Iterator[Part]:
        images, truth = next(labelled)
        rows = self.sampler.batch_at(step)
        more = self.loader.gather(rows)
        shares = self.shares[torch.from_numpy(rows)]
        if self.augmentation.options.is_active:
            seed = (*self.sampler.seed, 2, step)
            drawn = self.augmentation.draw(tuple(more.shape[1:]), np.arange(len(rows)), seed)
            more = self.augmentation.apply(more, drawn)
            shares = mixed_truth(shares, drawn, shares.shape[1])
        known = _as_shares(truth, shares.shape[1])
        both = torch.cat([known, shares.to(known)]), torch.cat([images, more])
        yield both[1], both[0].to(self.device)
        for images, truth in labelled:
            yield images, _as_shares(truth, shares.shape[1])


def _as_shares(truth: torch.Tensor, labels: int) -> torch.Tensor:
    if truth.ndim == 1:
        return torch.nn.functional.one_hot(truth, labels).to(torch.float32)
    return truth.to(torch.float32)


def drawn_by_label(recipe: Recipe) -> str:
    """Return the first setting by which cases are drawn by their labels, or nothing."""
    training = recipe.training
    asked = {
        "training.resample": training.resample,
        "training.undersample": training.undersample,
        "training.deferred": training.deferred,
        "training.draw": training.draw != "shuffled",
    }
    return next((setting for setting, is_asked in asked.items() if is_asked), "")


SHARED = frozenset({"binary_cross_entropy", "cross_entropy", "focal", "ordinal"})
"""Losses whose truth may be shares of labels, as guesses are."""
