"""Where a mask lies on the grid of its image: exactly, turned or cropped, or not at all."""

from dataclasses import dataclass

import numpy as np

from scanwright.image import Array, Floats, Frame, Geometry, Image

TOLERANCE = 0.1
"""Points of two grids are the same where they lie nearer than this part of the spacing.

Headers keep few digits: the affines of images and masks of one scan differ by some micrometres.
"""
SLAB_POINTS = 1 << 20
"""Points of the image mapped at once; bounds memory."""


@dataclass(frozen=True, slots=True)
class Placement:
    """How a mask whose points are points of the image is put on the image's grid.

    Parameters
    ----------
    order
        Axis of the mask that becomes each axis of the image.
    flips
        Whether each axis, after ordering, is reversed.
    start
        Index in the image of the mask's first element, after both.
    """

    order: tuple[int, ...]
    flips: tuple[bool, ...]
    start: tuple[int, ...]

    def apply(self, array: Array, size: tuple[int, ...]) -> Array:
        """Put an array of shape (*mask) on a grid of `size`; outside of it is 0."""
        turned = array.transpose(self.order)
        turned = turned[tuple(slice(None, None, -1 if flip else 1) for flip in self.flips)]
        if turned.shape == size and not any(self.start):
            return turned
        whole = np.zeros(size, dtype=array.dtype)
        stops = [first + length for first, length in zip(self.start, turned.shape, strict=True)]
        inside = [slice(max(a, 0), max(b, 0)) for a, b in zip(self.start, stops, strict=True)]
        cut = [
            slice(max(-first, 0), max(min(length, whole_length - first), 0))
            for first, length, whole_length in zip(self.start, turned.shape, size, strict=True)
        ]
        whole[tuple(inside)] = turned[tuple(cut)]
        return whole


def lie_alike(one: Geometry, other: Geometry, size: tuple[int, ...]) -> bool:
    """Whether the corners of two grids of one size lie together, as far as both can say.

    A grid without a place in the world, such as that of a PNG, lies wherever it is put.
    """
    if one.rank != other.rank:
        return False
    if Frame.PIXELS in (one.frame, other.frame):
        return True
    near = TOLERANCE * min(*one.spacing_mm, *other.spacing_mm)
    if one.frame is not other.frame:
        return bool(np.allclose(one.spacing_mm, other.spacing_mm, rtol=1e-3, atol=0))
    corners = _corners(size)
    gaps = np.linalg.norm(one.to_world(corners) - other.to_world(corners), axis=-1)
    return bool(gaps.max() <= near)


def find_placement(
    mask: Geometry, mask_size: tuple[int, ...], image: Geometry, size: tuple[int, ...]
) -> Placement | None:
    """Return how a mask is put on an image's grid without resampling, or None if it cannot be.

    Every point of the mask must be a point of the image, or lie outside of it by whole steps.
    """
    rank = len(size)
    if mask_size == size and lie_alike(mask, image, size):
        return Placement(tuple(range(rank)), (False,) * rank, (0,) * rank)
    if mask.rank != rank or not (mask.frame is image.frame is Frame.PATIENT):
        return None
    # Steps of the mask's axes, rows, and its first element, in index units of the image.
    origin = image.to_index(mask.origin_lps)
    unit = image.to_index(mask.to_world(np.eye(rank))) - origin
    steps, first = np.rint(unit), np.rint(origin)
    ends = (unit - steps) * (np.array(mask_size) - 1)[:, None]
    off = np.concatenate([(origin - first)[None], ends + origin - first])
    aside_mm = np.linalg.norm(image.to_world(origin) - np.array(mask.origin_lps))
    is_lattice = (
        _is_permutation(np.abs(steps))
        and np.abs(off).max() <= TOLERANCE
        and aside_mm <= TOLERANCE * min(image.spacing_mm)
    )
    if not is_lattice:
        return None
    order = tuple(int(axis) for axis in np.abs(steps).argmax(axis=0))
    flips = tuple(bool(steps[order[axis], axis] < 0) for axis in range(rank))
    start = tuple(
        int(first[axis]) - (mask_size[order[axis]] - 1 if flips[axis] else 0)
        for axis in range(rank)
    )
    return Placement(order, flips, start)


def resample_onto(mask: Image, geometry: Geometry, size: tuple[int, ...]) -> Array:
    """Return the mask's value nearest to each point of a grid, shape `size`; 0 outside of it."""
    array = mask.array[0]
    result = np.zeros(size, dtype=array.dtype)
    matrix, offset = _between(geometry, mask.geometry)
    limits = np.array(mask.size)
    plane = np.indices(size[1:]).reshape(len(size) - 1, -1).T
    step = max(1, SLAB_POINTS // max(1, len(plane)))
    for begin in range(0, size[0], step):
        rows = np.arange(begin, min(begin + step, size[0]))
        index = rows[:, None, None] * matrix[:, 0] + (plane @ matrix[:, 1:].T + offset)[None]
        near = np.rint(index).astype(np.int64)
        inside = np.all((near >= 0) & (near < limits), axis=-1)
        values = np.zeros(inside.shape, dtype=array.dtype)
        values[inside] = array[tuple(near[inside].T)]
        result[rows] = values.reshape(len(rows), *size[1:])
    return result


def grid_words(size: tuple[int, ...], geometry: Geometry) -> str:
    """Return a grid in words.

    >>> grid_words((4, 5), Geometry.pixels(2))
    '4 × 5 pixels'
    """
    words = " × ".join(map(str, size))
    if geometry.frame is Frame.PIXELS:
        return f"{words} pixels"
    words += " of " + " × ".join(f"{length:.4g}" for length in geometry.spacing_mm) + " mm"
    if geometry.frame is Frame.DETECTOR:
        return words
    origin = ", ".join(f"{value:.4g}" for value in geometry.origin_lps)
    sheared = "" if geometry.is_orthogonal else ", sheared"
    return f"{words}, axes {geometry.axes}{sheared}, origin ({origin})"


def _is_permutation(matrix: Floats) -> bool:
    ones = np.ones(len(matrix))
    is_zero_or_one = bool(np.isin(matrix, (0, 1)).all())
    return is_zero_or_one and bool(np.all(matrix @ ones == 1) and np.all(ones @ matrix == 1))


def _corners(size: tuple[int, ...]) -> Floats:
    grid = np.indices((2,) * len(size)).reshape(len(size), -1).T
    corners: Floats = grid * (np.array(size, dtype=np.float64) - 1)
    return corners


def _between(source: Geometry, target: Geometry) -> tuple[Floats, Floats]:
    """Return matrix and offset that take an index of one grid to an index of the other."""
    offset = target.to_index(source.origin_lps)
    columns = target.to_index(source.to_world(np.eye(source.rank))) - offset
    return columns.T, offset
