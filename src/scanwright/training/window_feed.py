"""Batches of windows, moved and changed with what is true of them, read ahead."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from scanwright.augmentation import Augmentation
from scanwright.training.material import Batch, Part
from scanwright.training.read_ahead import ReadAhead
from scanwright.training.window_sampler import Index, WindowSampler
from scanwright.training.window_truth import WindowTruth, cuts_of

AHEAD = 3
"""Batches held ready while the network trains."""
READERS = {"cpu": 1}
"""Threads that make batches, by device: a processor that trains has none to spare."""
MANY_READERS = 6
"""Threads that make batches for another device."""


@dataclass(frozen=True, slots=True)
class Supply:
    """Where batches are wanted, and how many windows in one part of them."""

    device: torch.device
    at_once: int


class WindowFeed:
    """Gives batches of windows.

    Parameters
    ----------
    sampler
        Says which windows.
    augmentation
        What may happen to them.
    reach
        Edges of the box read around a window that is turned.
    truth
        Makes what is true of them.
    supply
        Where batches are wanted.
    """

    def __init__(
        self,
        sampler: WindowSampler,
        augmentation: Augmentation,
        reach: Index,
        truth: WindowTruth,
        supply: Supply,
    ) -> None:
        self.sampler = sampler
        self._augmentation = augmentation
        self._reach = reach
        self._truth = truth
        self._supply = supply
        threads = READERS.get(supply.device.type, MANY_READERS)
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
        for first in range(0, len(images), self._supply.at_once):
            here = slice(first, first + self._supply.at_once)
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
        cuts = cuts_of(self.sampler.store, windows, drawn, self._reach)
        array = np.zeros((len(cuts), channels, *self._reach), dtype=np.float32)
        for row, cut in enumerate(cuts):
            array[row][(slice(None), *cut.box)] = cut.case.read(cut.read_at, cut.size)
        images = torch.from_numpy(array).to(self._supply.device)
        truth = self._truth.of(cuts, self._augmentation, drawn, self._reach)
        if self._augmentation.options.is_active:
            images = self._augmentation.apply(images, drawn)
        return images, truth
