"""Compiled weights of Gaussians along an axis."""

import math

import numpy as np
import numpy.typing as npt

from scanwright.augmentation.compiled import compiled


@compiled
def fill_gaussian(
    sigmas: npt.NDArray[np.float64],
    reach: int,
    firsts: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float32],
) -> None:
    """Write the first neighbour of each element and the weights from there on; they sum to 1.

    Parameters
    ----------
    sigmas
        Shape (R,), in elements; 0 leaves the elements as they are.
    reach
        How many neighbours to each side count, where they exist.
    firsts, weights
        Shapes (R, n) and (R, n, T).
    """
    length, taps = weights.shape[1], weights.shape[2]
    falling = np.empty(length + taps, np.float64)
    for row in range(len(sigmas)):
        for distance in range(len(falling)):
            ratio = distance / sigmas[row] if sigmas[row] > 0 else 40.0 * distance
            falling[distance] = math.exp(-0.5 * ratio * ratio)
        for place in range(length):
            first = min(max(place - reach, 0), length - taps)
            total = 0.0
            for tap in range(taps):
                total += falling[abs(place - first - tap)]
            for tap in range(taps):
                weights[row, place, tap] = falling[abs(place - first - tap)] / total
            firsts[row, place] = first
