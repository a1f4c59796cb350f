"""In which order a network's numbers lie in memory while it is trained on a processor."""

import torch
from torch import nn

from scanwright.inference import to_device
from scanwright.nets import answer_of

INNERMOST = {4: torch.channels_last, 5: torch.channels_last_3d}
"""Layouts with channels innermost, by the axes of a kernel."""

INSTANCE_NORMS = (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)


def placed(network: nn.Module, name: str, device: torch.device) -> nn.Module:
    """Move a network to where it is trained, its channels where it is fastest.

    On a processor a step of a U-Net with batch normalisation takes 5 to 20 % less time with
    channels innermost, and of one with instance normalisation 2 to 20 % less without: torch
    normalises instances channel by channel.

    Parameters
    ----------
    name
        Of the network in its catalog.
    """
    network = to_device(network, device)
    if device.type != "cpu" or answer_of(name) != "element":
        return network
    is_by_channel = any(isinstance(module, INSTANCE_NORMS) for module in network.modules())
    with torch.no_grad():
        for weight in network.parameters():
            if weight.ndim in INNERMOST:
                layout = torch.contiguous_format if is_by_channel else INNERMOST[weight.ndim]
                weight.data = weight.contiguous(memory_format=layout)
    return network
