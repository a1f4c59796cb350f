"""Grey values cut into levels, and a padded flat form in which every direction is one step.

Discretisation: IBSI reference manual (A. Zwanenburg et al., arXiv 1612.07003v11), section 2.7.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError
from scanwright.classical.region import Mask
from scanwright.image import Floats

Levels = npt.NDArray[np.int64]
"""Grey levels from 1 on; 0 is outside the region."""

Direction = tuple[int, ...]
"""A step along each axis, slow → fast."""


def cut_by_number(grey: Floats, mask: Mask, bins: int) -> Levels:
    """Cut the range inside the region into a fixed number of bins (IBSI K15C).

    Parameters
    ----------
    grey, mask
        Shape (*space).
    bins
        N_g; level = floor(N_g (x - min) / (max - min)) + 1, the maximum in the last bin.

    Returns
    -------
    Levels 1 to `bins`, 0 outside; a constant region is all of level 1.

    Examples
    --------
    >>> cut_by_number(np.array([0.0, 1.0, 2.0, 4.0]), np.ones(4, bool), 4).tolist()
    [1, 2, 3, 4]
    """
    if bins < 2:
        raise InputError("Texture needs at least two grey levels.", got=bins)
    inside = grey[mask]
    low, high = float(inside.min()), float(inside.max())
    levels = np.zeros(grey.shape, dtype=np.int64)
    if high <= low:
        levels[mask] = 1
        return levels
    scaled = np.floor(bins * (inside - low) / (high - low)).astype(np.int64) + 1
    levels[mask] = np.minimum(scaled, bins)
    return levels


def cut_by_width(grey: Floats, mask: Mask, width: float, low: float | None = None) -> Levels:
    """Cut values into bins of a fixed width (IBSI Q3RU).

    Parameters
    ----------
    width
        w_b; level = floor((x - low) / w_b) + 1.
    low
        Lower edge of the first bin; the minimum inside the region when not given. Values below
        it join the first bin.

    Examples
    --------
    >>> cut_by_width(np.array([0.0, 24.0, 25.0, 80.0]), np.ones(4, bool), 25.0).tolist()
    [1, 1, 2, 4]
    """
    if not width > 0:
        raise InputError("The width of a bin is positive.", got=width)
    inside = grey[mask]
    start = float(inside.min()) if low is None else low
    levels = np.zeros(grey.shape, dtype=np.int64)
    levels[mask] = np.maximum(np.floor((inside - start) / width).astype(np.int64) + 1, 1)
    return levels


def half_directions(rank: int) -> tuple[Direction, ...]:
    """Return one of each pair of opposite neighbours at Chebyshev distance 1: 4 in 2-D, 13 in 3-D.

    Examples
    --------
    >>> half_directions(2)
    ((0, 1), (1, -1), (1, 0), (1, 1))
    """
    everything = product((-1, 0, 1), repeat=rank)
    return tuple(step for step in everything if step > (0,) * rank)


@dataclass(frozen=True, slots=True)
class LevelGrid:
    """Levels with a border of one element of 0, laid out in one row.

    In this form a step in any direction is a step of a fixed number of places, and the border
    stops whatever would run from one line into the next; so 1-D, 2-D and 3-D are one body.

    Parameters
    ----------
    flat
        Shape (N,): levels, 0 outside.
    strides
        Places per step along each axis.
    count
        N_g: the highest level that counts.
    """

    flat: Levels
    strides: tuple[int, ...]
    count: int

    @classmethod
    def of(cls, levels: Levels, count: int | None = None) -> "LevelGrid":
        """Lay out levels, shape (*space); `count` defaults to the highest one."""
        padded = np.pad(levels, 1)
        strides = tuple(step // padded.itemsize for step in padded.strides)
        return cls(padded.ravel(), strides, int(levels.max()) if count is None else count)

    @property
    def elements(self) -> int:
        """Number of elements inside the region."""
        return int(np.count_nonzero(self.flat))

    def step(self, direction: Direction) -> int:
        """Return the places of a step in a direction."""
        pairs = zip(direction, self.strides, strict=True)
        return sum(length * stride for length, stride in pairs)
