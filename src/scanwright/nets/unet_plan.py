"""The shape of a U-Net: how each stage shrinks its input, from the size and the spacing."""

import math
from dataclasses import dataclass
from typing import Self

from scanwright.base import RecipeError
from scanwright.nets.blocks import Axes, scaled
from scanwright.nets.options import NetworkOptions, check_size

SMALLEST_EDGE = 4
LONELY_EDGE = 12
SMALLEST_INPUT = 8
COARSE = 2.0
FIRST_WIDTH = 32
WIDEST = {1: 512, 2: 512, 3: 320}
KERNEL = 3


@dataclass(frozen=True, slots=True)
class UNetPlan:
    """The stages of a U-Net from full size to smallest.

    Parameters
    ----------
    strides
        Reduction on entering each stage by axis; that of the first is 1 unless it has a stem.
    kernels
        Kernel of the convolutions in each stage by axis.
    features
        Feature maps of each stage.
    """

    strides: tuple[Axes, ...]
    kernels: tuple[Axes, ...]
    features: tuple[int, ...]

    @property
    def reduction(self) -> Axes:
        """How many elements of the input the smallest stage sees as one, by axis."""
        return tuple(math.prod(column) for column in zip(*self.strides, strict=True))

    @classmethod
    def of_options(
        cls, name: str, options: NetworkOptions, *, first: int, widest: int, stem: int = 1
    ) -> Self:
        """Return what the options say, with the rules for what they leave open.

        Parameters
        ----------
        name
            Of the network, for messages.
        first, widest
            Feature maps of the first stage, and the most that a stage may have.
        stem
            Stride on entering the first stage, where the options do not say.

        Raises
        ------
        RecipeError
            The input is too small, or the lists differ in length or rank.
        """
        if options.strides is None:
            check_size(name, options, SMALLEST_INPUT * stem)
        size = tuple(math.ceil(edge / stem) for edge in options.size)
        strides, kernels = unet_topology(size, options.spacing_mm)
        strides = options.strides or ((stem,) * options.rank, *strides[1:])
        if options.kernels is not None:
            kernels = options.kernels
        elif options.strides is not None:
            kernels = ((KERNEL,) * options.rank,) * len(strides)
        features = options.features or unet_features(len(strides), first, widest)
        plan = cls(strides, kernels, tuple(scaled(wide, options.width) for wide in features))
        plan.check(name, options)
        return plan

    def check(self, name: str, options: NetworkOptions) -> None:
        """Check that the stages fit each other and the input.

        Raises
        ------
        RecipeError
            They do not.
        """
        stages = len(self.strides)
        if stages < 2 or len(self.kernels) != stages or len(self.features) != stages:
            raise RecipeError(
                f'The network "{name}" needs strides, kernels and features for each stage.',
                got=f"{stages}, {len(self.kernels)} and {len(self.features)} of them",
                legal="equally many, 2 or more",
                where="network.strides",
            )
        reduced = tuple(1 if by == 1 else 2 * by for by in self.reduction)
        if any(edge < least for edge, least in zip(options.size, reduced, strict=True)):
            nearest = " × ".join(
                str(max(edge, least)) for edge, least in zip(options.size, reduced, strict=True)
            )
            raise RecipeError(
                f'The input is too small for the strides of the network "{name}".',
                got=" × ".join(map(str, options.size)),
                legal=f"{max(reduced)} or more where it is reduced by half of that; "
                f"nearest: {nearest}",
                next="take a larger window, or fewer stages",
                where="network.strides",
            )


def unet_topology(
    size: Axes, spacing_mm: tuple[float, ...] | None = None
) -> tuple[tuple[Axes, ...], tuple[Axes, ...]]:
    """Decide strides and kernels of each stage by nnU-Net's rules.

    An axis is halved while its edge is 8 or more and its spacing is below twice the finest of
    the axes that can still be halved; the last axis that is left must have 12. A kernel is 1
    along an axis until its spacing is within a factor of 2 of the finest, then 3; the smallest
    stage has 3 throughout (Isensee et al. 2021, nnU-Net, supplementary note 2).

    Returns
    -------
    Strides and kernels, one of each per stage, the first stride being 1.

    Examples
    --------
    >>> strides, kernels = unet_topology((16, 128, 128), (5.0, 1.0, 1.0))
    >>> strides
    ((1, 1, 1), (1, 2, 2), (1, 2, 2), (2, 2, 2), (2, 2, 2), (1, 2, 2))
    >>> kernels[:3]
    ((1, 3, 3), (1, 3, 3), (3, 3, 3))
    """
    spacing = spacing_mm or (1.0,) * len(size)
    strides: list[Axes] = [(1,) * len(size)]
    kernels: list[Axes] = []
    kernel: Axes = (1,) * len(size)
    while True:
        stride = _halved(size, spacing)
        if max(stride) == 1:
            return tuple(strides), (*kernels, (KERNEL,) * len(size))
        finest = min(spacing)
        kernel = tuple(
            KERNEL if step / finest < COARSE else edge
            for step, edge in zip(spacing, kernel, strict=True)
        )
        kernels.append(kernel)
        strides.append(stride)
        spacing = tuple(step * by for step, by in zip(spacing, stride, strict=True))
        size = tuple(math.ceil(edge / by) for edge, by in zip(size, stride, strict=True))


def unet_features(stages: int, first: int = FIRST_WIDTH, widest: int = 320) -> tuple[int, ...]:
    """Return feature maps that double from stage to stage up to a limit.

    >>> unet_features(6)
    (32, 64, 128, 256, 320, 320)
    """
    return tuple(min(widest, first * 2**stage) for stage in range(stages))


def per_stage(knob: str, asked: tuple[int, ...] | None, own: tuple[int, ...]) -> tuple[int, ...]:
    """Return what is asked for each stage.

    Raises
    ------
    RecipeError
        It is asked for another number of stages.
    """
    if asked is not None and len(asked) != len(own):
        raise RecipeError(
            f"The network needs {knob} for each of its stages.",
            got=f"{len(asked)} numbers",
            legal=f"{len(own)} numbers",
            where=f"network.{knob}",
        )
    return asked or own


def _halved(size: Axes, spacing: tuple[float, ...]) -> Axes:
    """Return 2 for every axis that is to be halved now, else 1."""
    able = [edge >= 2 * SMALLEST_EDGE for edge in size]
    if not any(able):
        return (1,) * len(size)
    finest = min(step for step, can in zip(spacing, able, strict=True) if can)
    chosen = [can and step / finest < COARSE for step, can in zip(spacing, able, strict=True)]
    # With one axis left, halving pays only while something remains to be seen along it.
    lonely = [edge for edge, can in zip(size, chosen, strict=True) if can]
    if len(size) > 1 and len(lonely) == 1 and lonely[0] < LONELY_EDGE:
        return (1,) * len(size)
    return tuple(2 if can else 1 for can in chosen)
