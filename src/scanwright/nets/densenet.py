"""Densely connected networks (Huang et al. 2017) for any rank and any size."""

import torch
from torch import Tensor, nn

from scanwright.nets.blocks import AVERAGE_POOL, GlobalAverage, convolution, normalisation, scaled
from scanwright.nets.network import Network
from scanwright.nets.options import NetworkOptions, check_size, refuse_knobs
from scanwright.nets.resnet import check_stem, stem, stem_stride

GROWTH = 32
BOTTLENECK = 4
DEPTH_121 = (6, 12, 24, 16)


class DenseLayer(nn.Module):
    """Append `growth` new feature maps to those that came in."""

    def __init__(self, options: NetworkOptions, wide: int, growth: int) -> None:
        super().__init__()
        rank, norm = options.rank, options.norm
        inner = BOTTLENECK * growth
        self.body = nn.Sequential(
            normalisation(rank, wide, norm),
            nn.ReLU(inplace=True),
            convolution(wide, inner, (1,) * rank),
            normalisation(rank, inner, norm),
            nn.ReLU(inplace=True),
            convolution(inner, growth, (3,) * rank),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Take shape (B, C, *space), give (B, C + growth, *space)."""
        return torch.cat([maps, self.body(maps)], dim=1)


def densenet121(options: NetworkOptions) -> Network:
    """Build DenseNet-121: 6, 12, 24, 16 dense layers (7,978,856 parameters for 224² × 3, 1000).

    Raises
    ------
    RecipeError
        The input is too small for its poolings (below 8 with the small stem), or a setting is
        given that it lacks.
    """
    refuse_knobs("densenet121", options, ("spacing_mm", "drop_path", "zero_last"))
    check_stem("densenet121", options)
    depth = options.depth or DEPTH_121
    # The stem rounds up, every transition halves and rounds down; one element must be left.
    check_size("densenet121", options, stem_stride(options) * (2 ** (len(depth) - 1) - 1) + 1)
    rank = options.rank
    growth = scaled(GROWTH, options.width)
    wide = 2 * growth
    trunk = nn.Sequential(stem(options, wide))
    for stage, count in enumerate(depth):
        for _ in range(count):
            trunk.append(DenseLayer(options, wide, growth))
            wide += growth
        if stage < len(depth) - 1:
            trunk.append(_transition(options, wide))
            wide //= 2
    trunk.append(normalisation(rank, wide, options.norm))
    trunk.append(nn.ReLU(inplace=True))
    head = nn.Sequential(
        GlobalAverage(), nn.Dropout(options.dropout), nn.Linear(wide, options.outputs)
    )
    return Network(options, trunk, head)


def _transition(options: NetworkOptions, wide: int) -> nn.Sequential:
    rank = options.rank
    return nn.Sequential(
        normalisation(rank, wide, options.norm),
        nn.ReLU(inplace=True),
        convolution(wide, wide // 2, (1,) * rank),
        AVERAGE_POOL[rank](2),
    )
