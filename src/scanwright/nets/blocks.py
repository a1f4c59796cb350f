"""The parts that networks are made of, for any rank; the only file that knows rank by layer."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from scanwright.nets.options import Norm

Layer = Callable[..., nn.Module]
"""A layer class of torch; its edges may be one number or one per axis, for any rank."""

CONV: dict[int, Layer] = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED: dict[int, Layer] = {
    1: nn.ConvTranspose1d,
    2: nn.ConvTranspose2d,
    3: nn.ConvTranspose3d,
}
MAX_POOL: dict[int, Layer] = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
AVERAGE_POOL: dict[int, Layer] = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}
BATCH_NORM: dict[int, Layer] = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
INSTANCE_NORM: dict[int, Layer] = {
    1: nn.InstanceNorm1d,
    2: nn.InstanceNorm2d,
    3: nn.InstanceNorm3d,
}
GROUPS = 8
Axes = tuple[int, ...]
"""One number per spatial axis, slow axis first."""


def convolution(
    wide_in: int, wide_out: int, kernel: Axes, *, stride: Axes | None = None, bias: bool = False
) -> nn.Module:
    """Make a convolution that keeps the size at stride 1 (odd kernels, zero padding)."""
    rank = len(kernel)
    padding = tuple(edge // 2 for edge in kernel)
    return CONV[rank](wide_in, wide_out, kernel, stride or (1,) * rank, padding, bias=bias)


def depthwise(wide: int, kernel: Axes) -> nn.Module:
    """Make a convolution of each map by itself that keeps the size (odd kernels)."""
    padding = tuple(edge // 2 for edge in kernel)
    return CONV[len(kernel)](wide, wide, kernel, 1, padding, groups=wide, bias=False)


def normalisation(rank: int, wide: int, norm: Norm) -> nn.Module:
    """Make the normalisation of `wide` feature maps; "own" means batch.

    Group norm takes the largest number of groups up to 8 that divides `wide`.
    """
    if norm == "group":
        groups = max(count for count in range(1, GROUPS + 1) if wide % count == 0)
        return nn.GroupNorm(groups, wide)
    if norm == "instance":
        return INSTANCE_NORM[rank](wide, affine=True)
    return BATCH_NORM[rank](wide)


class DropPath(nn.Module):
    """Drop a whole residual branch, case by case, while training.

    Kept branches are divided by the chance of being kept, so that the expectation stays the
    same (Huang et al. 2016, Deep networks with stochastic depth, with the scaling moved from
    test to training).

    Parameters
    ----------
    chance
        Of dropping, at least 0 and below 1.
    """

    def __init__(self, chance: float) -> None:
        super().__init__()
        self.chance = chance

    def forward(self, branch: Tensor) -> Tensor:
        """Take and give shape (B, C, *space)."""
        if not self.training or self.chance == 0:
            return branch
        keep = 1 - self.chance
        shape = (branch.shape[0],) + (1,) * (branch.ndim - 1)
        kept = torch.empty(shape, dtype=branch.dtype, device=branch.device).bernoulli_(keep)
        return branch * kept / keep


class GlobalAverage(nn.Module):
    """Mean of every feature map over space: (B, C, *space) → (B, C)."""

    def forward(self, maps: Tensor) -> Tensor:
        """Take shape (B, C, *space), give (B, C)."""
        return maps.mean(dim=tuple(range(2, maps.ndim)))


class GlobalAverageAndMax(nn.Module):
    """Mean and maximum of every feature map, side by side: (B, C, *space) → (B, 2 C)."""

    def forward(self, maps: Tensor) -> Tensor:
        """Take shape (B, C, *space), give (B, 2 C): the means, then the maxima."""
        axes = tuple(range(2, maps.ndim))
        return torch.cat([maps.mean(dim=axes), maps.amax(dim=axes)], dim=1)


def scaled(wide: int, factor: float, multiple: int = 1) -> int:
    """Scale a number of channels to the nearest multiple, never to zero.

    >>> scaled(64, 0.5), scaled(6, 0.3, multiple=4)
    (32, 4)
    """
    return max(multiple, round(wide * factor / multiple) * multiple)


def rising(highest: float, count: int) -> list[float]:
    """Return `count` chances that rise in equal steps from 0 to `highest`.

    >>> rising(0.2, 3)
    [0.0, 0.1, 0.2]
    """
    return [highest * index / max(1, count - 1) for index in range(count)]
