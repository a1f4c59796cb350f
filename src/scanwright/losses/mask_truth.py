"""What is known about each element: chances and truth of classes, in one shape for both kinds.

Classes that exclude each other have K + 1 logits, the first for background, and a map of whole
numbers 0..K; regions that overlap have K logits and K maps of 0 and 1. Either way -1 means that
nothing is known about the element, which then counts neither for nor against.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from scanwright.base import ShapeError
from scanwright.losses.decode import decode_sigmoid, decode_softmax, log_softmax, wide
from scanwright.losses.loss import check_same_shape

IGNORED = -1
"""Truth of an element about which nothing is known."""


@dataclass(frozen=True, slots=True)
class Elements:
    """Answers and truth, element by element.

    Parameters
    ----------
    chances
        Shape (B, K, *space): of each class or region; background is left out.
    truth
        Shape (B, K, *space): 1 inside, 0 outside and where nothing is known.
    known
        Shape (B, 1 or K, *space): 1 where the truth is known, else 0.
    log_chances
        Shape (B, 1 or K, *space): logarithm of the chance that was given to the truth.
    factors
        Shape (B, 1 or K, *space): weight of each element by its class, or None.
    """

    chances: Tensor
    truth: Tensor
    known: Tensor
    log_chances: Tensor
    factors: Tensor | None


class Kind(Protocol):
    """How logits and truth are read."""

    extra: int

    def read(self, logits: Tensor, target: Tensor, weights: Tensor | None) -> Elements:
        """Turn logits and truth into elements."""

    def decode(self, logits: Tensor) -> Tensor:
        """Turn logits (B, outputs, *space) into probabilities of the same shape."""

    def cases(self, target: Tensor) -> Tensor:
        """Return shape (B,): whether anything is known about a case."""


class Exclusive:
    """Classes of which each element has one: softmax over K + 1 logits."""

    extra = 1

    def read(self, logits: Tensor, target: Tensor, weights: Tensor | None) -> Elements:
        """Read logits (B, K + 1, *space) and truth (B, *space)."""
        if logits.shape[2:] != target.shape[1:] or len(logits) != len(target):
            raise ShapeError(
                "Outputs and truth differ in shape.",
                got=f"truth {tuple(target.shape)}",
                legal=(len(logits), *logits.shape[2:]),
            )
        logs = log_softmax(logits)  # (B, K + 1, *space)
        index = target.long().clamp(min=0).unsqueeze(1)  # (B, 1, *space)
        classes = torch.arange(1, logits.shape[1], device=logits.device)
        classes = classes.view(1, -1, *(1,) * (logits.ndim - 2))
        return Elements(
            chances=logs[:, 1:].exp(),
            truth=(target.unsqueeze(1) == classes).to(logs),
            known=(target.unsqueeze(1) >= 0).to(logs),
            log_chances=logs.gather(1, index),
            factors=None if weights is None else weights[index],
        )

    def decode(self, logits: Tensor) -> Tensor:
        """Turn logits into probabilities that add up to 1."""
        return decode_softmax(logits)

    def cases(self, target: Tensor) -> Tensor:
        """Return shape (B,): whether anything is known about a case."""
        return (target >= 0).flatten(1).any(1)


class Overlapping:
    """Regions that overlap: a sigmoid for each of K logits."""

    extra = 0

    def read(self, logits: Tensor, target: Tensor, weights: Tensor | None) -> Elements:
        """Read logits and truth, both (B, K, *space); weights are for what is inside."""
        check_same_shape(logits, target)
        logits = wide(logits)
        truth = (target > 0).to(logits)
        factors = None
        if weights is not None:
            inside = weights.view(1, -1, *(1,) * (logits.ndim - 2))
            factors = torch.where(target > 0, inside, 1)
        return Elements(
            chances=torch.sigmoid(logits),
            truth=truth,
            known=(target >= 0).to(logits),
            log_chances=F.logsigmoid(torch.where(target > 0, logits, -logits)),
            factors=factors,
        )

    def decode(self, logits: Tensor) -> Tensor:
        """Turn logits into one probability per region."""
        return decode_sigmoid(logits)

    def cases(self, target: Tensor) -> Tensor:
        """Return shape (B,): whether anything is known about a case."""
        return (target >= 0).flatten(1).any(1)


def resized_truth(target: Tensor, size: torch.Size) -> Tensor:
    """Pick the truth at the centre of each element of a coarser grid; no value is made up.

    Parameters
    ----------
    target
        Shape (..., *space).
    size
        The coarser grid.

    Examples
    --------
    >>> resized_truth(torch.tensor([[0, 1, -1, 2]]), torch.Size([2]))
    tensor([[1, 2]])
    """
    first = target.ndim - len(size)
    for axis, edge in enumerate(size, start=first):
        if target.shape[axis] != edge:
            centres = (torch.arange(edge, device=target.device) + 0.5) * target.shape[axis] / edge
            target = target.index_select(axis, centres.long())
    return target
