"""What is asked of a network: the shape of its input, the number of its outputs, and its knobs."""

import math
from typing import Literal, Self

from pydantic import model_validator

from scanwright.base import Options, RecipeError, option

Norm = Literal["own", "batch", "group", "instance"]
"""How feature maps are normalised; "own" leaves it to the network."""

SIZE_SCALE_LOW = 0.0625
SIZE_SCALE_HIGH = 8.0


STAGE_KNOBS = ("strides", "kernels", "features")
OUTLINING_KNOBS = ("decoder_depth", "deep_supervision")
FINDING_KNOBS = ("levels",)
OTHERS_KNOBS = {
    "case": (*STAGE_KNOBS, *OUTLINING_KNOBS, *FINDING_KNOBS),
    "element": FINDING_KNOBS,
    "box": OUTLINING_KNOBS,
}
"""Knobs of networks that answer for something else than those of this kind, which are refused."""


class NetworkOptions(Options):
    """One network, described so that it can be built again.

    A knob left at its default is the network's own choice. A network that lacks a knob refuses
    it with a RecipeError rather than ignoring it.
    """

    rank: int = option(2, low=1, high=3, help="Number of spatial axes.")
    channels: int = option(1, low=1, help="Channels of the input image.")
    outputs: int = option(
        2, low=1, help="Numbers that the network gives for one case, or for each of its elements."
    )
    size: tuple[int, ...] = option((28, 28), help="Input edge by axis, slow axis first.", unit="px")
    spacing_mm: tuple[float, ...] | None = option(
        None, help="Input spacing by axis; unequal spacing delays pooling.", unit="mm"
    )
    width: float = option(
        1.0, low=SIZE_SCALE_LOW, high=SIZE_SCALE_HIGH, help="Factor on the number of channels."
    )
    depth: tuple[int, ...] | None = option(None, help="Blocks in each stage.")
    stem_stride: int | None = option(
        None, low=1, high=8, help="Reduction before the first stage; chosen by size if not given."
    )
    decoder_depth: tuple[int, ...] | None = option(
        None, help="Convolutions in each stage on the way back to full size, largest stage first."
    )
    strides: tuple[tuple[int, ...], ...] | None = option(
        None, help="Reduction on entering each stage by axis; by size and spacing if not given."
    )
    kernels: tuple[tuple[int, ...], ...] | None = option(
        None, help="Kernel of each stage by axis; by spacing if not given."
    )
    features: tuple[int, ...] | None = option(
        None, help="Feature maps of each stage, before `width`; doubling if not given."
    )
    levels: tuple[int, ...] | None = option(
        None,
        help="Strides at which boxes are sought, finest first; by size if not given.",
        unit="px",
    )
    deep_supervision: bool = option(
        False, help="Answer at several sizes while training, for networks that outline."
    )
    norm: Norm = option("own", help="Normalisation of feature maps.")
    dropout: float = option(
        0.0, low=0, high=0.9, help="Chance that a feature is dropped before the last layer."
    )
    drop_path: float = option(
        0.0, low=0, high=0.9, help="Chance that the deepest residual block is skipped."
    )
    zero_last: bool = option(
        False, help="Start every residual block as the identity (its last factor is zero)."
    )
    standardise: bool = option(
        False, help="Give each image mean 0 and deviation 1 inside the network, before all else."
    )

    @model_validator(mode="after")
    def _check_axes(self) -> Self:
        if len(self.size) != self.rank or min(self.size) < 1:
            raise ValueError(f"size {self.size} needs {self.rank} positive edges, one per axis")
        if self.spacing_mm is not None and (
            len(self.spacing_mm) != self.rank
            or not all(0 < step < math.inf for step in self.spacing_mm)
        ):
            raise ValueError(f"spacing_mm {self.spacing_mm} needs {self.rank} positive lengths")
        for knob in ("depth", "decoder_depth", "features"):
            counts = getattr(self, knob)
            if counts is not None and (not counts or min(counts) < 1):
                raise ValueError(f"{knob} {counts} needs 1 or more in each stage")
        return self

    @model_validator(mode="after")
    def _check_levels(self) -> Self:
        levels = self.levels
        if levels is not None and (
            not levels or levels[0] < 1 or list(levels) != sorted(set(levels))
        ):
            raise ValueError(f"levels {levels} must rise from 1 or more, without repetition")
        return self

    @model_validator(mode="after")
    def _check_stages(self) -> Self:
        for knob in ("strides", "kernels"):
            stages = getattr(self, knob)
            if stages is None:
                continue
            if not stages or any(len(axes) != self.rank or min(axes) < 1 for axes in stages):
                raise ValueError(f"{knob} {stages} needs {self.rank} positive numbers per stage")
        if self.kernels is not None and any(
            edge % 2 == 0 for axes in self.kernels for edge in axes
        ):
            raise ValueError(f"kernels {self.kernels} must be odd, to have a centre")
        return self


def refuse_knobs(network: str, options: NetworkOptions, knobs: tuple[str, ...]) -> None:
    """Refuse the knobs that a network lacks.

    Raises
    ------
    RecipeError
        One of `knobs` is not at its default.
    """
    fields = NetworkOptions.model_fields
    for knob in knobs:
        value = getattr(options, knob)
        if value != fields[knob].default:
            raise RecipeError(
                f'The network "{network}" has no setting "{knob}".',
                got=value,
                legal=f"{knob} left out",
                next=f"leave {knob} out, or choose another network",
                where=f"network.{knob}",
            )


def check_size(network: str, options: NetworkOptions, smallest: int) -> None:
    """Check that no edge of the input is shorter than `smallest`.

    Raises
    ------
    RecipeError
        An edge is too short; the nearest legal size is named.
    """
    if min(options.size) < smallest:
        nearest = tuple(max(edge, smallest) for edge in options.size)
        raise RecipeError(
            f'The input is too small for the network "{network}".',
            got=_by(options.size),
            legal=f"{smallest} or more along every axis; nearest: {_by(nearest)}",
            next=f"resize to {_by(nearest)}, or choose another network",
            where="network.size",
        )


def _by(size: tuple[int, ...]) -> str:
    return " × ".join(map(str, size))
