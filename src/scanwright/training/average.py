"""A running average of weights, which generalises better than the last step's weights."""

import copy

import torch
from torch import nn

WARMING = 10
"""The average forgets faster during its first steps: decay (1 + t) / (WARMING + t)."""


class Average:
    """Exponential moving average of a network's weights and normalisation statistics.

    With decay 0 it is the network itself, and costs nothing.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._decay = decay
        self.network = network
        if decay:
            self.network = copy.deepcopy(network).eval()
            self.network.requires_grad_(requires_grad=False)

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Take in the weights after step `step`, counted from 0."""
        if not self._decay:
            return
        decay = min(self._decay, (1 + step) / (WARMING + step))
        ours = list(self.network.parameters()) + _float_buffers(self.network)
        theirs = [p.detach() for p in network.parameters()] + _float_buffers(network)
        torch._foreach_lerp_(ours, theirs, 1 - decay)
        for mine, other in zip(self.network.buffers(), network.buffers(), strict=True):
            if not mine.is_floating_point():
                mine.copy_(other)


def _float_buffers(network: nn.Module) -> list[torch.Tensor]:
    return [buffer for buffer in network.buffers() if buffer.is_floating_point()]
