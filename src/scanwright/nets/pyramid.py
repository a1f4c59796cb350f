"""A feature pyramid: fine levels that know what coarse ones have seen, for any rank."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from scanwright.nets.blocks import Axes, convolution, depthwise, normalisation
from scanwright.nets.options import Norm
from scanwright.nets.unet_blocks import SLOPE, cropped_like


class Pyramid(nn.Module):
    """The way down, and from its end back up to the finest level (Lin et al. 2017, FPN).

    Maps of a stage are brought to one width by a convolution 1 wide, the coarser level is
    enlarged onto them by repetition and added, and the sum is smoothed where a level answers.

    Parameters
    ----------
    down
        Stages from the input on; each takes the maps of the one before.
    laterals
        From the maps of a stage to the width of the pyramid: those of the finest level's stage
        and of all that follow.
    strides
        Reduction on entering each stage by axis.
    levels
        Places of the stages that answer, the finest first.
    smooth
        One for each level.
    """

    def __init__(
        self,
        down: list[nn.Module],
        laterals: list[nn.Module],
        strides: tuple[Axes, ...],
        levels: tuple[int, ...],
        smooth: list[nn.Module],
    ) -> None:
        super().__init__()
        self.down = nn.ModuleList(down)
        self.laterals = nn.ModuleList(laterals)
        self.smooth = nn.ModuleList(smooth)
        self.strides = strides
        self.levels = levels

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Take shape (B, C, *space), give the maps (B, F, *smaller space) of each level."""
        maps = images
        seen = []
        for stage in self.down:
            maps = stage(maps)
            seen.append(maps)
        sums = self._back_up(seen)
        return tuple(
            smooth(sums[level - self.levels[0]])
            for smooth, level in zip(self.smooth, self.levels, strict=True)
        )

    def _back_up(self, seen: list[Tensor]) -> list[Tensor]:
        """Add to each stage from the finest level on what the coarser ones say."""
        first = self.levels[0]
        sums: list[Tensor] = []
        for lateral, stage in zip(
            reversed(self.laterals), reversed(range(first, len(seen))), strict=True
        ):
            maps: Tensor = lateral(seen[stage])
            if sums:
                maps = maps + cropped_like(enlarged(sums[-1], self.strides[stage + 1]), maps)
            sums.append(maps)
        return sums[::-1]


class SeparableConvolution(nn.Sequential):
    """A convolution in two: each map by itself, then all maps of an element with each other.

    At 64 maps a fourth of the time of the full convolution on a processor, and an eighth of its
    weights.
    """

    def __init__(self, wide: int, kernel: Axes) -> None:
        super().__init__(
            depthwise(wide, kernel),
            convolution(wide, wide, (1,) * len(kernel)),
        )


def separable_block(wide: int, kernel: Axes, norm: Norm) -> nn.Sequential:
    """Make a separable convolution with its normalisation and rectifier."""
    return nn.Sequential(
        *SeparableConvolution(wide, kernel),
        normalisation(len(kernel), wide, norm),
        nn.LeakyReLU(SLOPE, inplace=True),
    )


def enlarged(maps: Tensor, stride: Axes) -> Tensor:
    """Repeat each element `stride` times along its axes."""
    if max(stride) == 1:
        return maps
    return functional.interpolate(maps, scale_factor=[float(by) for by in stride])


def cell_centres(size: Axes, stride: Axes, device: torch.device) -> Tensor:
    """Return where the cells of a level lie in the input.

    Parameters
    ----------
    size
        Of the level's maps.
    stride
        Elements of the input for each cell, by axis.

    Returns
    -------
    float32, shape (D, N), in index units of the input: cell i covers the elements from i · stride
    to (i + 1) · stride - 1, and its centre is their mean.
    """
    axes = [
        torch.arange(edge, dtype=torch.float32, device=device) * by + (by - 1) / 2
        for edge, by in zip(size, stride, strict=True)
    ]
    return torch.stack(torch.meshgrid(*axes, indexing="ij")).flatten(1)
