"""Validation of networks that outline: loss and Dice, pooled over windows of unseen cases."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from scanwright.data import WindowStore, truth_table
from scanwright.image import Floats
from scanwright.recipe import Recipe
from scanwright.training.material import Means, Verdict
from scanwright.training.sampler import Rows
from scanwright.training.window_looks import Looks
from scanwright.training.window_sampler import Window


@dataclass(frozen=True, slots=True)
class WindowJudge:
    """Judges by the Dice of each label over all windows together, as if they were one image.

    That is cheap, steady, and defined wherever a label occurs at all; it is not the mean over
    cases that a report gives.
    """

    looks: Looks

    @classmethod
    def of(
        cls, recipe: Recipe, store: WindowStore, rows: Rows, most: int, means: Means
    ) -> "WindowJudge":
        """Judge on windows of the cases in some rows; see `Looks.of`."""
        return cls(Looks.of(recipe, store, rows, most, means))

    @property
    def windows(self) -> tuple[Window, ...]:
        """What is looked at."""
        return self.looks.windows

    @torch.inference_mode()
    def verdict(self, network: nn.Module) -> Verdict:
        """Judge a network; `more` has the Dice of each label that occurs."""
        names = self.looks.store.scheme.names
        total, counts = 0.0, np.zeros((3, len(names)))
        for logits, truth, cost in self.looks.at(network, self._truth):
            total += cost
            counts += pooled_counts(logits, truth)
        loss = total / len(self.windows)
        dice = dict(zip(names, _dice(counts), strict=True))
        known = {f"dice of {name}": float(one) for name, one in dice.items() if np.isfinite(one)}
        merit = float(np.mean(list(known.values()))) if known else -loss
        return Verdict(loss, merit, known)

    def _truth(self, windows: Sequence[Window]) -> torch.Tensor:
        store, size = self.looks.store, self.looks.size
        codes = np.stack(
            [store.case(window.case).read_codes(window.start, size) for window in windows]
        )
        table = truth_table(store.scheme)
        truth = table[..., codes]  # (B, *size) or (K, B, *size)
        if table.ndim == 1:
            return torch.from_numpy(truth).long()
        return torch.from_numpy(np.moveaxis(truth, 0, 1).astype(np.float32))


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
