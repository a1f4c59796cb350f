"""Losses for numbers: squared, absolute and Huber error; unknown numbers are left out.

Outputs have the shape (B, K); targets (B, K), or (B,) where K = 1, with NaN where the number is
unknown. Where nothing is known the loss is 0.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from scanwright.losses.decode import decode_identity, wide
from scanwright.losses.label import mean_of_known
from scanwright.losses.loss import Loss, check_same_shape
from scanwright.losses.options import HUBER_DELTA


class MeanSquaredError(Loss):
    """L = w (z - y)², averaged over the numbers that are known."""

    name = "mean_squared_error"
    knobs = ("weights",)

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss; shapes as the module says."""
        guess, truth, known = _pairs(logits, target)
        return _weighted(self, F.mse_loss(guess, truth, reduction="none"), known)

    def mass(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return how many numbers are known."""
        return (~torch.isnan(target)).sum().double()

    def decode(self, logits: Tensor) -> Tensor:
        """Give the numbers (B, K) as they are."""
        return decode_identity(logits)


class MeanAbsoluteError(Loss):
    """L = w |z - y|, averaged over the numbers that are known."""

    name = "mean_absolute_error"
    knobs = ("weights",)

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss; shapes as the module says."""
        guess, truth, known = _pairs(logits, target)
        return _weighted(self, F.l1_loss(guess, truth, reduction="none"), known)

    def mass(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return how many numbers are known."""
        return (~torch.isnan(target)).sum().double()

    def decode(self, logits: Tensor) -> Tensor:
        """Give the numbers (B, K) as they are."""
        return decode_identity(logits)


class HuberLoss(Loss):
    """L = w r² / 2 for |r| <= δ, else w δ (|r| - δ / 2), with r = z - y (Huber 1964)."""

    name = "huber"
    knobs = ("weights", "delta")

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss; shapes as the module says."""
        guess, truth, known = _pairs(logits, target)
        delta = HUBER_DELTA if self.options.delta is None else self.options.delta
        costs = F.huber_loss(guess, truth, reduction="none", delta=delta)
        return _weighted(self, costs, known)

    def mass(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return how many numbers are known."""
        return (~torch.isnan(target)).sum().double()

    def decode(self, logits: Tensor) -> Tensor:
        """Give the numbers (B, K) as they are."""
        return decode_identity(logits)


def _pairs(logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return guesses, truths (0 where unknown) and what is known, all of shape (B, K)."""
    guess = wide(logits)
    if target.ndim == 1:
        target = target.unsqueeze(1)
    check_same_shape(guess, target)
    known = ~torch.isnan(target)
    return guess, torch.where(known, target, 0).to(guess), known


def _weighted(loss: Loss, costs: Tensor, known: Tensor) -> Tensor:
    weights = loss.weights_for(costs.shape[1], costs)
    return mean_of_known(costs if weights is None else costs * weights, known)
