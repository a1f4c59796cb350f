"""The transform that turns index axes towards wanted patient directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import ClassVar

import numpy as np
from pydantic import field_validator

from scanwright.base import option
from scanwright.image import Frame, Geometry, Image
from scanwright.transforms.transform import Filling, GridTransform

DIRECTIONS = {
    "L": (0, 1), "R": (0, -1), "P": (1, 1), "A": (1, -1), "S": (2, 1), "I": (2, -1),
}  # fmt: skip
"""World axis (x, y, z of LPS) and sign of each letter."""


@dataclass(frozen=True, slots=True)
class Turned:
    """The old grid, the old axis at each new place, and which of the new axes are reversed."""

    old: Geometry
    order: tuple[int, ...]
    reversed: tuple[int, ...]


class Orient(GridTransform):
    """Turn and flip index axes so that they grow towards the given patient directions.

    No value changes. An image with fewer axes uses the letters nearest to its own, in their order.
    Images without a position in the patient stay as they are.
    """

    kind: ClassVar[str] = "orient"

    axes: str = option("SPL", help="Patient directions, slow axis first: one of L/R, P/A and S/I.")

    @field_validator("axes")
    @classmethod
    def _check_axes(cls, axes: str) -> str:
        letters = axes.upper()
        if sorted(DIRECTIONS.get(letter, (-1, 0))[0] for letter in letters) != [0, 1, 2]:
            raise ValueError("three letters, one each of L or R, P or A, S or I")
        return letters

    def learn(self, image: Image) -> Turned:
        """Return how the axes are to be turned."""
        if image.geometry.frame is not Frame.PATIENT:
            return Turned(image.geometry, tuple(range(image.rank)), ())
        cosines = _cosines(image.geometry, self.axes)  # (3 letters, D axes)
        order = _best_order(np.abs(cosines))
        chosen = [row for row in range(len(order)) if order[row] >= 0]
        turned = tuple(order[row] for row in chosen)
        flips = [axis for axis, row in enumerate(chosen) if cosines[row, order[row]] < 0]
        return Turned(image.geometry, turned, tuple(flips))

    def forward(self, image: Image, facts: Turned, filling: Filling) -> Image:
        """Turn one image."""
        del filling  # no value is made
        image = _permuted(image, facts.order)
        for axis in facts.reversed:
            image = image.flipped(axis)
        return image

    def backward(self, image: Image, facts: Turned, filling: Filling) -> Image:
        """Turn one image back."""
        del filling
        for axis in facts.reversed:
            image = image.flipped(axis)
        back = _permuted(image, tuple(np.argsort(facts.order).tolist()))
        return back.with_grid(back.array, facts.old)


def coarsest_first(axes: str, spacing_mm: Sequence[float]) -> str:
    """Return patient directions in the order of their spacing, the coarsest first.

    Networks that treat a coarse axis apart expect it in one place. Of equals the order stays.

    >>> coarsest_first("SPL", (0.8, 3.0, 0.8))
    'PSL'
    """
    order = sorted(range(len(axes)), key=lambda axis: -spacing_mm[axis])
    return "".join(axes[axis] for axis in order)


def _cosines(geometry: Geometry, axes: str) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    signed = [geometry.directions[DIRECTIONS[letter][0]] * DIRECTIONS[letter][1] for letter in axes]
    return np.array(signed)


def _best_order(
    closeness: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> tuple[int, ...]:
    """Return the index axis for each letter (-1: none) with the greatest sum of cosines."""
    letters, rank = closeness.shape
    axes = list(range(rank)) + [-1] * (letters - rank)
    padded = np.concatenate([closeness, np.zeros((letters, 1))], axis=1)
    candidates = sorted(set(permutations(axes)))
    return max(candidates, key=lambda order: padded[range(letters), order].sum())


def _permuted(image: Image, order: tuple[int, ...]) -> Image:
    if order == tuple(range(image.rank)):
        return image
    array = image.array.transpose(0, *(axis + 1 for axis in order))
    return image.with_grid(array, image.geometry.permuted(order))
