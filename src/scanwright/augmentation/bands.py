"""Compiled sums of neighbours along the axes of volumes."""

import numpy as np
import numpy.typing as npt

from scanwright.augmentation.compiled import compiled

Volume = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@compiled
def _sum_lines(values: Volume, out: Volume, start: np.uint64, weights: Volume) -> None:
    """Sum lines as long as `out` that follow each other from `start` on."""
    length = np.uint64(len(out))
    for i in range(length):
        out[i] = weights[0] * values[start + i]
    for tap in range(1, len(weights)):
        weight = weights[tap]
        if weight != 0:
            begin = start + np.uint64(tap) * length
            for i in range(length):
                out[i] += weight * values[begin + i]


@compiled
def sum_neighbours(images: Volume, rows: Ints, firsts: Ints, weights: Volume) -> None:
    """Replace elements by weighted sums of their neighbours, along one axis after the other.

    Parameters
    ----------
    images
        Shape (V, Z, Y, X), contiguous, changed in place.
    rows
        Which volumes, shape (R,).
    firsts
        The first neighbour of each element along each axis, the axes one after the other, shape
        (R, Z + Y + X).
    weights
        Of the first neighbour and those after it, shape (R, Z + Y + X, T).
    """
    depth, height, width = images.shape[1], images.shape[2], images.shape[3]
    area = np.uint64(height * width)
    taps = weights.shape[2]
    plane = np.empty(height * width, np.float32)
    line = np.empty(width, np.float32)
    result = np.empty(depth * height * width, np.float32)
    values = images.reshape(-1)
    for place in range(len(rows)):
        origin = np.uint64(rows[place] * depth) * area
        for z in range(depth):
            _sum_lines(
                values, plane, origin + np.uint64(firsts[place, z]) * area, weights[place, z]
            )
            for y in range(height):
                first = np.uint64(firsts[place, depth + y]) * np.uint64(width)
                _sum_lines(plane, line, first, weights[place, depth + y])
                for x in range(width):
                    near = np.uint64(firsts[place, depth + height + x])
                    total = np.float32(0)
                    for tap in range(taps):
                        weight = weights[place, depth + height + x, tap]
                        total += weight * line[min(near + np.uint64(tap), np.uint64(width - 1))]
                    result[np.uint64((z * height + y) * width + x)] = total
        for i in range(np.uint64(len(result))):
            values[origin + i] = result[i]
