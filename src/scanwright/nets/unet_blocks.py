"""The stages that U-Nets are made of, for any rank."""

from torch import Tensor, nn

from scanwright.nets.blocks import (
    AVERAGE_POOL,
    CONV,
    TRANSPOSED,
    Axes,
    DropPath,
    convolution,
    normalisation,
)
from scanwright.nets.options import Norm

SLOPE = 0.01


class ConvolutionBlock(nn.Sequential):
    """Convolve, normalise, rectify: (B, C, *space) → (B, C', *space / stride).

    The rectifier lets a hundredth of what is negative pass.
    """

    def __init__(self, wide_in: int, wide_out: int, kernel: Axes, stride: Axes, norm: Norm) -> None:
        super().__init__(
            convolution(wide_in, wide_out, kernel, stride=stride),
            normalisation(len(kernel), wide_out, norm),
            nn.LeakyReLU(SLOPE, inplace=True),
        )


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut that pools instead of striding.

    The block of nnU-Net's residual encoder: the shortcut averages over what the stride passes
    over and widens by a convolution 1 wide (He et al. 2019, Bag of tricks, ResNet-D).
    """

    def __init__(
        self,
        wide: tuple[int, int],
        kernel: Axes,
        stride: Axes,
        norm: Norm,
        *,
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        wide_in, wide_out = wide
        rank = len(kernel)
        self.body = nn.Sequential(
            ConvolutionBlock(wide_in, wide_out, kernel, stride, norm),
            convolution(wide_out, wide_out, kernel),
        )
        self.last = normalisation(rank, wide_out, norm)
        self.drop_path = DropPath(drop)
        self.shortcut = nn.Sequential()
        if max(stride) > 1:
            self.shortcut.append(AVERAGE_POOL[rank](stride, stride, ceil_mode=True))
        if wide_in != wide_out:
            self.shortcut.append(convolution(wide_in, wide_out, (1,) * rank))
            self.shortcut.append(normalisation(rank, wide_out, norm))
        self.rectify = nn.LeakyReLU(SLOPE, inplace=True)

    def forward(self, maps: Tensor) -> Tensor:
        """Take shape (B, C, *space), give (B, C', *space / stride)."""
        branch = self.drop_path(self.last(self.body(maps)))
        rectified: Tensor = self.rectify(branch + self.shortcut(maps))
        return rectified


def covering(kernel: Axes, stride: Axes) -> Axes:
    """Return a kernel, odd, that passes over no element whatever the stride."""
    return tuple(max(edge, 2 * by - 1) for edge, by in zip(kernel, stride, strict=True))


def convolution_stage(
    wide: tuple[int, int], kernel: Axes, stride: Axes, norm: Norm, count: int
) -> nn.Sequential:
    """Make `count` convolution blocks, the stride being in the first."""
    stage = nn.Sequential(ConvolutionBlock(wide[0], wide[1], kernel, stride, norm))
    for _ in range(count - 1):
        stage.append(ConvolutionBlock(wide[1], wide[1], kernel, (1,) * len(kernel), norm))
    return stage


def residual_stage(
    wide: tuple[int, int], kernel: Axes, stride: Axes, norm: Norm, drops: list[float]
) -> nn.Sequential:
    """Make one residual block for each chance in `drops`, the stride being in the first."""
    stage = nn.Sequential(ResidualBlock(wide, kernel, stride, norm, drop=drops[0]))
    for drop in drops[1:]:
        once = (1,) * len(kernel)
        stage.append(ResidualBlock((wide[1], wide[1]), kernel, once, norm, drop=drop))
    return stage


def enlargement(wide_in: int, wide_out: int, stride: Axes) -> nn.Module:
    """Make the transposed convolution that undoes a stride: each element becomes a tile."""
    return TRANSPOSED[len(stride)](wide_in, wide_out, stride, stride, bias=False)


def answer(wide: int, outputs: int, stride: Axes, dropout: float) -> nn.Sequential:
    """Make the last layers: from feature maps to logits, enlarged where there is a stride."""
    rank = len(stride)
    kind = CONV if max(stride) == 1 else TRANSPOSED
    last = kind[rank](wide, outputs, stride, stride)
    return nn.Sequential(nn.Dropout(dropout) if dropout else nn.Identity(), last)


def cropped_like(maps: Tensor, like: Tensor) -> Tensor:
    """Cut what an enlargement has too much where a stride had not divided the size."""
    if maps.shape[2:] == like.shape[2:]:
        return maps
    cut = tuple(slice(edge) for edge in like.shape[2:])
    return maps[(slice(None), slice(None), *cut)]
