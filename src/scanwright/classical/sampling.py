"""One sampling for all images of a set, so that a feature means the same in each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scanwright.base import InputError
from scanwright.classical.options import FeatureOptions
from scanwright.image import Array, Geometry, Image
from scanwright.transforms import AxisMap, resample, resample_labels

LARGEST_TIMES = 2
"""A physical image may be this many times longer than the typical one before it is made coarser."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """The grid that images are brought to.

    Parameters
    ----------
    rank
        Number of axes that images must have.
    spacing_mm
        Step along every axis; None where not every image has a physical size.
    longest
        Elements along the longest edge: the target without `spacing_mm`, the limit with it.
    """

    rank: int
    spacing_mm: float | None
    longest: int

    @classmethod
    def choose(
        cls,
        sizes: Sequence[tuple[int, ...]],
        spacings: Sequence[tuple[float, ...] | None],
        options: FeatureOptions,
    ) -> "Sampling":
        """Choose the sampling of a set from its sizes and spacings.

        Where all have a spacing in mm: one isotropic step, the median of the finest steps, or
        wider if the median extent would not fit `longest`. Else the longest edge becomes
        `longest`, or the median longest edge if that is shorter.

        Raises
        ------
        InputError
            Images differ in the number of axes.
        """
        ranks = {len(size) for size in sizes}
        if len(ranks) != 1:
            raise InputError(
                "Images of different rank cannot be measured alike.", got=sorted(ranks)
            )
        rank = ranks.pop()
        longest = options.longest_of(rank)
        known = [spacing for spacing in spacings if spacing is not None]
        if len(known) < len(sizes):
            edges = [max(size) for size in sizes]
            return cls(rank, None, min(longest, int(np.median(edges))))
        pairs = zip(sizes, known, strict=True)
        extents = [max(n * mm for n, mm in zip(*pair, strict=True)) for pair in pairs]
        finest = float(np.median([min(spacing) for spacing in known]))
        step = max(finest, float(np.median(extents)) / longest)
        return cls(rank, step, LARGEST_TIMES * longest)

    def apply(self, image: Image, mask: Array | None = None) -> tuple[Image, Array | None]:
        """Bring an image, and its mask by vote, to the sampling; proportions are kept.

        Raises
        ------
        InputError
            The image has another number of axes.
        """
        if image.rank != self.rank:
            raise InputError("The image has another rank than its set.", got=image.rank)
        maps = self._maps(image)
        geometry = image.geometry.resized(image.size, tuple(axis.new for axis in maps))
        array = resample(image.array.astype(np.float32), maps, "linear")
        moved = image.with_grid(array, _with_steps(geometry, image.geometry, maps))
        if mask is None:
            return moved, None
        drawn = np.asarray(mask).reshape(1, *image.size) != 0
        return moved, resample_labels(drawn.astype(np.uint8), maps, "vote")[0]

    def _maps(self, image: Image) -> tuple[AxisMap, ...]:
        size = np.array(image.size, dtype=np.float64)
        if self.spacing_mm is None:
            step = np.full(self.rank, size.max() / self.longest)
        else:
            spacing = np.array(image.geometry.spacing_mm)
            step = self.spacing_mm / spacing
            step *= max(1.0, float((size / step).max()) / self.longest)
        new = np.maximum(1, np.round(size / step)).astype(int)
        return tuple(
            AxisMap.centred(old, count, width)
            for old, count, width in zip(image.size, new.tolist(), step.tolist(), strict=True)
        )


def _with_steps(geometry: Geometry, old: Geometry, maps: tuple[AxisMap, ...]) -> Geometry:
    """Return the geometry with exactly the steps taken; its origin may be off by half a step."""
    spacing = tuple(mm * axis.step for mm, axis in zip(old.spacing_mm, maps, strict=True))
    return Geometry(spacing, geometry.directions, geometry.origin_lps, geometry.frame)
