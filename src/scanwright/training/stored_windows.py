"""Windows of prepared cases, with the label map under each, as material to train on."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from scanwright.augmentation import Augmentation, Drawn
from scanwright.base import RecipeError
from scanwright.data import WindowStore, outside_code, truth_table
from scanwright.recipe import Recipe, assemble_loss
from scanwright.training.loader import IN_MEMORY_SHARE
from scanwright.training.material import Batch, Fold, Means, Part, Phase
from scanwright.training.optimise import FULL_BATCH
from scanwright.training.reach import reach_of
from scanwright.training.read_ahead import ReadAhead
from scanwright.training.window_judge import WindowJudge
from scanwright.training.window_sampler import Index, Window, WindowSampler

AHEAD = 3
"""Batches held ready while the network trains."""
READERS = {"cpu": 1}
"""Threads that make batches, by device: a processor that trains has none to spare."""
MANY_READERS = 6
"""Threads that make batches for another device."""
MOST_VALIDATED, LEAST_VALIDATED = 128, 16
"""Windows that a network is validated on during training, at most: many small or few large ones."""
VALIDATED_ELEMENTS = 2**25
"""Elements of so many, between those limits: validation shall cost little beside training."""


@dataclass(slots=True)
class StoredWindows:
    """Prepared cases of which windows are learnt; rows of folds are places in `store.names`.

    Parameters
    ----------
    store
        Prepared cases; held in memory where they take less than a quarter of what is free.
    at_once
        Windows in one pass; larger batches are summed from several passes, which bounds memory.
    validated
        Windows that a network is validated on during training, at most; by their size if not given.
    """

    store: WindowStore
    at_once: int | None = None
    validated: int | None = None
    _held: WindowStore | None = field(init=False, default=None, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:  # Any: a class and its arguments
        """Go through a pipe as where the cases lie."""
        return StoredWindows, (self.store, self.at_once, self.validated)

    def check(self, recipe: Recipe) -> None:
        """Refuse a recipe that is not for these cases, or asks for what windows cannot have."""
        if recipe.task.scheme != self.store.scheme:
            raise RecipeError(
                "The prepared label maps are of other labels.",
                got=", ".join(self.store.scheme.names),
                legal=", ".join(recipe.task.labels),
                where="task.labels",
            )
        legal = (recipe.network.channels, len(recipe.network.size))
        for name in self.store.names:
            case = self.store.case(name)
            found = (case.channels, len(case.size))
            if found != legal:
                raise RecipeError(
                    "A prepared image does not have the network's channels and axes.",
                    got=f"{found[0]} channels, {found[1]} axes in {name}",
                    legal=f"{legal[0]} channels, {legal[1]} axes",
                    where="network.channels",
                )
        _refuse_settings(recipe)

    def phases(self, recipe: Recipe, fold: Fold, index: int, means: Means) -> tuple[Phase, ...]:
        """Return the one phase: windows drawn alike from the first step to the last."""
        window, store = recipe.network.size, self._near(means)
        sampler = WindowSampler(
            store=store,
            rows=fold.train,
            window=window,
            batch=recipe.training.batch,
            seed=(recipe.training.seed, index),
            foreground=recipe.training.foreground,
        )
        augmentation = Augmentation(recipe.augmentation, len(window), recipe.network.spacing_mm)
        sizes = [store.case(store.names[row]).size for row in fold.train.tolist()]
        longest = tuple(max(edges) for edges in zip(*sizes, strict=True))
        feed = WindowFeed(
            sampler,
            augmentation,
            reach_of(window, recipe.augmentation, longest),
            device=means.compute.device,
            at_once=self.at_once or recipe.training.batch,
        )
        return (Phase(0.0, feed, assemble_loss(recipe, None).to(means.compute.device)),)

    def judge(self, recipe: Recipe, fold: Fold, means: Means) -> WindowJudge:
        """Return what validates the members of a fold, on the same windows every time."""
        by_size = VALIDATED_ELEMENTS // math.prod(recipe.network.size)
        most = self.validated or max(LEAST_VALIDATED, min(by_size, MOST_VALIDATED))
        return WindowJudge.of(recipe, self._near(means), fold.validation, most, means)

    def _near(self, means: Means) -> WindowStore:
        """Return the store, in memory where it fits."""
        if self._held is None:
            self._held = self.store.held_within(IN_MEMORY_SHARE * means.memory_bytes)
        return self._held


class WindowFeed:
    """Batches of windows, moved and changed with the label maps under them, read ahead.

    Parameters
    ----------
    sampler
        Says which windows.
    augmentation
        What may happen to them.
    reach
        Edges of the box read around a window that is turned.
    at_once
        Windows in one part of a batch.
    """

    def __init__(
        self,
        sampler: WindowSampler,
        augmentation: Augmentation,
        reach: Index,
        *,
        device: torch.device,
        at_once: int,
    ) -> None:
        self.sampler = sampler
        self._augmentation = augmentation
        self._reach = reach
        self._device = device
        self._at_once = at_once
        table = truth_table(sampler.store.scheme)
        # Class indices stay whole numbers; shares of regions are what the network computes in.
        self._outside = outside_code(sampler.store.scheme)
        self._table = torch.from_numpy(table).to(
            device, torch.int64 if table.ndim == 1 else torch.float32
        )
        threads = READERS.get(device.type, MANY_READERS)
        self._ahead = ReadAhead(self._make, ahead=max(AHEAD, threads), threads=threads)

    @property
    def steps_per_epoch(self) -> float:
        """Batches that hold as many elements as the cases do."""
        return self.sampler.steps_per_epoch

    def batch_at(self, step: int) -> Batch:
        """Return batch `step`, counted from 0."""
        images, truth = self._ahead.at(step)
        return Batch(len(images), self._parts(images, truth))

    def _parts(self, images: torch.Tensor, truth: torch.Tensor) -> Iterator[Part]:
        for first in range(0, len(images), self._at_once):
            here = slice(first, first + self._at_once)
            yield images[here], truth[here]

    def _make(self, step: int) -> Part:
        windows = self.sampler.batch_at(step)
        channels = self.sampler.store.case(windows[0].case).channels
        drawn = self._augmentation.draw(
            (channels, *self._reach),
            np.arange(len(windows)),
            (*self.sampler.seed, 2, step),
            self.sampler.window,
        )
        images, codes = self._read(windows, channels, drawn)
        if self._augmentation.options.is_active:
            images = self._augmentation.apply(images, drawn)
            # What is moved in from outside is 0 there: for a while that shall mean outside here.
            outside = self._outside
            codes = self._augmentation.apply_masks(codes - outside, drawn) + outside
        return images, self._truth(codes[:, 0])

    def _read(
        self, windows: list[Window], channels: int, drawn: Drawn
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Read the box around each window; of one that is not turned only the window itself."""
        count, edges = len(windows), self.sampler.window
        images = np.zeros((count, channels, *self._reach), dtype=np.float32)
        codes = np.zeros((count, 1, *self._reach), dtype=np.uint8)
        lead = [(box - edge) // 2 for box, edge in zip(self._reach, edges, strict=True)]
        for row, (window, is_moved) in enumerate(zip(windows, drawn.is_moved, strict=True)):
            first = (0,) * len(edges) if is_moved else tuple(drawn.origin[row].tolist())
            size = self._reach if is_moved else edges
            start = tuple(
                at - ahead + skipped
                for at, ahead, skipped in zip(window.start, lead, first, strict=True)
            )
            box = tuple(slice(at, at + edge) for at, edge in zip(first, size, strict=True))
            case = self.sampler.store.case(window.case)
            images[row][(slice(None), *box)] = case.read(start, size)
            codes[row, 0][box] = case.read_codes(start, size)
        return (
            torch.from_numpy(images).to(self._device),
            torch.from_numpy(codes).to(self._device),
        )

    def _truth(self, codes: torch.Tensor) -> torch.Tensor:
        """Return what is true of codes (B, *window): the same shape, or (B, K, *window)."""
        truth = self._table[..., codes.long()]
        return truth if self._table.ndim == 1 else truth.movedim(0, 1).contiguous()


def _refuse_settings(recipe: Recipe) -> None:
    """Refuse settings that are for whole images."""
    training, changes = recipe.training, recipe.augmentation
    asked = {
        "training.resample": training.resample,
        "training.undersample": training.undersample,
        "training.balance": training.balance,
        "training.effective": training.effective,
        "training.deferred": training.deferred,
        "training.draw": training.draw != "shuffled",
        "augmentation.mixup_chance": changes.mixup_chance,
        "augmentation.cutmix_chance": changes.cutmix_chance,
        "optimiser.name": recipe.optimiser.name in FULL_BATCH,
    }
    for setting, is_asked in asked.items():
        if is_asked:
            raise RecipeError(
                "This setting is for whole images, not for windows with a label map.",
                legal="its default",
                next="set training.foreground to see rare labels more often",
                where=setting,
            )
