"""The head of a network that finds: for each cell of each level, how sure it is of which box."""

import math

import torch
from torch import Tensor, nn

from scanwright.nets.blocks import Axes, convolution, normalisation
from scanwright.nets.cells import Cells
from scanwright.nets.options import NetworkOptions, Norm
from scanwright.nets.pyramid import SeparableConvolution, cell_centres
from scanwright.nets.unet_blocks import SLOPE

BLOCKS = 2
PRIOR = 0.01
"""Chance that a cell gives to each class at first (Lin et al. 2017, Focal loss, section 4.1)."""
FIRST_REACH = 2.0
"""Strides from a cell's centre to each edge of the box that it proposes at first."""
FURTHEST = 6.0
"""Largest logarithm of a distance in strides (403 strides): nothing overflows on the way."""


class SharedBlock(nn.Module):
    """A separable convolution whose weights all levels share, each level with its own norm.

    Levels differ in the mean and spread of their maps; a batch normalisation over all of them
    would see in evaluation what it had never seen in training (Lyu et al. 2022, RTMDet).
    """

    def __init__(self, wide: int, rank: int, norm: Norm, levels: int) -> None:
        super().__init__()
        self.convolve = SeparableConvolution(wide, (3,) * rank)
        self.norms = nn.ModuleList(normalisation(rank, wide, norm) for _ in range(levels))
        self.rectify = nn.LeakyReLU(SLOPE, inplace=True)

    def forward(self, maps: Tensor, level: int) -> Tensor:
        """Take and give shape (B, F, *space)."""
        rectified: Tensor = self.rectify(self.norms[level](self.convolve(maps)))
        return rectified


class DetectorHead(nn.Module):
    """One branch for classes and one for boxes, their weights shared by all levels.

    A cell's box is given by its distances from the cell's centre, low and high by axis, as
    stride · exp(scale · output): never negative, and as free of size as the levels are
    (Tian et al. 2019, FCOS, section 3.2); each level learns its scale.

    Parameters
    ----------
    options
        Of the network; `outputs` is the number of classes.
    wide
        Width of the pyramid.
    norm
        Of the branches.
    reductions
        Elements of the input for each cell by axis, of each level.
    """

    def __init__(
        self, options: NetworkOptions, wide: int, norm: Norm, reductions: tuple[Axes, ...]
    ) -> None:
        super().__init__()
        rank, count = options.rank, len(reductions)
        self.reductions = reductions
        self.class_branch = nn.ModuleList(
            SharedBlock(wide, rank, norm, count) for _ in range(BLOCKS)
        )
        self.box_branch = nn.ModuleList(SharedBlock(wide, rank, norm, count) for _ in range(BLOCKS))
        self.dropout = nn.Dropout(options.dropout) if options.dropout else nn.Identity()
        self.answers = nn.ModuleList(
            [
                _answer(wide, options.outputs, rank, math.log(PRIOR / (1 - PRIOR))),
                _answer(wide, 2 * rank, rank, math.log(FIRST_REACH)),
            ]
        )
        self.answers[1].in_singles = True  # type: ignore[assignment]  # a mark, no module
        self.scales = nn.Parameter(torch.ones(count))

    def forward(self, levels: tuple[Tensor, ...]) -> Tensor:
        """Return what every cell answers.

        Parameters
        ----------
        levels
            Shape (B, F, *space) of each, the finest first.

        Returns
        -------
        Shape (B, K + 3 · D + 1, N), in single precision: see `Cells`.
        """
        cells = [self._cells(maps, level) for level, maps in enumerate(levels)]
        return Cells.of_levels(cells).joined()

    def _cells(self, maps: Tensor, level: int) -> Cells:
        of_class, of_box = maps, maps
        for class_block, box_block in zip(self.class_branch, self.box_branch, strict=True):
            of_class, of_box = class_block(of_class, level), box_block(of_box, level)
        for_class, for_box = self.answers
        logits = for_class(self.dropout(of_class)).float().flatten(2)  # (B, K, N)
        # Coordinates need more digits than half precision has: of what a distance is the exponent
        # of, it would leave up to one in a hundred uncertain.
        raw = _in_singles(for_box, self.dropout(of_box)).flatten(2)
        stride = self.reductions[level]
        distances = (raw * self.scales[level].float()).clamp(-FURTHEST, FURTHEST).exp()
        by_axis = torch.tensor(stride, dtype=torch.float32, device=maps.device).view(1, -1, 1)
        below, above = distances.chunk(2, dim=1)  # (B, D, N)
        size = tuple(maps.shape[2:])
        centre = cell_centres(size, stride, maps.device).expand_as(below)
        return Cells(
            logits,
            centre - by_axis * below,
            centre + by_axis * above,
            centre,
            torch.full_like(centre[:, :1], float(max(stride))),
        )


def _in_singles(layer: nn.Module, maps: Tensor) -> Tensor:
    """Compute a layer in single precision where its weights are, whatever the rest is in."""
    answers: Tensor
    if maps.is_meta or next(layer.parameters()).dtype is not torch.float32:
        answers = layer(maps)
    else:
        with torch.autocast(maps.device.type, enabled=False):
            answers = layer(maps.float())
    return answers.float()


def _answer(wide: int, outputs: int, rank: int, first_bias: float) -> nn.Module:
    """Make a last layer whose bias starts at a number of its own (see `seed_weights`)."""
    layer = convolution(wide, outputs, (1,) * rank, bias=True)
    layer.first_bias = first_bias  # type: ignore[assignment]  # torch types new attributes as modules
    return layer
