"""One pass of a network in training or validation, in the number format of the machine."""

from typing import TypeAlias

import torch
from torch import nn

from scanwright.inference import Compute

Logits: TypeAlias = torch.Tensor | tuple[torch.Tensor, ...]
"""(B, outputs, ...), or several such under deep supervision, the finest first."""


def logits_of(network: nn.Module, images: torch.Tensor, compute: Compute) -> Logits:
    """Run a network on (B, C, *size), as it stands; what it answers becomes float32."""
    with torch.autocast(
        compute.device.type, dtype=compute.autocast, enabled=compute.autocast is not None
    ):
        logits: Logits = network(images)
    if isinstance(logits, tuple):
        return tuple(one.float() for one in logits)
    return logits.float()


def finest(logits: Logits) -> torch.Tensor:
    """Return the logits at full size."""
    return logits[0] if isinstance(logits, tuple) else logits
