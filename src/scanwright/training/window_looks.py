"""The windows of unseen cases that networks are judged on, and how they are shown to them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from torch import nn

from scanwright.base import ShapeError
from scanwright.data import StoredCase, WindowStore
from scanwright.inference import Compute
from scanwright.losses import Loss
from scanwright.recipe import Recipe, assemble_loss
from scanwright.training.forward import finest, logits_of
from scanwright.training.material import Means
from scanwright.training.sampler import Rows
from scanwright.training.window_sampler import Window, WindowSampler

TruthOf = Callable[[Sequence[Window]], torch.Tensor]
"""What is true of some windows, as the loss takes it."""


@dataclass(frozen=True, slots=True)
class Looks:
    """Looks of networks at the same windows, each time.

    Parameters
    ----------
    windows
        What is looked at.
    size
        Edges of a window.
    batch
        Windows in one pass.
    """

    store: WindowStore
    windows: tuple[Window, ...]
    size: tuple[int, ...]
    batch: int
    compute: Compute
    loss: Loss

    @classmethod
    def of(cls, recipe: Recipe, store: WindowStore, rows: Rows, most: int, means: Means) -> "Looks":
        """Look at all of the cases side by side, or at windows drawn from them if those are many.

        Parameters
        ----------
        rows
            Places in `store.names` of the validation cases.
        most
            Windows that are looked at, at most.

        Raises
        ------
        ShapeError
            There is no case.
        """
        return cls(
            store=store,
            windows=_windows(recipe, store, rows, most),
            size=recipe.network.size,
            batch=max(1, min(recipe.training.batch, recipe.inference.batch)),
            compute=means.compute,
            loss=assemble_loss(recipe, None).to(means.compute.device),
        )

    def at(
        self, network: nn.Module, truth_of: TruthOf
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor, float]]:
        """Give, pass by pass, outputs and truth on the device, and the sum of their losses.

        The network is left as it was.
        """
        was_training = network.training
        network.eval()
        device = self.compute.device
        for first in range(0, len(self.windows), self.batch):
            windows = self.windows[first : first + self.batch]
            outputs = finest(logits_of(network, self._images(windows).to(device), self.compute))
            truth = truth_of(windows).to(device)
            yield outputs, truth, float(self.loss(outputs, truth)) * len(windows)
        network.train(was_training)

    def _images(self, windows: Sequence[Window]) -> torch.Tensor:
        cases = (self.store.case(window.case) for window in windows)
        read = [case.read(one.start, self.size) for case, one in zip(cases, windows, strict=True)]
        return torch.from_numpy(np.stack(read))


def _windows(recipe: Recipe, store: WindowStore, rows: Rows, most: int) -> tuple[Window, ...]:
    """Return windows that cover the cases side by side, or drawn from them if those are too many.

    Raises
    ------
    ShapeError
        There is no case.
    """
    if not len(rows):
        raise ShapeError("No case is left to validate on.", next="set split.validation higher")
    size = recipe.network.size
    windows = _all_windows([store.case(store.names[row]) for row in rows.tolist()], size, most)
    if windows is None:
        seed = (recipe.training.seed, 11)
        drawn = WindowSampler(store, rows, size, most, seed, recipe.training.foreground)
        windows = drawn.batch_at(0)
    return tuple(windows)


def _all_windows(cases: list[StoredCase], size: tuple[int, ...], most: int) -> list[Window] | None:
    """Return windows that cover the cases side by side, or None if there are more than `most`."""
    windows: list[Window] = []
    for case in cases:
        starts = [_starts(length, edge) for length, edge in zip(case.size, size, strict=True)]
        windows += [Window(case.name, start) for start in product(*starts)]
        if len(windows) > most:
            return None
    return windows


def _starts(length: int, edge: int) -> tuple[int, ...]:
    """Return the fewest starts of windows that cover an axis, evenly spaced."""
    room = length - edge
    if room <= 0:
        return (room // 2,)
    count = -(-length // edge)
    return tuple(round(room * place / (count - 1)) for place in range(count))
