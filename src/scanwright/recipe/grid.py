"""Which grid windows are cut from: order of axes, spacing, and how values are put on one scale.

The rules are those of Isensee et al. 2021, nnU-Net, supplementary note 2, in our own words; what
time, cores and memory add to them stands in `window.py`.
"""

from dataclasses import dataclass, replace
from typing import Any, Protocol

from scanwright.recipe.fingerprint import Fingerprint
from scanwright.recipe.masks import AXES, MaskFacts
from scanwright.recipe.preprocess import Reasons, Steps

COARSE = 3.0
"""An axis this many times coarser than the others, and shorter, is treated apart."""
UNEQUAL = 2.0
"""From this ratio of spacings on, the coarsest axis comes first."""
WORTH_CUTTING = 0.95
"""Images are cut to where they are not 0 if this share or less is left."""
MOSTLY_EMPTY = 0.75
"""Below this share, 0 stands for "nothing measured", and is left out of mean and deviation."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The grid that windows are cut from.

    Parameters
    ----------
    axes
        Patient directions, slow axis first; empty where nothing is turned.
    size
        Median edges.
    spacing_mm
        One length per axis; of equal steps of 1 where none is known.
    is_physical
        Whether the spacing is known.
    coarse_axis
        The axis that is treated apart, or None.
    reason
        Why this spacing.
    """

    axes: str
    size: tuple[int, ...]
    spacing_mm: tuple[float, ...]
    is_physical: bool
    coarse_axis: int | None
    reason: str

    def coarser(self, factor: float) -> "Grid":
        """Return the grid with larger elements; the finest axes first, so that they become alike.

        A coarse axis stays as it is until the others have come up to it.
        """
        coarsest = min(self.spacing_mm) * factor
        spacing = tuple(max(step, coarsest) for step in self.spacing_mm)
        size = tuple(
            max(1, round(edge * old / new))
            for edge, old, new in zip(self.size, self.spacing_mm, spacing, strict=True)
        )
        return replace(self, size=size, spacing_mm=spacing)


class GridFacts(Protocol):
    """What a grid is chosen by: medians over the images of a set, and how fine the finest are."""

    @property
    def size(self) -> tuple[int, ...]:
        """Median edges."""

    @property
    def spacing_mm(self) -> tuple[float, ...]:
        """Median spacing, where known."""

    @property
    def fine_mm(self) -> tuple[float, ...]:
        """10th percentile of the spacing, where known."""

    @property
    def is_physical(self) -> bool:
        """Whether all have a spacing."""


def choose_grid(facts: GridFacts) -> Grid:
    """Choose the spacing: the median of the set, finer along an axis of thick slices.

    Where one axis is three times coarser than the others and three times shorter, its spacing is
    the 10th percentile of the set, so that cases of thin slices keep what they show; but never
    finer than the others.
    """
    rank = len(facts.size)
    if not facts.is_physical:
        reason = "no spacing is known: elements are taken as they are"
        return Grid("", facts.size, (1.0,) * rank, False, None, reason)
    spacing, size = list(facts.spacing_mm), list(facts.size)
    reason = "the median of the set"
    coarse = _coarse_axis(facts)
    if coarse is not None:
        others = max(spacing[axis] for axis in range(rank) if axis != coarse)
        fine = max(facts.fine_mm[coarse], others)
        size[coarse] = max(1, round(size[coarse] * spacing[coarse] / fine))
        spacing[coarse] = fine
        reason += (
            f"; slices {facts.spacing_mm[coarse]:.3g} mm thick against {others:.3g} mm in the "
            f"plane: along them the 10th percentile, {fine:.3g} mm"
        )
    axes = AXES if rank == 3 else ""
    if rank == 3 and max(facts.spacing_mm) >= UNEQUAL * min(facts.spacing_mm):
        # Networks and augmentation take the first axis for that of the slices.
        first = max(range(rank), key=lambda axis: facts.spacing_mm[axis])
        order = [first, *(axis for axis in range(rank) if axis != first)]
        axes = "".join(AXES[axis] for axis in order)
        spacing, size = [spacing[axis] for axis in order], [size[axis] for axis in order]
        coarse = None if coarse is None else 0
    return Grid(axes, tuple(size), tuple(spacing), True, coarse, reason)


