"""Kernels of surfaces: which elements lie on one, and how far the next one of another is.

All arrays are three-dimensional; a plane has one slice and is told apart by `is_flat`. They are
compiled at their first call, so that the room loads without numba.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from scanwright.base import compiled

Array = npt.NDArray[Any]  # Any: kernels are compiled for the number type at hand


@lru_cache(maxsize=16)
def kernel(function: Callable[..., Any]) -> Callable[..., Any]:  # Any: as the kernel declares
    """Return a kernel of this file, compiled."""
    return compiled(function)


def tally(truth: Array, guess: Array, counts: Array, boxes: Array) -> bool:
    """Count hits, misses and false claims of every class in one pass, and find their boxes.

    Parameters
    ----------
    truth, guess
        Shape (Z, Y, X): classes 0 … K, in the truth -1 where unknown.
    counts
        Shape (K + 1, 3), filled with elements of both, of the truth alone, of the guess alone;
        elements of unknown truth are left out.
    boxes
        Shape (K + 1, 6): first and last index of every axis among elements of either, unknown
        ones included; widened from what they hold.

    Returns
    -------
    Whether all values are legal.
    """
    classes = len(counts)
    for z in range(truth.shape[0]):
        for y in range(truth.shape[1]):
            for x in range(truth.shape[2]):
                t, g = np.int64(truth[z, y, x]), np.int64(guess[z, y, x])
                if t == 0 and g == 0:
                    continue
                if t >= classes or g >= classes or t < -1 or g < 0:
                    return False
                if t == g:
                    counts[t, 0] += 1
                elif t >= 0:
                    counts[t, 1] += 1
                    counts[g, 2] += 1
                for k in (t, g):
                    if k > 0:
                        boxes[k, 0] = min(boxes[k, 0], z)
                        boxes[k, 1] = max(boxes[k, 1], z)
                        boxes[k, 2] = min(boxes[k, 2], y)
                        boxes[k, 3] = max(boxes[k, 3], y)
                        boxes[k, 4] = min(boxes[k, 4], x)
                        boxes[k, 5] = max(boxes[k, 5], x)
    return True


def mark_voxels(padded: Array, marks: Array, is_flat: bool) -> None:
    """Mark the elements inside that have a face neighbour outside.

    Parameters
    ----------
    padded
        Shape (Z + 2, Y + 2, X + 2), 1 inside; its rim is 0.
    marks
        Shape (Z, Y, X), zeros.
    """
    for z in range(1, padded.shape[0] - 1):
        for y in range(1, padded.shape[1] - 1):
            for x in range(1, padded.shape[2] - 1):
                if padded[z, y, x]:
                    around = padded[z, y, x - 1] & padded[z, y, x + 1]
                    around &= padded[z, y - 1, x] & padded[z, y + 1, x]
                    if not is_flat:
                        around &= padded[z - 1, y, x] & padded[z + 1, y, x]
                    marks[z - 1, y - 1, x - 1] = 1 - around


def mark_corners(padded: Array, codes: Array, is_flat: bool) -> None:
    """Write the pattern of the eight elements that meet at each corner, 0 where all are alike.

    Parameters
    ----------
    padded
        Shape (Z + 2, Y + 2, X + 2), 1 inside; its rim is 0.
    codes
        Shape (Z + 1, Y + 1, X + 1); one slice if flat.
    """
    for z in range(codes.shape[0]):
        below = padded[z + 1]
        above = below if is_flat else padded[z]
        for y in range(codes.shape[1]):
            left = 0
            for x in range(codes.shape[2] + 1):
                right = 64 * above[y, x] + 16 * above[y + 1, x] + 4 * below[y, x] + below[y + 1, x]
                code = 2 * left + right
                if x > 0:
                    codes[z, y, x - 1] = 0 if code == 255 else code
                left = right


def measure_lines(marks: Array, reach: Array) -> None:
    """Write how many elements along x the next mark is away; on a line without one its length.

    Parameters
    ----------
    marks
        Shape (Z, Y, X), not 0 where marked.
    reach
        Shape (Z, Y, X), filled.
    """
    length = marks.shape[2]
    for z in range(marks.shape[0]):
        for y in range(marks.shape[1]):
            since = length
            for x in range(length):
                since = 0 if marks[z, y, x] else min(since + 1, length)
                reach[z, y, x] = since
            if since >= length:
                continue
            for x in range(length - 2, -1, -1):
                reach[z, y, x] = min(reach[z, y, x], reach[z, y, x + 1] + 1)


def search_near(
    points: Array, reach: Array, steps: Array, squares: Array, step_x: float, found: Array
) -> int:
    """Find the squared distance of each point to the next mark among the lines around it.

    Lines are tried from near to far until the next one is further than what was found, so that
    the result is exact.

    Parameters
    ----------
    points
        Shape (N,): places in the flattened array.
    steps
        Shape (S, 2): offsets along z and y, the nearest first.
    squares
        Shape (S + 1,): squared length of these offsets in mm², then that of the next one left out.
    step_x
        Spacing along x in mm.
    found
        Shape (N,), filled; not exact where above the last of `squares`.

    Returns
    -------
    Number of points whose distance is not exact.
    """
    slices, lines, length = reach.shape
    count, left = len(steps), 0
    for n in range(len(points)):
        z, rest = divmod(points[n], lines * length)
        y, x = divmod(rest, length)
        best = np.inf
        for k in range(count):
            if squares[k] >= best:
                break
            at_z, at_y = z + steps[k, 0], y + steps[k, 1]
            if 0 <= at_z < slices and 0 <= at_y < lines:
                away = reach[at_z, at_y, x]
                if away < length:
                    best = min(best, squares[k] + (away * step_x) ** 2)
        found[n] = best
        if best > squares[count]:
            left += 1
    return left


def fill_plane(reach: Array, wanted: Array, spacing: Array, plane: Array) -> None:
    """Write how far the next mark is in a slice, from how far it is along lines.

    The distances are joined as the lower envelope of parabolas (Felzenszwalb & Huttenlocher 2012,
    Theory of Computing 8:415).

    Parameters
    ----------
    reach
        Shape (Y, X): elements to the next mark along x; on a line without one its length.
    wanted
        Shape (X,): which columns to fill.
    spacing
        Shape (2,): along y and x, in mm.
    plane
        Shape (X, Y): squared distances in mm²; the slice must hold a mark.
    """
    lines, length = reach.shape
    hull = np.empty(lines, np.int64)
    starts = np.empty(lines)
    heights = np.empty(lines)
    for x in range(length):
        if not wanted[x]:
            continue
        top = -1
        for y in range(lines):
            if reach[y, x] >= length:
                continue
            heights[y] = (reach[y, x] * spacing[1] / spacing[0]) ** 2
            start = -np.inf
            while top >= 0:
                last = hull[top]
                rise = heights[y] + y * y - heights[last] - last * last
                start = rise / (2 * (y - last))
                if start > starts[top]:
                    break
                top -= 1
            top += 1
            hull[top] = y
            starts[top] = start if top else -np.inf
        at = 0
        for y in range(lines):
            while at < top and starts[at + 1] < y:
                at += 1
            across, down = reach[hull[at], x] * spacing[1], (y - hull[at]) * spacing[0]
            plane[x, y] = across * across + down * down


def lower_to(points: Array, plane: Array, z: int, step_z: float, found: Array) -> None:
    """Lower the squared distances of points to those of the nearest mark in slice `z`.

    Parameters
    ----------
    points
        Shape (N,): places in the flattened array.
    plane
        Shape (X, Y): squared distances in mm² within the slice.
    found
        Shape (N,): squared distances in mm² so far.
    """
    length, lines = plane.shape
    for n in range(len(points)):
        own, rest = divmod(points[n], lines * length)
        apart = ((z - own) * step_z) ** 2
        if apart < found[n]:
            y, x = divmod(rest, length)
            found[n] = min(found[n], apart + plane[x, y])
