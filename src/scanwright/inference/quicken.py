"""The same network laid out so that the processor runs it faster, and in less memory.

Channels lie innermost throughout, so that no layer has to turn its input round; layers that cannot
work so are put in terms of ones that can. Where the processor multiplies bfloat16, weights and
feature maps are kept in it.
"""

import copy
import logging
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from scanwright.inference.compute import Compute
from scanwright.inference.quicken_norm import ChannelsInnermostNorm
from scanwright.nets import BasicBlock, BottleneckBlock, ResidualBlock, SharedBlock

logger = logging.getLogger(__name__)

LAYOUTS = {2: torch.channels_last, 3: torch.channels_last_3d}
INSTANCE_NORMS = (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
AVERAGES = (nn.AvgPool3d, nn.AdaptiveAvgPool3d)
BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
CONVOLUTIONS = (nn.Conv2d, nn.Conv3d)
RESIDUAL_BLOCKS = (ResidualBlock, BasicBlock, BottleneckBlock)
"""Blocks whose row of layers `body` ends in a convolution that the layer `last` normalises."""


class Pointwise(nn.Module):
    """A convolution whose kernel is one element: a matrix product for each element."""

    def __init__(self, convolution: nn.Conv2d | nn.Conv3d) -> None:
        super().__init__()
        self.weight = nn.Parameter(convolution.weight.detach().flatten(1))
        bias = convolution.bias
        self.bias = None if bias is None else nn.Parameter(bias.detach())

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Map (B, C, *space) to (B, outputs, *space)."""
        innermost = maps.movedim(1, -1)
        return functional.linear(innermost, self.weight, self.bias).movedim(-1, 1)


class UnsharedBlock(nn.Module):
    """A block of which each level has its own copy, so that its norm can be merged into it."""

    def __init__(self, block: SharedBlock) -> None:
        super().__init__()
        self.levels = nn.ModuleList(
            nn.Sequential(*copy.deepcopy(block.convolve), norm, block.rectify)
            for norm in block.norms
        )

    def forward(self, maps: torch.Tensor, level: int) -> torch.Tensor:
        """Take and give shape (B, F, *space)."""
        rectified: torch.Tensor = self.levels[level](maps)
        return rectified


def quickened(network: nn.Module, rank: int, compute: Compute) -> nn.Module:
    """Return a copy of a network, in evaluation mode, that answers the same sooner.

    Parameters
    ----------
    network
        Any; layers that are not known here stay as they are.
    rank
        Spatial axes of its input.
    compute
        Where it will run. On a graphics processor nothing changes.

    Returns
    -------
    The copy, on the device. It takes float32 and answers in it; inside it may compute in bfloat16,
    whose outputs differ in the third digit. Layers marked `in_singles` stay in float32.
    """
    copied = copy.deepcopy(network).eval()
    if compute.is_cpu:
        _replace_layers(copied)
    half = compute.is_cpu and compute.autocast is torch.bfloat16
    dtype = torch.bfloat16 if half else None
    copied = copied.to(compute.device, dtype)
    for name, layer in network.named_modules():
        if getattr(layer, "in_singles", False):
            copied.get_submodule(name).float()
    if compute.is_cpu and rank in LAYOUTS:
        copied = copied.to(memory_format=LAYOUTS[rank])  # type: ignore[call-overload]  # torch types this keyword for tensors only
    if not half:
        return copied
    exact = Compute(compute.device, None, compute.threads)
    return Rounded(copied, lambda: quickened(network, rank, exact))


class Rounded(nn.Module):
    """A network in bfloat16 that takes and gives float32.

    Parameters
    ----------
    network
        In bfloat16.
    exact
        Makes the same network in float32, in case torch has one of its layers only in that.
    """

    def __init__(self, network: nn.Module, exact: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.network = network
        self._exact = exact
        self._dtype = torch.bfloat16

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Run the network."""
        try:
            logits: torch.Tensor = self.network(images.to(self._dtype))
        except (NotImplementedError, RuntimeError) as error:
            if self._dtype is torch.float32 or "BFloat16" not in str(error):
                raise
            logger.info("Computing in float32: %s", error)
            self.network, self._dtype = self._exact(), torch.float32
            logits = self.network(images)
        return logits.float()


class InSingles(nn.Module):
    """A layer without weights that torch has only in single precision."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Run the layer."""
        result: torch.Tensor = self.layer(maps.float())
        return result.to(maps.dtype)


def _replace_layers(module: nn.Module) -> None:
    if isinstance(module, nn.Sequential):
        _merge_batch_norms(module)
    if isinstance(module, RESIDUAL_BLOCKS):
        _merge_last_norm(module)
    before: nn.Module | None = None
    for name, layer in module.named_children():
        # What a convolution just made in a row of layers, nobody else holds.
        is_fresh = isinstance(module, nn.Sequential) and isinstance(before, CONVOLUTIONS)
        other = _replacement(layer, is_fresh=is_fresh)
        if other is not None:
            setattr(module, name, other)
        if other is None or isinstance(other, UnsharedBlock):
            _replace_layers(other or layer)
        before = layer


def _merge_batch_norms(row: nn.Sequential) -> None:
    """Multiply the fixed factors of a batch normalisation into the convolution before it."""
    for place, (before, norm) in enumerate(pairwise(list(row))):
        merged = _merged(before, norm)
        if merged is not None:
            row[place], row[place + 1] = merged, nn.Identity()


def _merge_last_norm(block: nn.Module) -> None:
    body = block.get_submodule("body")
    assert isinstance(body, nn.Sequential)
    merged = _merged(body[-1], block.get_submodule("last"))
    if merged is not None:
        body[-1], block.last = merged, nn.Identity()


def _merged(before: nn.Module, norm: nn.Module) -> nn.Module | None:
    """Return a convolution with its normalisation; None where they are not such."""
    if not isinstance(norm, BATCH_NORMS) or not isinstance(before, CONVOLUTIONS):
        return None
    return fuse_conv_bn_eval(before, norm) if norm.track_running_stats else None


def _replacement(layer: nn.Module, *, is_fresh: bool) -> nn.Module | None:
    if isinstance(layer, INSTANCE_NORMS) and not layer.track_running_stats:
        return ChannelsInnermostNorm(layer, in_place=is_fresh)
    if isinstance(layer, CONVOLUTIONS) and _is_pointwise(layer):
        return Pointwise(layer)
    if isinstance(layer, AVERAGES):
        return InSingles(layer)
    if isinstance(layer, SharedBlock):
        return UnsharedBlock(layer)
    return None


def _is_pointwise(layer: nn.Conv2d | nn.Conv3d) -> bool:
    ones = (*layer.kernel_size, *layer.stride, layer.groups)
    return set(ones) == {1} and not any(layer.padding)
