"""Coarse to fine: where a coarse prediction found something, and which fine windows that leaves."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from scanwright.image import Geometry, MaskPrediction
from scanwright.inference.windows import Index, Tiling

BLOCK = 8
"""Edge, in elements, of the blocks for which it is kept whether anything was found there."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where anything was found, block by block.

    Parameters
    ----------
    blocks
        True where a block of 8 elements along each axis holds something.
    size, geometry
        The grid on which it was found.
    """

    blocks: npt.NDArray[np.bool_]
    size: Index
    geometry: Geometry

    @classmethod
    def by(cls, prediction: MaskPrediction) -> "Found":
        """Note where a prediction has anything but background."""
        blocks = prediction.labels.array.max(axis=0) != 0
        for axis in range(blocks.ndim):
            at = np.arange(0, blocks.shape[axis], BLOCK)
            blocks = np.logical_or.reduceat(blocks, at, axis=axis)
        return cls(blocks, prediction.labels.size, prediction.labels.geometry)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found."""
        return not bool(self.blocks.any())

    def misses(
        self, tiling: Tiling, geometry: Geometry, margin_mm: float
    ) -> Callable[[Index], bool]:
        """Return whether the window that begins at an index is farther off than a margin.

        Parameters
        ----------
        tiling, geometry
            The windows, and the grid in which they lie.
        margin_mm
            Windows that come this near to what was found are looked at. In units of elements where
            there is no physical size.
        """
        margin = tuple(margin_mm / mm for mm in self.geometry.spacing_mm)

        def is_missed(start: Index) -> bool:
            ends = [(at, at + edge - 1) for at, edge in zip(start, tiling.window, strict=True)]
            corners = self.geometry.to_index(geometry.to_world(list(product(*ends))))
            box = tuple(
                slice(_block(low - more, edge), _block(high + more, edge) + 1)
                for low, high, more, edge in zip(
                    corners.min(axis=0), corners.max(axis=0), margin, self.size, strict=True
                )
            )
            return not bool(self.blocks[box].any())

        return is_missed


def _block(place: float, edge: int) -> int:
    """Return the block in which a place lies, kept inside the grid."""
    return min(max(math.floor(place + 0.5), 0), edge - 1) // BLOCK
