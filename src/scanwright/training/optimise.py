"""Optimisers by name, with decay kept off norms and biases."""

from collections.abc import Callable, Iterable

import torch
from torch import nn

from scanwright.base import Catalog
from scanwright.recipe import OptimiserChoice

Groups = list[dict[str, object]]
Build = Callable[[Groups, OptimiserChoice], torch.optim.Optimizer]


def parameter_groups(network: nn.Module, weight_decay: float) -> Groups:
    """Split parameters: matrices and kernels decay, vectors (biases, norms) do not."""
    heavy = [p for p in network.parameters() if p.requires_grad and p.ndim > 1]
    light = [p for p in network.parameters() if p.requires_grad and p.ndim <= 1]
    groups: Groups = [
        {"params": heavy, "weight_decay": weight_decay},
        {"params": light, "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]


def _plain(groups: Groups, choice: OptimiserChoice) -> torch.optim.Optimizer:
    return torch.optim.SGD(groups, lr=choice.rate)


def _momentum(groups: Groups, choice: OptimiserChoice) -> torch.optim.Optimizer:
    return torch.optim.SGD(groups, lr=choice.rate, momentum=choice.momentum)


def _nesterov(groups: Groups, choice: OptimiserChoice) -> torch.optim.Optimizer:
    return torch.optim.SGD(groups, lr=choice.rate, momentum=choice.momentum, nesterov=True)


def _adam(groups: Groups, choice: OptimiserChoice) -> torch.optim.Optimizer:
    return torch.optim.Adam(groups, lr=choice.rate, betas=_betas(choice), fused=_can_fuse(groups))


def _adamw(groups: Groups, choice: OptimiserChoice) -> torch.optim.Optimizer:
    return torch.optim.AdamW(groups, lr=choice.rate, betas=_betas(choice), fused=_can_fuse(groups))


def _betas(choice: OptimiserChoice) -> tuple[float, float]:
    return choice.momentum, choice.second_momentum


def _can_fuse(groups: Groups) -> bool:
    """Whether the one-kernel update exists for the parameters' device."""
    first = groups[0]["params"]
    assert isinstance(first, Iterable)
    return next(iter(first)).device.type in ("cpu", "cuda")


OPTIMISERS: Catalog[Build] = Catalog(
    "optimiser",
    {
        "gradient_descent": _plain,  # the loop hands it all cases at once
        "sgd": _plain,
        "momentum": _momentum,
        "nesterov": _nesterov,
        "adam": _adam,
        "adamw": _adamw,
    },
)

FULL_BATCH = frozenset({"gradient_descent"})
"""Optimisers whose every step sees all training cases."""


def build_optimiser(network: nn.Module, choice: OptimiserChoice) -> torch.optim.Optimizer:
    """Build the optimiser that a recipe names."""
    return OPTIMISERS[choice.name](parameter_groups(network, choice.weight_decay), choice)
