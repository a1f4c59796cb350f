"""What a network trains on: batches that are fed to it, and a judge of what it says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import torch
from torch import nn

from scanwright.inference import Compute
from scanwright.losses import Loss
from scanwright.recipe import Recipe
from scanwright.training.sampler import Rows

Part: TypeAlias = tuple[torch.Tensor, torch.Tensor]
"""Images (B, C, *size) as the network shall see them, and what is true of them, on the device."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Cases that a member learns from, and cases that it is validated on, by their numbers."""

    train: Rows
    validation: Rows


@dataclass(frozen=True, slots=True)
class Means:
    """What the machine gives."""

    compute: Compute
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step of the optimiser sees.

    Parameters
    ----------
    images
        Number of images.
    parts
        The batch, in parts small enough for one pass; made as they are asked for.
    """

    images: int
    parts: Iterator[Part]


class Feed(Protocol):
    """Gives the batches of a member: each a pure function of the seed, the member and the step.

    So a run that was stopped goes on with the batches that it would have seen, and neither threads
    nor the order of asking matter.
    """

    @property
    def steps_per_epoch(self) -> float:
        """Steps in which as much is seen as there is to learn from."""

    def batch_at(self, step: int) -> Batch:
        """Return batch `step`, counted from 0."""


@dataclass(frozen=True, slots=True)
class Phase:
    """What is fed, and by which loss it is learnt, from `start` on, a share of the training."""

    start: float
    feed: Feed
    loss: Loss


@dataclass(frozen=True, slots=True)
class Verdict:
    """What validation says of a network.

    Parameters
    ----------
    loss, merit
        What is to be low, and what is to be high.
    more
        Further numbers for the history, by name.
    """

    loss: float
    merit: float
    more: Mapping[str, float] = field(default_factory=dict)


class Judge(Protocol):
    """Validates networks on the same cases in the same way, each time it is asked."""

    def verdict(self, network: nn.Module) -> Verdict:
        """Judge a network, which is left as it was."""


class Material(Protocol):
    """Cases to learn from, of some kind; goes through a pipe, best as where it lies on disk."""

    def check(self, recipe: Recipe) -> None:
        """Refuse a recipe that does not fit (RecipeError)."""

    def phases(self, recipe: Recipe, fold: Fold, index: int, means: Means) -> tuple[Phase, ...]:
        """Return what is fed to member `index`, and its losses; the first phase starts at 0."""

    def judge(self, recipe: Recipe, fold: Fold, means: Means) -> Judge:
        """Return what validates the members of a fold."""