def steps_for(fingerprint: Fingerprint, grid: Grid) -> tuple[Steps, Reasons]:
    """Return the preprocessing: turn, cut, put on one scale, resample; each with its reason."""
    facts = fingerprint.masks
    assert facts is not None
    steps: Steps = []
    reasons: Reasons = {}

    def add(reason: str, kind: str, **options: Any) -> None:  # Any: options of different kinds
        reasons[f"preprocessing.{len(steps)}"] = f"{kind}: {reason}"
        steps.append({"kind": kind, **options})

    if fingerprint.channels != (channels_of(fingerprint),):
        alike = "red, green and blue are alike; one channel holds it all"
        mixed = "some images are grey and some not; all are made grey"
        add(alike if len(fingerprint.channels) == 1 else mixed, "grey")
    if grid.axes:
        add("volumes of any orientation are turned the same way", "orient", axes=grid.axes)
    if facts.kept <= WORTH_CUTTING:
        share = 100 * (1 - facts.kept)
        add(
            f"{share:.0f} % of the median image is 0 at its border",
            "crop_to_content",
            level="nonzero",
            least_share=0.0,
            margin=0,
        )
    _add_values(fingerprint, facts, add)
    if grid.is_physical:
        _add_spacing(grid, add)
    elif grid.size != facts.size:
        fit = "stretch" if fingerprint.aspect_spread < 1.05 else "pad"
        add(grid.reason, "resize", size=list(grid.size), fit=fit)
    return steps, reasons


def channels_of(fingerprint: Fingerprint) -> int:
    """Return the channels that the network sees.

    Three channels of pictures count as colour only where they differ; channels of volumes, and
    any other number of them, are what was measured.
    """
    if len(fingerprint.channels) != 1:
        return 1
    (channels,) = fingerprint.channels
    is_grey_in_colour = channels == 3 and fingerprint.rank == 2 and not fingerprint.has_colour
    return 1 if is_grey_in_colour else channels


def _coarse_axis(facts: GridFacts) -> int | None:
    rank = len(facts.size)
    if rank < 3:
        return None
    coarse = max(range(rank), key=lambda axis: facts.spacing_mm[axis])
    others = [axis for axis in range(rank) if axis != coarse]
    is_coarser = facts.spacing_mm[coarse] > COARSE * max(facts.spacing_mm[axis] for axis in others)
    is_shorter = facts.size[coarse] * COARSE < min(facts.size[axis] for axis in others)
    return coarse if is_coarser and is_shorter else None


def _add_values(fingerprint: Fingerprint, facts: MaskFacts, add: Any) -> None:  # Any: a closure
    # NIfTI names no unit: what is said to be CT, and is no picture of 8 bits, is in HU.
    may_be_hu = fingerprint.unit == "HU" or (not fingerprint.unit and fingerprint.dtype != "uint8")
    has_meaning = fingerprint.modality == "ct" and may_be_hu and facts.inside
    if has_meaning and all(channel.deviation > 0 for channel in facts.inside):
        add(
            "HU mean the same everywhere: clipped to 99 % of the values inside the outlines of "
            "the training cases, then their mean and deviation",
            "standardise",
            mean=[round(channel.mean, 4) for channel in facts.inside],
            deviation=[round(channel.deviation, 4) for channel in facts.inside],
            low=[round(channel.low, 4) for channel in facts.inside],
            high=[round(max(channel.high, channel.low + 1), 4) for channel in facts.inside],
        )
    elif facts.kept < MOSTLY_EMPTY:
        add(
            "values have no unit: each image gets mean 0 and deviation 1, measured where it is "
            "not 0",
            "zscore",
            inside="nonzero",
            background="zero",
        )
    else:
        add("values have no unit: each image gets mean 0 and deviation 1", "zscore")


def _add_spacing(grid: Grid, add: Any) -> None:  # Any: a closure
    words = " × ".join(f"{step:.3g}" for step in grid.spacing_mm)
    add(
        f"{words} mm, {grid.reason}",
        "resample",
        spacing_mm=[round(step, 6) for step in grid.spacing_mm],
        interpolation="cubic",
        coarse_above=COARSE,
    )
