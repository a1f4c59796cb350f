"""The shape of a network that finds: its stages, and those at which it looks for boxes."""

import math
from dataclasses import dataclass
from typing import Self

from scanwright.base import RecipeError
from scanwright.nets.blocks import Axes, scaled
from scanwright.nets.options import NetworkOptions, check_size
from scanwright.nets.unet_plan import KERNEL, UNetPlan, unet_features, unet_topology

FIRST_WIDTH = 16
WIDEST = 192
MULTIPLE = 4
STEM_STRIDE = 2
SMALLEST_INPUT = 16
LARGE_INPUT = 128
FINEST_OF_LARGE = 4
FINEST_OF_SMALL = 2
MOST_LEVELS = 3


@dataclass(frozen=True, slots=True)
class DetectorPlan:
    """The stages on the way down, and the levels of the pyramid that answer.

    Parameters
    ----------
    stages
        Strides, kernels and feature maps of each stage, the first with the stem's stride.
    levels
        Places of the stages that answer, the finest first.
    """

    stages: UNetPlan
    levels: tuple[int, ...]

    @property
    def reductions(self) -> tuple[Axes, ...]:
        """Reduction of each stage by axis, in elements of the input."""
        return _reductions(self.stages.strides)

    @classmethod
    def of_options(cls, name: str, options: NetworkOptions) -> Self:
        """Return what the options say, with the rules for what they leave open.

        The stem halves once, with nnU-Net's rules for coarse axes. Boxes are sought at three
        levels, from stride 4 in images of 128 or more along an axis and from stride 2 in
        smaller ones; one stage more is there for what surrounds them.

        Parameters
        ----------
        name
            Of the network, for messages.

        Raises
        ------
        RecipeError
            The input is too small, lists differ in length, or a level is at no stage's stride.
        """
        if max(options.size) < SMALLEST_INPUT:
            check_size(name, options, SMALLEST_INPUT)
        if options.strides is not None:
            strides = options.strides
            kernels = options.kernels or ((KERNEL,) * options.rank,) * len(strides)
        else:
            strides, kernels = _with_stem(name, options)
        levels = _levels(name, options, strides)
        if options.strides is None:
            # One stage beyond the coarsest level, which lets each cell know its surroundings.
            count = max(2, levels[-1] + 2)
            strides, kernels = strides[:count], kernels[:count]
        kernels = options.kernels or kernels
        features = options.features or unet_features(len(strides), FIRST_WIDTH, WIDEST)
        widths = tuple(scaled(wide, options.width, multiple=MULTIPLE) for wide in features)
        plan = cls(UNetPlan(tuple(strides), tuple(kernels), widths), levels)
        plan.stages.check(name, options)
        return plan


def _with_stem(name: str, options: NetworkOptions) -> tuple[tuple[Axes, ...], tuple[Axes, ...]]:
    """Return strides and kernels by nnU-Net's rules, with the first ones merged into a stem."""
    strides, kernels = unet_topology(options.size, options.spacing_mm)
    reach = [max(by) for by in _reductions(strides)]
    stem = options.stem_stride or min(STEM_STRIDE, reach[-2] if len(reach) > 1 else 1)
    if stem not in reach[:-1]:
        raise RecipeError(
            f'The stem of the network "{name}" halves its input a whole number of times.',
            got=stem,
            legal=", ".join(map(str, dict.fromkeys(reach[:-1]))),
            where="network.stem_stride",
        )
    first = reach.index(stem)
    merged = tuple(math.prod(axis) for axis in zip(*strides[: first + 1], strict=True))
    return (merged, *strides[first + 1 :]), kernels[first:]


def _levels(name: str, options: NetworkOptions, strides: tuple[Axes, ...]) -> tuple[int, ...]:
    """Return the places of the stages that answer."""
    reach = [max(by) for by in _reductions(strides)]
    # Of stages that are equally coarse along their coarsest axis, the last is meant.
    place = {stride: stage for stage, stride in enumerate(reach)}
    if options.levels is None:
        is_large = max(options.size) >= LARGE_INPUT
        finest = FINEST_OF_LARGE if is_large else FINEST_OF_SMALL
        able = [stage for stride, stage in place.items() if stride >= finest]
        return tuple(able[:MOST_LEVELS]) or (len(strides) - 1,)
    missing = [stride for stride in options.levels if stride not in place]
    if missing:
        raise RecipeError(
            f'The network "{name}" has no stage at the stride of a level.',
            got=", ".join(map(str, missing)),
            legal=", ".join(map(str, place)),
            next="name strides that are there, or take a larger input or a finer stem",
            where="network.levels",
        )
    return tuple(place[stride] for stride in options.levels)


def _reductions(strides: tuple[Axes, ...]) -> tuple[Axes, ...]:
    return tuple(
        tuple(math.prod(axis) for axis in zip(*strides[: stage + 1], strict=True))
        for stage in range(len(strides))
    )
