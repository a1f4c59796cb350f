"""Residual networks (He et al. 2016, Deep residual learning) for any rank and any size."""

import torch
from torch import Tensor, nn

from scanwright.base import RecipeError
from scanwright.nets.blocks import (
    MAX_POOL,
    DropPath,
    GlobalAverage,
    convolution,
    normalisation,
    rising,
    scaled,
)
from scanwright.nets.network import Network
from scanwright.nets.options import NetworkOptions, check_size, refuse_knobs

WIDTHS = (64, 128, 256, 512)
SMALL_EDGE = 64
SMALLEST = 8
LARGE_STEM_STRIDE = 4


class BasicBlock(nn.Module):
    """Two 3-wide convolutions beside a shortcut; the stride is in the first."""

    expansion = 1

    def __init__(
        self, options: NetworkOptions, wide_in: int, wide: int, stride: int, drop: float
    ) -> None:
        super().__init__()
        rank, norm = options.rank, options.norm
        self.body = nn.Sequential(
            convolution(wide_in, wide, (3,) * rank, stride=(stride,) * rank),
            normalisation(rank, wide, norm),
            nn.ReLU(inplace=True),
            convolution(wide, wide, (3,) * rank),
        )
        self.last = normalisation(rank, wide, norm)
        self.drop_path = DropPath(drop)
        self.shortcut = _shortcut(options, wide_in, wide, stride)

    def forward(self, maps: Tensor) -> Tensor:
        """Take shape (B, C, *space), give (B, C', *space / stride)."""
        return torch.relu(self.shortcut(maps) + self.drop_path(self.last(self.body(maps))))


class BottleneckBlock(nn.Module):
    """Convolutions 1, 3 and 1 wide beside a shortcut; the stride is in the 3-wide one.

    The stride stands where the widely used weights of ResNet-50 have it ("v1.5"), not in the
    first convolution as in the paper.
    """

    expansion = 4

    def __init__(
        self, options: NetworkOptions, wide_in: int, wide: int, stride: int, drop: float
    ) -> None:
        super().__init__()
        rank, norm = options.rank, options.norm
        wide_out = wide * self.expansion
        self.body = nn.Sequential(
            convolution(wide_in, wide, (1,) * rank),
            normalisation(rank, wide, norm),
            nn.ReLU(inplace=True),
            convolution(wide, wide, (3,) * rank, stride=(stride,) * rank),
            normalisation(rank, wide, norm),
            nn.ReLU(inplace=True),
            convolution(wide, wide_out, (1,) * rank),
        )
        self.last = normalisation(rank, wide_out, norm)
        self.drop_path = DropPath(drop)
        self.shortcut = _shortcut(options, wide_in, wide_out, stride)

    def forward(self, maps: Tensor) -> Tensor:
        """Take shape (B, C, *space), give (B, C', *space / stride)."""
        return torch.relu(self.shortcut(maps) + self.drop_path(self.last(self.body(maps))))


Block = type[BasicBlock] | type[BottleneckBlock]


def resnet18(options: NetworkOptions) -> Network:
    """Build ResNet-18: 2, 2, 2, 2 basic blocks (11,689,512 parameters for 224² × 3, 1000).

    Raises
    ------
    RecipeError
        The input is smaller than 8 along an axis, or a setting is given that it lacks.
    """
    return _resnet("resnet18", options, BasicBlock, (2, 2, 2, 2))


def resnet50(options: NetworkOptions) -> Network:
    """Build ResNet-50: 3, 4, 6, 3 bottleneck blocks (25,557,032 parameters for 224² × 3, 1000).

    Raises
    ------
    RecipeError
        The input is smaller than 8 along an axis, or a setting is given that it lacks.
    """
    return _resnet("resnet50", options, BottleneckBlock, (3, 4, 6, 3))


def stem(options: NetworkOptions, wide: int) -> nn.Sequential:
    """Make the first layers, for small images or for large ones.

    Small (an edge of 64 or less, or `stem_stride` 1): one convolution 3 wide, full size.
    Large: a convolution 7 wide with stride 2 and a max pool 3 wide with stride 2.
    """
    rank = options.rank
    if stem_stride(options) == 1:
        first = convolution(options.channels, wide, (3,) * rank)
        return nn.Sequential(first, normalisation(rank, wide, options.norm), nn.ReLU(inplace=True))
    return nn.Sequential(
        convolution(options.channels, wide, (7,) * rank, stride=(2,) * rank),
        normalisation(rank, wide, options.norm),
        nn.ReLU(inplace=True),
        MAX_POOL[rank](3, stride=2, padding=1),
    )


def stem_stride(options: NetworkOptions) -> int:
    """Return the reduction by the stem: as asked, else 1 for small images and 4 for large."""
    if options.stem_stride is not None:
        return options.stem_stride
    return 1 if min(options.size) <= SMALL_EDGE else LARGE_STEM_STRIDE


def check_stem(name: str, options: NetworkOptions) -> None:
    """Refuse a `stem_stride` other than 1 and 4.

    Raises
    ------
    RecipeError
        It is neither.
    """
    if options.stem_stride not in (None, 1, LARGE_STEM_STRIDE):
        raise RecipeError(
            f'The network "{name}" has a stem of stride 1 or {LARGE_STEM_STRIDE}.',
            got=options.stem_stride,
            legal=f"1 or {LARGE_STEM_STRIDE}",
            where="network.stem_stride",
        )


def _resnet(name: str, options: NetworkOptions, block: Block, depth: tuple[int, ...]) -> Network:
    refuse_knobs(name, options, ("spacing_mm",))
    check_stem(name, options)
    check_size(name, options, SMALLEST)
    depth = options.depth or depth
    widths = [scaled(WIDTHS[0] * 2**stage, options.width) for stage in range(len(depth))]
    drops = iter(rising(options.drop_path, sum(depth)))
    stages = []
    wide = widths[0]
    trunk_stem = stem(options, wide)
    for stage, (count, inner) in enumerate(zip(depth, widths, strict=True)):
        blocks = []
        for index in range(count):
            stride = 2 if stage > 0 and index == 0 else 1
            blocks.append(block(options, wide, inner, stride, next(drops)))
            wide = inner * block.expansion
        stages.append(nn.Sequential(*blocks))
    head = nn.Sequential(
        GlobalAverage(), nn.Dropout(options.dropout), nn.Linear(wide, options.outputs)
    )
    return Network(options, nn.Sequential(trunk_stem, *stages), head)


def _shortcut(options: NetworkOptions, wide_in: int, wide_out: int, stride: int) -> nn.Module:
    if stride == 1 and wide_in == wide_out:
        return nn.Identity()
    rank = options.rank
    return nn.Sequential(
        convolution(wide_in, wide_out, (1,) * rank, stride=(stride,) * rank),
        normalisation(rank, wide_out, options.norm),
    )
