"""Changes of predicted labels after the network: stray pieces are dropped, holes filled."""

from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from scanwright.base import Catalog, Options, option
from scanwright.inference.outlines import Mask, Outlines


class Refinement(Protocol):
    """A change of the labels of one case."""

    kind: ClassVar[str]

    def apply(self, outlines: Outlines) -> None:
        """Change the labels in place."""


class KeepLargest(Options):
    """Keep only the largest piece of what is outlined; elements that touch at a corner are one."""

    kind: ClassVar[str] = "keep_largest"

    names: tuple[str, ...] = option(
        (), help="Names that are looked at together, as one piece or more; none for all."
    )

    def apply(self, outlines: Outlines) -> None:
        """Drop what is not on the largest piece."""
        names = outlines.chosen(self.names)
        union = outlines.mask(names[0])
        for name in names[1:]:
            union |= outlines.mask(name)
        box = _box(union)
        pieces, sizes = _pieces(union[box])
        if len(sizes) <= 2:
            return  # one piece at most
        astray = pieces != 1 + int(sizes[1:].argmax())
        for name in names:
            where = outlines.mask(name)
            where[box] &= astray
            outlines.drop(name, where)


class DropSmall(Options):
    """Drop pieces below a size; elements that touch at a corner are one piece."""

    kind: ClassVar[str] = "drop_small"

    below_mm: float = option(
        ..., low=0, unit="mm³", help="Volume of a piece, or its area in mm² in a plane."
    )
    names: tuple[str, ...] = option((), help="Names whose pieces are looked at; none for all.")

    def apply(self, outlines: Outlines) -> None:
        """Drop small pieces of each name."""
        for name in outlines.chosen(self.names):
            where = outlines.mask(name)
            box = _box(where)
            pieces, sizes = _pieces(where[box])
            is_small = sizes * outlines.element_mm < self.below_mm
            is_small[0] = False
            where[box] = is_small[pieces]
            outlines.drop(name, where)


class FillHoles(Options):
    """Fill what a name encloses, unless another name that excludes it lies there.

    A hole is enclosed when no way leads out of it by faces of elements.
    """

    kind: ClassVar[str] = "fill_holes"

    below_mm: float | None = option(
        None, low=0, unit="mm³", help="Holes of this size (area in a plane) and above stay open."
    )
    names: tuple[str, ...] = option((), help="Names whose holes are filled; none for all.")

    def apply(self, outlines: Outlines) -> None:
        """Fill the holes of each name."""
        for name in outlines.chosen(self.names):
            where = outlines.mask(name)
            box = _box(where)
            holes, sizes = _pieces(~where[box], corners=False)
            fills = np.ones(len(sizes), dtype=bool)
            if self.below_mm is not None:
                fills = sizes * outlines.element_mm < self.below_mm
            fills[0] = False
            fills[_at_border(holes)] = False
            where[:] = False
            where[box] = fills[holes]
            outlines.fill(name, where)


AnyRefinement = type[KeepLargest] | type[DropSmall] | type[FillHoles]

REFINEMENTS: Catalog[AnyRefinement] = Catalog(
    "refinement",
    {cls.kind: cls for cls in (KeepLargest, DropSmall, FillHoles)},
    group="scanwright.refinements",
)
"""Every kind of refinement by the name it has in a recipe."""


def _box(mask: Mask) -> tuple[slice, ...]:
    """Return the smallest box around a mask; an empty one for an empty mask."""
    box = []
    for axis in range(mask.ndim):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        places = np.flatnonzero(mask.any(axis=others))
        box.append(slice(int(places[0]), int(places[-1]) + 1) if len(places) else slice(0, 0))
    return tuple(box)


def _pieces(
    mask: Mask, *, corners: bool = True
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Number the pieces of a mask from 1; return the numbers and how many elements each has."""
    from scipy import ndimage

    reach = mask.ndim if corners else 1
    pieces, count = ndimage.label(mask, ndimage.generate_binary_structure(mask.ndim, reach))
    return pieces, np.bincount(pieces.ravel(), minlength=count + 1)


def _at_border(pieces: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the numbers of pieces that touch the border of the array."""
    if pieces.size == 0:
        return np.zeros(0, dtype=np.int32)
    faces = [pieces.take(end, axis=axis).ravel() for axis in range(pieces.ndim) for end in (0, -1)]
    return np.unique(np.concatenate(faces))
