"""Straight walks of compiled resampling through volumes; a plane is a volume of one.

An output row is a straight walk through the input: where it enters and leaves the inside is known
beforehand, so that its long middle part needs no question about borders. Arrays are taken flat and
indices unsigned, which halves the time of compiling and of running: no views are made, and no
negative indices are thought of.
"""

import math

import numpy as np
import numpy.typing as npt

from scanwright.augmentation.compiled import compiled

Values = npt.NDArray[np.float32]
Labels = npt.NDArray[np.integer]
Maps = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Point = tuple[np.float32, np.float32, np.float32]
Size = tuple[int, int, int]
Frame = tuple[int, Size]
"""Where a volume begins in a flat array, and its size."""
Span = tuple[int, int]
Limits = tuple[np.float32, np.float32]
Ray = tuple[Point, Point]
"""Where a walk begins, and its step."""
Field = tuple[Values, int]
"""Offsets along all axes, flat, and the number of elements of one."""
Target = tuple[int, int, int]
"""Where a row begins in a flat array, and its first and last element but one that is meant."""

BORDER, REFLECT, ZEROS = 0, 1, 2
MARGIN = np.float32(1e-3)
"""Walks stop being called inside so many elements before they leave it, for rounding's sake."""
NIL, HALF, UNIT = np.float32(0), np.float32(0.5), np.float32(1)
ONE = np.uint64(1)


@compiled
def span(place: np.float32, step: np.float32, limits: Limits, first: int, last: int) -> Span:
    """Return which part of the steps [first, last) stays between two limits."""
    low, high = limits
    if step == 0:
        return (first, last) if low <= place < high else (first, first)
    enter, leave = (low + MARGIN - place) / step, (high - MARGIN - place) / step
    if enter > leave:
        enter, leave = leave, enter
    begin = max(first, math.ceil(min(max(enter, -UNIT), np.float32(last + 1))))
    end = min(last, math.floor(min(max(leave, -UNIT), np.float32(last + 1))) + 1)
    return begin, max(begin, end)


@compiled
def inside(ray: Ray, size: Size, length: int) -> Span:
    """Return the steps all of whose neighbours exist."""
    begin, step = ray
    first, last = span(begin[1], step[1], (NIL, np.float32(size[1] - 1)), 0, length)
    first, last = span(begin[2], step[2], (NIL, np.float32(size[2] - 1)), first, last)
    if is_plane(ray, size):
        return first, last
    return span(begin[0], step[0], (NIL, np.float32(size[0] - 1)), first, last)


@compiled
def is_plane(ray: Ray, size: Size) -> bool:
    """Whether a walk keeps to one plane of the input."""
    place = ray[0][0]
    return bool(ray[1][0] == 0 and place == np.floor(place) and 0 <= place < size[0])


@compiled
def near_span(ray: Ray, size: Size, length: int, outside: int) -> Span:
    """Return the steps that are not surely far outside, where that is a value known beforehand."""
    first, last = 0, length
    if outside == ZEROS:
        for axis in range(3):
            limits = (-UNIT - 2 * MARGIN, np.float32(size[axis]) + 2 * MARGIN)
            first, last = span(ray[0][axis], ray[1][axis], limits, first, last)
    return first, last


@compiled
def find_spans(where: Maps, size: Size, shape: tuple[int, int, int, int], spans: Ints) -> None:
    """Find what stays inside, and near, of all rows of a plane of the output.

    Parameters
    ----------
    where, size
        Map of the image, and its size.
    shape
        Number of the plane, its height and width, and the rule for what lies outside.
    spans
        Filled, shape (Y, 4): the first element near, the first inside, the end of those inside,
        and of those near.
    """
    z, height, width, outside = shape
    for y in range(height):
        ray = (begin_of(where, z, y), step_of(where))
        near, end = near_span(ray, size, width, outside)
        first, last = inside(ray, size, width)
        if last <= first:
            first = last = near
        spans[y, 0], spans[y, 1], spans[y, 2], spans[y, 3] = near, first, last, end


@compiled
def begin_of(where: Maps, z: int, y: int) -> Point:
    """Return where the walk of an output row begins in the input."""
    return (
        np.float32(where[0, 0] * z + where[0, 1] * y + where[0, 3]),
        np.float32(where[1, 0] * z + where[1, 1] * y + where[1, 3]),
        np.float32(where[2, 0] * z + where[2, 1] * y + where[2, 3]),
    )


@compiled
def step_of(where: Maps) -> Point:
    """Return the step from one element of an output row to the next."""
    return np.float32(where[0, 2]), np.float32(where[1, 2]), np.float32(where[2, 2])


@compiled
def along(ray: Ray, i: int) -> Point:
    """Return where step `i` of a walk is read."""
    begin, step = ray
    t = np.float32(i)
    return begin[0] + t * step[0], begin[1] + t * step[1], begin[2] + t * step[2]


@compiled
def bent_place(ray: Ray, field: Field, i: int, index: int) -> Point:
    """Return where step `i` of a walk is read, if the field at `index` is added."""
    begin, step = ray
    offsets, count = field
    t = np.float32(i)
    return (
        begin[0] + step[0] * t + offsets[np.uint64(index)],
        begin[1] + step[1] * t + offsets[np.uint64(count + index)],
        begin[2] + step[2] * t + offsets[np.uint64(2 * count + index)],
    )


@compiled
def fold(place: np.float32, length: int, outside: int) -> np.float32:
    """Bring a place back into the image by the rule for what lies outside."""
    if outside == REFLECT:  # about the outer edges of the first and last element
        place = abs(place + HALF)
        place -= np.floor(place / np.float32(2 * length)) * np.float32(2 * length)
        place = min(place, np.float32(2 * length) - place) - HALF
    if outside != ZEROS:
        place = min(max(place, NIL), np.float32(length - 1))
    return place


@compiled
def fold_all(place: Point, size: Size, outside: int) -> Point:
    """Bring a place back along all axes."""
    return (
        fold(place[0], size[0], outside),
        fold(place[1], size[1], outside),
        fold(place[2], size[2], outside),
    )


@compiled
def is_far(place: Point, size: Size) -> bool:
    """Whether no element of the image lies within one of a place."""
    z, y, x = place
    is_before = z <= -1 or y <= -1 or x <= -1
    return bool(is_before or z >= size[0] or y >= size[1] or x >= size[2])
