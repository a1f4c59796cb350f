"""A network that finds boxes, light enough for a processor, for any rank and any size."""

from torch import Tensor, nn

from scanwright.nets.blocks import Axes, convolution, normalisation, rising, scaled
from scanwright.nets.detector_head import DetectorHead
from scanwright.nets.detector_plan import MULTIPLE, DetectorPlan
from scanwright.nets.network import Network
from scanwright.nets.options import NetworkOptions, Norm
from scanwright.nets.pyramid import Pyramid, separable_block
from scanwright.nets.unet import own_norm
from scanwright.nets.unet_blocks import convolution_stage, covering, residual_stage
from scanwright.nets.unet_plan import per_stage

PYRAMID_WIDTH = 64
DEPTH = 2


class Detector(Network):
    """A network that proposes a box and says how sure it is of it, for each cell.

    Parameters
    ----------
    options
        What it was built from.
    trunk
        The way down and the pyramid.
    head
        From the levels of the pyramid to the answers of all cells.
    """

    def __init__(self, options: NetworkOptions, trunk: Pyramid, head: DetectorHead) -> None:
        super().__init__(options, trunk, head)

    def levels(self, images: Tensor) -> tuple[Tensor, ...]:
        """Return the maps (B, F, *smaller space) of each level, which `head` takes."""
        levels: tuple[Tensor, ...] = self.trunk(self.entry(images))
        return levels

    def features(self, images: Tensor) -> Tensor:
        """Return the maps of the finest level: (B, C, *space) → (B, F, *space / stride).

        The head needs those of all levels: see `levels`.
        """
        return self.levels(images)[0]

    def forward(self, images: Tensor) -> Tensor:
        """Return what every cell answers.

        Parameters
        ----------
        images
            Shape (B, C, *space).

        Returns
        -------
        Shape (B, K + 3 · D + 1, N), in single precision; `split_cells` takes it apart.
        """
        outputs: Tensor = self.head(self.levels(images))
        return outputs


def detector(options: NetworkOptions) -> Network:
    """Build the detector: residual stages, a feature pyramid, one head for all its levels.

    Few maps at full size and dense convolutions on the way down, separable ones 64 wide in the
    pyramid and the head, batch normalisation: where a processor's time goes. No anchors: each
    cell answers for itself.

    Raises
    ------
    RecipeError
        The input is too small, lists of stages differ in length, or a level is at no stage's
        stride.
    """
    plan = DetectorPlan.of_options("detector", options)
    norm = own_norm(options, "batch")
    wide = scaled(PYRAMID_WIDTH, options.width, multiple=MULTIPLE)
    once: Axes = (1,) * options.rank
    laterals: list[nn.Module] = [
        nn.Sequential(convolution(maps, wide, once), normalisation(options.rank, wide, norm))
        for maps in plan.stages.features[plan.levels[0] :]
    ]
    smooth: list[nn.Module] = [
        separable_block(wide, (3,) * options.rank, norm) for _ in plan.levels
    ]
    trunk = Pyramid(
        _stages(options, plan, norm), laterals, plan.stages.strides, plan.levels, smooth
    )
    reductions = tuple(plan.reductions[level] for level in plan.levels)
    return Detector(options, trunk, DetectorHead(options, wide, norm, reductions))


def _stages(options: NetworkOptions, plan: DetectorPlan, norm: Norm) -> list[nn.Module]:
    """Make the stem, of plain convolutions, and the residual stages that follow it."""
    strides, kernels, features = plan.stages.strides, plan.stages.kernels, plan.stages.features
    own = (1 + (plan.levels[0] == 0), *(DEPTH,) * (len(strides) - 1))
    depth = per_stage("depth", options.depth, own)
    drops = rising(options.drop_path, sum(depth[1:]))
    stem = (options.channels, features[0])
    stages: list[nn.Module] = [
        convolution_stage(stem, covering(kernels[0], strides[0]), strides[0], norm, depth[0])
    ]
    for stage in range(1, len(strides)):
        kernel = covering(kernels[stage], strides[stage])
        before = sum(depth[1:stage])
        chances = drops[before : before + depth[stage]]
        wide = (features[stage - 1], features[stage])
        stages.append(residual_stage(wide, kernel, strides[stage], norm, chances))
    return stages
