"""U-Nets for any rank and any size: one logit per output for each element of the input."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from scanwright.nets.blocks import Axes, rising
from scanwright.nets.network import Network
from scanwright.nets.options import NetworkOptions, Norm, refuse_knobs
from scanwright.nets.unet_blocks import (
    ConvolutionBlock,
    answer,
    convolution_stage,
    covering,
    cropped_like,
    enlargement,
    residual_stage,
)
from scanwright.nets.unet_plan import FIRST_WIDTH, WIDEST, UNetPlan, per_stage

RESIDUAL_DEPTH = (1, 3, 4, 6, 6, 6, 6, 6, 6, 6)
PLAIN_DEPTH = 2
RESIDUAL_DECODER_DEPTH = 1
LIGHT_WIDTH = 16
LIGHT_WIDEST = 128

Stage = Callable[[int], nn.Module]
"""Makes stage number i of the way down."""


class UNetTrunk(nn.Module):
    """The way down to the smallest stage and back up, with a bridge at each size.

    Parameters
    ----------
    down
        Stages from full size to the smallest; each takes the maps of the one before.
    up
        Enlargements, from that back to the first stage to that out of the smallest.
    joins
        What mixes the enlarged maps with those that came over the bridge; as many as `up`.
    """

    def __init__(self, down: list[nn.Module], up: list[nn.Module], joins: list[nn.Module]) -> None:
        super().__init__()
        self.down = nn.ModuleList(down)
        self.up = nn.ModuleList(up)
        self.joins = nn.ModuleList(joins)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Take shape (B, C, *space), give the joined maps of each stage, the largest first."""
        maps = images
        bridges = []
        for stage in self.down:
            maps = stage(maps)
            bridges.append(maps)
        maps = bridges.pop()
        joined = []
        for enlarge, join in zip(reversed(self.up), reversed(self.joins), strict=True):
            bridge = bridges.pop()
            maps = join(torch.cat([cropped_like(enlarge(maps), bridge), bridge], dim=1))
            joined.append(maps)
        return tuple(reversed(joined))


class UNet(Network):
    """A network that answers for each element of its input.

    Parameters
    ----------
    options
        What it was built from. With `deep_supervision` it answers at several sizes while it is
        being trained.
    trunk
        The way down and up.
    head
        From the largest maps to logits.
    coarse_heads
        From the smaller maps to logits, the larger first; only with deep supervision.
    """

    def __init__(
        self,
        options: NetworkOptions,
        trunk: UNetTrunk,
        head: nn.Module,
        coarse_heads: list[nn.Module],
    ) -> None:
        super().__init__(options, trunk, head)
        self.coarse_heads = nn.ModuleList(coarse_heads)

    def features(self, images: Tensor) -> Tensor:
        """Return the maps before the last layer: (B, C, *space) → (B, F, *space / stem)."""
        maps: Tensor = self.trunk(self.entry(images))[0]
        return maps

    # The base answers with one tensor: this network too, except in training under supervision.
    def forward(self, images: Tensor) -> Tensor | tuple[Tensor, ...]:  # type: ignore[override]
        """Return logits for each element.

        Parameters
        ----------
        images
            Shape (B, C, *space).

        Returns
        -------
        Shape (B, outputs, *space); in training with deep supervision a tuple of logits, the
        finest first, each coarser one at its own size.
        """
        levels = self.trunk(self.entry(images))
        finest = cropped_like(self.head(levels[0]), images)
        if not self.training or not self.coarse_heads:
            return finest
        coarser = zip(self.coarse_heads, levels[1:], strict=False)
        return finest, *(head(maps) for head, maps in coarser)


def unet(options: NetworkOptions) -> Network:
    """Build nnU-Net's plain U-Net: 2 convolutions a stage, 32 maps and doubling.

    Strided convolutions down, transposed ones up, instance normalisation, leaky rectifier, at
    most 320 maps (512 in 2-D); layer for layer the network of Isensee et al. 2021.

    Raises
    ------
    RecipeError
        The input is too small, lists of stages differ in length, or a setting is given that it
        lacks.
    """
    refuse_knobs("unet", options, ("stem_stride", "drop_path", "zero_last"))
    plan = UNetPlan.of_options("unet", options, first=FIRST_WIDTH, widest=WIDEST[options.rank])
    depth = per_stage("depth", options.depth, (PLAIN_DEPTH,) * len(plan.strides))
    norm = own_norm(options, "instance")
    widths = (options.channels, *plan.features)

    def stage(index: int) -> nn.Module:
        wide = (widths[index], widths[index + 1])
        kernel, stride = plan.kernels[index], plan.strides[index]
        return convolution_stage(wide, kernel, stride, norm, depth[index])

    return _assembled(options, plan, stage, norm, (PLAIN_DEPTH,) * (len(plan.strides) - 1))


