"""A small pre-activation residual network whose shape follows from the size of its input."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from scanwright.base import RecipeError
from scanwright.nets.blocks import (
    AVERAGE_POOL,
    Axes,
    DropPath,
    GlobalAverageAndMax,
    convolution,
    normalisation,
    rising,
    scaled,
)
from scanwright.nets.network import Network
from scanwright.nets.options import NetworkOptions, check_size

WIDTH = 32
DEPTH = (1, 1, 1, 1)
SMALLEST = 4
POOLED_FROM = 8
STEM_ELEMENTS = 32_768
COARSE = 2.0


@dataclass(frozen=True, slots=True)
class CompactPlan:
    """How the network shrinks its input.

    Parameters
    ----------
    stem
        Stride of the first convolution by axis.
    pools
        Pooling window before each stage by axis; ones where nothing is pooled.
    kernels
        Kernel of each stage by axis: 3, or 1 along an axis that is still much coarser.
    sizes
        Size of the feature maps in each stage.
    """

    stem: Axes
    pools: tuple[Axes, ...]
    kernels: tuple[Axes, ...]
    sizes: tuple[Axes, ...]


def compact_plan(
    size: Axes,
    spacing_mm: tuple[float, ...] | None = None,
    *,
    stages: int = 4,
    stem_stride: int | None = None,
) -> CompactPlan:
    """Decide the strides and kernels from the size and the spacing.

    An axis is halved only while it has 8 elements or more, and while its spacing is below
    twice the finest among the axes that can still be halved; a coarse axis gets kernel 1
    until the others have caught up (the rule for anisotropic volumes of Isensee et al. 2021,
    nnU-Net, supplementary note 2). The stem halves until at most 32,768 elements are left
    (181² or 32³), which is what keeps large images affordable on a CPU.

    Parameters
    ----------
    size
        Input edge by axis, slow axis first.
    spacing_mm
        Spacing by axis; equal if not given.
    stages
        Number of stages after the stem.
    stem_stride
        A power of two that takes the place of the rule for the stem.

    Examples
    --------
    >>> compact_plan((28, 28)).sizes
    ((28, 28), (14, 14), (7, 7), (7, 7))
    >>> compact_plan((16, 128, 128), (5.0, 1.0, 1.0)).sizes
    ((16, 32, 32), (8, 16, 16), (4, 8, 8), (4, 4, 4))
    """
    spacing = spacing_mm or (1.0,) * len(size)
    stem: Axes = (1,) * len(size)
    halvings = None if stem_stride is None else int(math.log2(stem_stride))
    while math.prod(size) > STEM_ELEMENTS if halvings is None else halvings > 0:
        window = _halved_axes(size, spacing)
        if max(window) == 1:
            break
        stem = tuple(a * b for a, b in zip(stem, window, strict=True))
        size, spacing = _after(size, spacing, window)
        halvings = None if halvings is None else halvings - 1
    pools, kernels, sizes = [], [], []
    for stage in range(stages):
        window = _halved_axes(size, spacing) if stage else (1,) * len(size)
        size, spacing = _after(size, spacing, window)
        pools.append(window)
        kernels.append(_kernel(spacing))
        sizes.append(size)
    return CompactPlan(stem, tuple(pools), tuple(kernels), tuple(sizes))


class PreactivationBlock(nn.Module):
    """Normalise, ReLU, convolve, twice, beside a shortcut (He et al. 2016, Identity mappings)."""

    def __init__(
        self, options: NetworkOptions, wide_in: int, wide_out: int, kernel: Axes, drop: float
    ) -> None:
        super().__init__()
        rank, norm = options.rank, options.norm
        self.body = nn.Sequential(
            normalisation(rank, wide_in, norm),
            nn.ReLU(inplace=True),
            convolution(wide_in, wide_out, kernel),
            normalisation(rank, wide_out, norm),
            nn.ReLU(inplace=True),
        )
        self.last = convolution(wide_out, wide_out, kernel)
        self.drop_path = DropPath(drop)
        self.shortcut: nn.Module = nn.Identity()
        if wide_in != wide_out:
            self.shortcut = convolution(wide_in, wide_out, (1,) * rank)

    def forward(self, maps: Tensor) -> Tensor:
        """Take shape (B, C, *space), give (B, C', *space)."""
        return torch.add(self.shortcut(maps), self.drop_path(self.last(self.body(maps))))


def compact(options: NetworkOptions) -> Network:
    """Build the compact network: stages of 32, 64, 128, 256 maps, average and maximum head.

    Raises
    ------
    RecipeError
        The input is smaller than 4 along an axis, or `stem_stride` is no power of two.
    """
    check_size("compact", options, SMALLEST)
    _check_stem_stride(options)
    depth = options.depth or DEPTH
    rank = options.rank
    plan = compact_plan(
        options.size, options.spacing_mm, stages=len(depth), stem_stride=options.stem_stride
    )
    wide = scaled(WIDTH, options.width, multiple=4)
    trunk = nn.Sequential(convolution(options.channels, wide, _stem_kernel(plan), stride=plan.stem))
    drops = iter(rising(options.drop_path, sum(depth)))
    for stage, count in enumerate(depth):
        if max(plan.pools[stage]) > 1:
            trunk.append(AVERAGE_POOL[rank](plan.pools[stage]))
        wide_out = scaled(WIDTH * 2**stage, options.width, multiple=4)
        for _ in range(count):
            kernel = plan.kernels[stage]
            trunk.append(PreactivationBlock(options, wide, wide_out, kernel, next(drops)))
            wide = wide_out
    trunk.append(normalisation(rank, wide, options.norm))
    trunk.append(nn.ReLU(inplace=True))
    head = nn.Sequential(
        GlobalAverageAndMax(), nn.Dropout(options.dropout), nn.Linear(2 * wide, options.outputs)
    )
    return Network(options, trunk, head)


def _halved_axes(size: Axes, spacing: tuple[float, ...]) -> Axes:
    """Return 2 for every axis that is to be halved now, else 1."""
    able = [edge >= POOLED_FROM for edge in size]
    if not any(able):
        return (1,) * len(size)
    finest = min(step for step, can in zip(spacing, able, strict=True) if can)
    return tuple(
        2 if can and step < COARSE * finest else 1 for step, can in zip(spacing, able, strict=True)
    )


def _after(size: Axes, spacing: tuple[float, ...], window: Axes) -> tuple[Axes, tuple[float, ...]]:
    edges = tuple(edge // by for edge, by in zip(size, window, strict=True))
    return edges, tuple(step * by for step, by in zip(spacing, window, strict=True))


def _kernel(spacing: tuple[float, ...]) -> Axes:
    return tuple(1 if step >= COARSE * min(spacing) else 3 for step in spacing)


def _stem_kernel(plan: CompactPlan) -> Axes:
    """Return odd kernels that overlap their neighbours, so that no element is passed over."""
    return tuple(
        kernel if stride == 1 else 2 * stride + 1
        for kernel, stride in zip(plan.kernels[0], plan.stem, strict=True)
    )


def _check_stem_stride(options: NetworkOptions) -> None:
    if options.stem_stride not in (None, 1, 2, 4, 8):
        raise RecipeError(
            'The stem of the network "compact" halves its input a whole number of times.',
            got=options.stem_stride,
            legal="1, 2, 4 or 8",
            where="network.stem_stride",
        )
