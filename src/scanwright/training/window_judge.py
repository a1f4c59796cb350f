"""Validation of networks that outline: loss and Dice, pooled over windows of unseen cases."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from torch import nn

from scanwright.base import ShapeError
from scanwright.data import StoredCase, WindowStore, truth_table
from scanwright.image import Floats
from scanwright.inference import Compute
from scanwright.losses import Loss
from scanwright.recipe import Recipe, assemble_loss
from scanwright.training.forward import finest, logits_of
from scanwright.training.material import Means, Verdict
from scanwright.training.sampler import Rows
from scanwright.training.window_sampler import Window, WindowSampler


@dataclass(frozen=True, slots=True)
class WindowJudge:
    """Judges by the Dice of each label over all windows together, as if they were one image.

    That is cheap, steady, and defined wherever a label occurs at all; it is not the mean over
    cases that a report gives.

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
    def of(
        cls, recipe: Recipe, store: WindowStore, rows: Rows, most: int, means: Means
    ) -> "WindowJudge":
        """Look at all of the cases side by side, or at windows drawn from them if those are many.

        Parameters
        ----------
        rows
            Places in `store.names` of the validation cases.
        most
            Windows that are looked at, at most.
        """
        return cls(
            store=store,
            windows=validation_windows(recipe, store, rows, most),
            size=recipe.network.size,
            batch=max(1, min(recipe.training.batch, recipe.inference.batch)),
            compute=means.compute,
            loss=assemble_loss(recipe, None).to(means.compute.device),
        )

    @torch.inference_mode()
    def verdict(self, network: nn.Module) -> Verdict:
        """Judge a network; `more` has the Dice of each label that occurs."""
        was_training = network.training
        network.eval()
        total, counts = 0.0, np.zeros((3, len(self.store.scheme.names)))
        for first in range(0, len(self.windows), self.batch):
            windows = self.windows[first : first + self.batch]
            images, truth = self._read(windows)
            logits = finest(logits_of(network, images, self.compute))
            total += float(self.loss(logits, truth)) * len(windows)
            counts += pooled_counts(logits, truth)
        network.train(was_training)
        loss = total / len(self.windows)
        dice = dict(zip(self.store.scheme.names, _dice(counts), strict=True))
        known = {f"dice of {name}": float(one) for name, one in dice.items() if np.isfinite(one)}
        merit = float(np.mean(list(known.values()))) if known else -loss
        return Verdict(loss, merit, known)

    def _read(self, windows: tuple[Window, ...]) -> tuple[torch.Tensor, torch.Tensor]:
        cases = [self.store.case(window.case) for window in windows]
        pairs = list(zip(cases, windows, strict=True))
        images = np.stack([case.read(window.start, self.size) for case, window in pairs])
        codes = np.stack([case.read_codes(window.start, self.size) for case, window in pairs])
        table = truth_table(self.store.scheme)
        truth = table[..., codes]  # (B, *size) or (K, B, *size)
        device = self.compute.device
        if table.ndim == 1:
            return torch.from_numpy(images).to(device), torch.from_numpy(truth).to(device).long()
        regions = torch.from_numpy(np.moveaxis(truth, 0, 1).astype(np.float32))
        return torch.from_numpy(images).to(device), regions.to(device)


def validation_windows(
    recipe: Recipe, store: WindowStore, rows: Rows, most: int
) -> tuple[Window, ...]:
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


def pooled_counts(logits: torch.Tensor, truth: torch.Tensor) -> Floats:
    """Count elements of each label: in both outline and truth, in the outline, in the truth.

    Parameters
    ----------
    logits
        Shape (B, outputs, *size).
    truth
        Encoded, shape (B, *size) or (B, K, *size); what is below 0 does not count.

    Returns
    -------
    Shape (3, K).
    """
    if truth.ndim == logits.ndim:
        known = truth >= 0
        outline, inside = (logits > 0) & known, truth > 0
        axes = (0, *range(2, truth.ndim))
        sums = [(outline & inside).sum(axes), outline.sum(axes), inside.sum(axes)]
        return torch.stack(sums).double().cpu().numpy()
    outputs = logits.shape[1]
    chosen, known = logits.argmax(dim=1), truth >= 0
    outline = torch.bincount(chosen[known], minlength=outputs)
    inside = torch.bincount(truth[known], minlength=outputs)
    both = torch.bincount(truth[known & (chosen == truth)], minlength=outputs)
    return torch.stack([both, outline, inside])[:, 1:].double().cpu().numpy()


def _dice(counts: Floats) -> Floats:
    """Return the Dice of each label, NaN where it is in neither outline nor truth."""
    both, outline, inside = counts
    total = outline + inside
    found: Floats = np.divide(2 * both, total, out=np.full(total.shape, np.nan), where=total > 0)
    return found


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