def unet_residual(options: NetworkOptions) -> Network:
    """Build nnU-Net's U-Net with a residual encoder: 1, 3, 4, 6, 6, … blocks, a short way up.

    Layer for layer the "ResEnc" presets of Isensee et al. 2024, nnU-Net revisited.

    Raises
    ------
    RecipeError
        As for `unet`.
    """
    refuse_knobs("unet_residual", options, ("stem_stride",))
    plan = UNetPlan.of_options(
        "unet_residual", options, first=FIRST_WIDTH, widest=WIDEST[options.rank]
    )
    stages = len(plan.strides)
    depth = per_stage("depth", options.depth, RESIDUAL_DEPTH[:stages])
    norm = own_norm(options, "instance")
    drops = rising(options.drop_path, sum(depth))
    widths = (plan.features[0], *plan.features)

    def stage(index: int) -> nn.Module:
        wide = (widths[index], widths[index + 1])
        kernel, stride = plan.kernels[index], plan.strides[index]
        first = sum(depth[:index])
        blocks = residual_stage(wide, kernel, stride, norm, drops[first : first + depth[index]])
        if index:
            return blocks
        stem = ConvolutionBlock(options.channels, wide[0], kernel, (1,) * options.rank, norm)
        return nn.Sequential(stem, *blocks)

    return _assembled(options, plan, stage, norm, (RESIDUAL_DECODER_DEPTH,) * (stages - 1))


def unet_light(options: NetworkOptions) -> Network:
    """Build a U-Net for CPUs: 16 maps at full size, one convolution there, batch normalisation.

    Most of a U-Net's time goes into its largest maps, and on a CPU it goes into moving them:
    so those are few and touched seldom. No stage has more than 128: in 2-D, moving the weights
    of wider ones takes more of a step than the little that is left to see there. Batch
    normalisation costs a third of instance normalisation where channels are stored last, and
    can be folded into the convolutions after training. With `stem_stride` the network works on
    a coarser grid and learns to enlarge its answer, for images much finer than what is sought.

    Raises
    ------
    RecipeError
        As for `unet`.
    """
    refuse_knobs("unet_light", options, ("drop_path", "zero_last"))
    plan = UNetPlan.of_options(
        "unet_light",
        options,
        first=LIGHT_WIDTH,
        widest=LIGHT_WIDEST,
        stem=options.stem_stride or 1,
    )
    stages = len(plan.strides)
    depth = per_stage("depth", options.depth, (1, *(PLAIN_DEPTH,) * (stages - 1)))
    norm = own_norm(options, "batch")
    widths = (options.channels, *plan.features)

    def stage(index: int) -> nn.Module:
        wide = (widths[index], widths[index + 1])
        kernel, stride = plan.kernels[index], plan.strides[index]
        return convolution_stage(wide, covering(kernel, stride), stride, norm, depth[index])

    return _assembled(options, plan, stage, norm, (1,) * (stages - 1))


def own_norm(options: NetworkOptions, own: Norm) -> Norm:
    """Return the normalisation that is asked for, or the network's own."""
    return own if options.norm == "own" else options.norm


def _assembled(
    options: NetworkOptions,
    plan: UNetPlan,
    stage: Stage,
    norm: Norm,
    decoder_depth: tuple[int, ...],
) -> Network:
    """Put the stages together with the way up and the last layers."""
    stages = len(plan.strides)
    counts = per_stage("decoder_depth", options.decoder_depth, decoder_depth)
    up: list[nn.Module] = []
    joins: list[nn.Module] = []
    for index in range(stages - 1):
        wide, deeper = plan.features[index], plan.features[index + 1]
        kernel = plan.kernels[index]
        up.append(enlargement(deeper, wide, plan.strides[index + 1]))
        joins.append(
            convolution_stage((2 * wide, wide), kernel, (1,) * options.rank, norm, counts[index])
        )
    trunk = UNetTrunk([stage(index) for index in range(stages)], up, joins)
    once: Axes = (1,) * options.rank
    head = answer(plan.features[0], options.outputs, plan.strides[0], options.dropout)
    coarse: list[nn.Module] = [
        answer(wide, options.outputs, once, options.dropout)
        for wide in plan.features[1 : max(1, stages - 2)]
    ]
    return UNet(options, trunk, head, coarse if options.deep_supervision else [])
