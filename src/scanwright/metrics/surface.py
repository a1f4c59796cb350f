"""How far two surfaces lie apart, by two definitions of what a surface is made of.

*Voxel centres*: the elements inside that have a face neighbour outside, each counting once (MONAI).
*Surface elements*: the corners where elements inside and outside meet, each counting by the area
that marching cubes lays there, in 2-D by its length (surface-distance; Nikolov et al. 2021).
Both take what lies beyond the image for outside. Numbers of the two must not be held against each
other: on thick slices they differ by a third.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError, ShapeError
from scanwright.image import Floats
from scanwright.metrics.statistic import Bools
from scanwright.metrics.surface_area import element_areas
from scanwright.metrics.surface_kernels import (
    fill_plane,
    kernel,
    lower_to,
    mark_corners,
    mark_voxels,
    measure_lines,
    search_near,
)

SurfaceKind = Literal["voxel centres", "surface elements"]
"""What a surface is made of."""

TIE = 1e-6
"""Relative slack by which a distance counts as within a tolerance: 3 × 0.1 mm is within 0.3 mm."""

LINES_NEARBY = 600
"""Lines searched around a point before the slower search through all slices takes over."""

Mask = npt.NDArray[Any]  # Any: claims, as booleans or as 0 and 1
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SurfaceDistances:
    """How far each piece of one surface lies from the other, in mm, unsorted.

    Where one surface is empty, the distances of the other's pieces are infinite.

    Parameters
    ----------
    of_truth
        Shape (N,): from the pieces of the true surface to the guessed one.
    of_guess
        Shape (M,): from the pieces of the guessed surface to the true one.
    truth_sizes, guess_sizes
        Shapes (N,) and (M,): area of each piece in mm² (mm in 2-D); None where each counts once.
    """

    of_truth: Floats = field(repr=False)
    of_guess: Floats = field(repr=False)
    truth_sizes: Floats | None = field(default=None, repr=False)
    guess_sizes: Floats | None = field(default=None, repr=False)

    @property
    def kind(self) -> SurfaceKind:
        """What the surfaces are made of."""
        return "voxel centres" if self.truth_sizes is None else "surface elements"

    def hausdorff(self, share: float = 0.95) -> float:
        """Return the larger of the two directed distances below which `share` of a surface lies.

        Voxel centres: the quantile between neighbours in order is interpolated linearly.
        Surface elements: the smallest distance that at least this share of the area keeps.
        1 gives the Hausdorff distance itself. NaN where both surfaces are empty, infinite where
        one is.

        Raises
        ------
        InputError
            `share` is not between 0 and 1.
        """
        if not 0 < share <= 1:
            raise InputError("A share lies between 0 and 1.", got=share, legal="0.95, say")
        ends = (
            _quantile(self.of_truth, self.truth_sizes, share),
            _quantile(self.of_guess, self.guess_sizes, share),
        )
        known = [end for end in ends if not np.isnan(end)]
        return max(known) if known else np.nan

    def average(self) -> float:
        """Return the average symmetric surface distance: the mean over the pieces of both.

        NaN where both surfaces are empty, infinite where one is.
        """
        total, sizes = 0.0, 0.0
        for distances, weights in self._both():
            total += float(distances.sum() if weights is None else weights @ distances)
            sizes += _total(distances, weights)
        return total / sizes if sizes else np.nan

    def within(self, tolerance_mm: float) -> float:
        """Return the normalised surface Dice: the share of both surfaces within a tolerance.

        NaN where both surfaces are empty, 0 where one is.

        Raises
        ------
        InputError
            The tolerance is negative or not finite.
        """
        if not 0 <= tolerance_mm < np.inf:
            raise InputError(
                "A tolerance is zero or more.", got=tolerance_mm, legal="millimetres, 2.0, say"
            )
        far, sizes = 0.0, 0.0
        for distances, weights in self._both():
            is_far = distances > tolerance_mm * (1 + TIE)
            far += _total(distances[is_far], None if weights is None else weights[is_far])
            sizes += _total(distances, weights)
        # What is far is counted, not what is close: where nothing is, the share is 1 exactly.
        return max(0.0, 1 - far / sizes) if sizes else np.nan

    def _both(self) -> tuple[tuple[Floats, Floats | None], tuple[Floats, Floats | None]]:
        return (self.of_truth, self.truth_sizes), (self.of_guess, self.guess_sizes)


def voxel_distances(
    truth: Mask, guess: Mask, spacing_mm: tuple[float, ...], ignored: Bools | None = None
) -> SurfaceDistances:
    """Measure how far two surfaces of voxel centres lie apart.

    Parameters
    ----------
    truth, guess
        Shape (Z, Y, X) or (Y, X); True, or 1, inside.
    spacing_mm
        One length per axis, slow axis first.
    ignored
        Same shape: True where the truth is unknown. There it is taken to be as guessed, and pieces
        in or beside such elements do not count.

    Raises
    ------
    ShapeError
        The arrays differ in shape, or have not two or three axes with a length each.

    Examples
    --------
    >>> truth, guess = np.zeros((9, 9), bool), np.zeros((9, 9), bool)
    >>> truth[2:6, 2:6], guess[2:6, 3:7] = True, True
    >>> voxel_distances(truth, guess, (1.0, 1.0)).hausdorff(1)
    1.0
    """
    return _measure(truth, guess, spacing_mm, ignored, _voxel_marks)


def element_distances(
    truth: Mask, guess: Mask, spacing_mm: tuple[float, ...], ignored: Bools | None = None
) -> SurfaceDistances:
    """Measure how far two surfaces made of surface elements lie apart.

    Parameters and errors are those of `voxel_distances`.
    """
    return _measure(truth, guess, spacing_mm, ignored, _corner_marks)


SURFACES: dict[SurfaceKind, Callable[..., SurfaceDistances]] = {
    "voxel centres": voxel_distances,
    "surface elements": element_distances,
}
"""What measures distances by each definition."""

Marks = tuple[Mask, Floats | None]
"""Where pieces of a surface lie, and the size of each pattern that `Mask` then holds."""


def _measure(
    truth: Mask,
    guess: Mask,
    spacing_mm: tuple[float, ...],
    ignored: Bools | None,
    mark: Callable[[Mask, tuple[float, ...]], Marks],
) -> SurfaceDistances:
    spacing = tuple(float(length) for length in spacing_mm)
    shapes = {truth.shape, guess.shape, truth.shape if ignored is None else ignored.shape}
    if len(shapes) > 1 or truth.ndim not in (2, 3) or len(spacing) != truth.ndim:
        raise ShapeError(
            "Truth and guess need one shape of two or three axes, and a spacing for each.",
            got=f"{truth.shape} and {guess.shape}, spacing {spacing}",
        )
    if not all(0 < length < np.inf for length in spacing):
        raise InputError("Spacings are positive.", got=spacing)
    box = _box(truth, guess)
    if box is None:
        sizes = None if mark is _voxel_marks else np.zeros(0)
        return SurfaceDistances(np.zeros(0), np.zeros(0), sizes, sizes)
    unknown = _padded(ignored, box) if ignored is not None and ignored[box].any() else None
    pads = [_padded(mask, box) for mask in (truth, guess)]
    if unknown is not None:
        pads[0] = np.where(unknown, pads[1], pads[0])
    marks = [mark(pad, spacing) for pad in pads]
    (of_truth, truth_sizes), (of_guess, guess_sizes) = (
        _directed(*own, other[0], spacing, _beside(unknown, own[0], truth.ndim == 2))
        for own, other in (marks, marks[::-1])
    )
    return SurfaceDistances(of_truth, of_guess, truth_sizes, guess_sizes)


def _box(truth: Mask, guess: Mask) -> tuple[slice, ...] | None:
    """Return the smallest box that holds both, with a margin of one; None where both are empty."""
    either = (truth != 0) | (guess != 0)
    slices = []
    for axis in range(either.ndim):
        found = np.flatnonzero(either.any(axis=tuple(a for a in range(either.ndim) if a != axis)))
        if not len(found):
            return None
        slices.append(slice(max(0, found[0] - 1), found[-1] + 2))
    return tuple(slices)


def _padded(mask: Mask, box: tuple[slice, ...]) -> Mask:
    """Return the box as 0 and 1 with three axes and a rim of zeros."""
    part = mask[box]
    whole = part if part.ndim == 3 else part[None]
    pad = np.zeros(tuple(length + 2 for length in whole.shape), dtype=np.uint8)
    np.not_equal(whole, 0, out=pad[1:-1, 1:-1, 1:-1], casting="unsafe")
    return pad


def _voxel_marks(pad: Mask, spacing: tuple[float, ...]) -> Marks:
    marks = np.zeros(tuple(length - 2 for length in pad.shape), dtype=np.uint8)
    kernel(mark_voxels)(pad, marks, len(spacing) == 2)
    return marks, None


def _corner_marks(pad: Mask, spacing: tuple[float, ...]) -> Marks:
    is_flat = len(spacing) == 2
    shape = tuple(length - 1 for length in pad.shape)
    codes = np.zeros((1, *shape[1:]) if is_flat else shape, dtype=np.uint8)
    kernel(mark_corners)(pad, codes, is_flat)
    return codes, element_areas(spacing)


def _beside(unknown: Mask | None, marks: Mask, is_flat: bool) -> Bools | None:
    """Return where a piece of surface would lie in or beside an element of unknown truth."""
    if unknown is None:
        return None
    if marks.shape[1] == unknown.shape[1] - 1:  # corners: any of the elements that meet there
        first = unknown[1:2] if is_flat else unknown[:-1] | unknown[1:]
        second = first[:, :-1] | first[:, 1:]
        return (second[:, :, :-1] | second[:, :, 1:]).astype(bool)
    inner = slice(1, -1)
    found = unknown[inner, inner, inner].copy()
    for axis in range(1 if is_flat else 0, 3):
        for side in (slice(None, -2), slice(2, None)):
            found |= unknown[tuple(side if a == axis else inner for a in range(3))]
    return found.astype(bool)


def _directed(
    marks: Mask,
    areas: Floats | None,
    others: Mask,
    spacing: tuple[float, ...],
    left_out: Bools | None,
) -> tuple[Floats, Floats | None]:
    """Return distance and size of each piece of one surface, as seen from it."""
    counted = marks if left_out is None else np.where(left_out, 0, marks)
    points = np.flatnonzero(counted != 0)  # of booleans it is many times faster
    sizes = None if areas is None else areas[counted.ravel()[points]]
    return _distances(points, others, spacing), sizes


def _distances(points: Places, marks: Mask, spacing: tuple[float, ...]) -> Floats:
    """Return the exact distance in mm from places in the flattened box to the nearest mark."""
    found = np.full(len(points), np.inf)
    if not len(points) or not marks.any():
        return found
    reach = np.empty(marks.shape, np.int16 if marks.shape[2] < 2**15 else np.int32)
    kernel(measure_lines)(marks, reach)
    full = (1.0,) * (3 - len(spacing)) + spacing
    steps, squares = _lines_around(full[:2], marks.shape[:2])
    left = kernel(search_near)(points, reach, steps, squares, full[2], found)
    if left:
        far = np.flatnonzero(found > squares[-1])
        found[far] = _search_far(points[far], reach, full, found[far])
    distances: Floats = np.sqrt(found)
    return distances


def _search_far(points: Places, reach: Mask, spacing: tuple[float, ...], found: Floats) -> Floats:
    """Return squared distances of points far from any mark, slice by slice."""
    plane = np.empty(reach.shape[:0:-1])
    wanted = np.zeros(reach.shape[2], dtype=bool)
    wanted[points % reach.shape[2]] = True
    for z in np.flatnonzero((reach[:, :, 0] < reach.shape[2]).any(axis=1)):
        kernel(fill_plane)(reach[z], wanted, np.array(spacing[1:]), plane)
        kernel(lower_to)(points, plane, z, spacing[0], found)
    return found


@lru_cache(maxsize=8)
def _lines_around(
    spacing: tuple[float, ...], shape: tuple[int, ...]
) -> tuple[npt.NDArray[np.int32], Floats]:
    """Return offsets along z and y from near to far, and their squared lengths, one more last."""
    area = LINES_NEARBY * spacing[0] * spacing[1]
    radius = np.sqrt(area / np.pi) if shape[0] > 1 else LINES_NEARBY * spacing[1] / 2
    ends = [min(length - 1, int(radius / mm)) for length, mm in zip(shape, spacing, strict=True)]
    is_whole = all(end == length - 1 for end, length in zip(ends, shape, strict=True))
    grid = np.mgrid[-ends[0] : ends[0] + 1, -ends[1] : ends[1] + 1].reshape(2, -1)
    squares = ((grid * np.array(spacing)[:, None]) ** 2).sum(axis=0)
    order = np.argsort(squares, kind="stable")
    if is_whole:
        limit = np.inf
    else:
        order = order[squares[order] <= radius**2]
        limit = radius**2
    return grid.T[order].astype(np.int32), np.append(squares[order], limit)


def _quantile(distances: Floats, sizes: Floats | None, share: float) -> float:
    if not len(distances):
        return np.nan
    if not np.isfinite(distances[0]):
        return np.inf
    if sizes is None:
        return float(np.quantile(distances, share))
    # Among equal distances the order of sizes decides how the sums round: as in surface-distance.
    order = np.lexsort((sizes, distances))
    sums = np.cumsum(sizes[order])
    place = int(np.searchsorted(sums / sizes.sum(), share))
    return float(distances[order[min(place, len(order) - 1)]])


def _total(distances: Floats, sizes: Floats | None) -> float:
    return float(len(distances) if sizes is None else sizes.sum())
