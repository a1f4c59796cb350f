"""How large a network is, and how much work one case costs it."""

import copy
import math

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd
from torch.utils.hooks import RemovableHandle


def count_parameters(network: nn.Module) -> int:
    """Count the numbers that training changes.

    >>> count_parameters(nn.Linear(3, 2))
    8
    """
    return sum(weight.numel() for weight in network.parameters() if weight.requires_grad)


def count_operations(network: nn.Module, channels: int, size: tuple[int, ...]) -> int:
    """Count the multiply-adds of convolutions and dense layers for one case.

    Nothing is computed: a copy of the network runs on tensors that have a shape and no values.
    Normalisation, activation, pooling and attention products are left out.

    Parameters
    ----------
    network
        Left as it was.
    channels, size
        Of the input image; for a network that outlines, of a window.
    """
    shadow = copy.deepcopy(network).to("meta").eval()
    counts: list[int] = []

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        counts.append(_operations(module, inputs[0], output))

    handles: list[RemovableHandle] = [
        module.register_forward_hook(note)
        for module in shadow.modules()
        if isinstance(module, _ConvNd | nn.Linear)
    ]
    with torch.no_grad():
        shadow(torch.empty(1, channels, *size, device="meta"))
    for handle in handles:
        handle.remove()
    return sum(counts)


def _operations(module: nn.Module, taken: Tensor, output: Tensor) -> int:
    if isinstance(module, _ConvTransposeNd):
        # Each element that is taken is spread over a kernel, the mirror image of a convolution.
        return (
            taken.numel() * (module.out_channels // module.groups) * math.prod(module.kernel_size)
        )
    if isinstance(module, _ConvNd):
        return (
            output.numel() * (module.in_channels // module.groups) * math.prod(module.kernel_size)
        )
    assert isinstance(module, nn.Linear)
    return output.numel() * module.in_features
