"""The two loops of a rectified max pooling, compiled; loaded by the first training step.

Both work on the bits of floats, as signed integers of the same width: from 0 up, the order of the
bits is the order of the numbers, and anything negative is 0 after the rectifier.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from scanwright.base import compiled

Bits = npt.NDArray[Any]  # Any: int16 or int32

NOTHING = 4
"""The choice where no element of a window of four was above 0."""


@compiled
def pool_forward(
    maps: Bits, pooled: Bits, choice: Bits, negative_infinity: np.integer[Any], nan: np.integer[Any]
) -> None:
    """Write the largest element of each window of two, or 0, and which of the four it was.

    Parameters
    ----------
    maps
        Shape (B, Y, X, C).
    pooled, choice
        Shape (B, Y // 2, X // 2, C); both are written.
    negative_infinity
        Its bits; a negative number with bits above them is NaN.
    nan
        The bits of a positive NaN, which is above all numbers and so survives, as it must.
    """
    batch, rows, columns, channels = pooled.shape
    zero = nan ^ nan
    for b in range(batch):
        for y in range(rows):
            for x in range(columns):
                above, right = maps[b, 2 * y, 2 * x], maps[b, 2 * y, 2 * x + 1]
                below, last = maps[b, 2 * y + 1, 2 * x], maps[b, 2 * y + 1, 2 * x + 1]
                out, which = pooled[b, y, x], choice[b, y, x]
                for c in range(channels):
                    p, q, r, s = above[c], right[c], below[c], last[c]
                    p = nan if (p > negative_infinity) & (p < zero) else p
                    q = nan if (q > negative_infinity) & (q < zero) else q
                    r = nan if (r > negative_infinity) & (r < zero) else r
                    s = nan if (s > negative_infinity) & (s < zero) else s
                    best, index = zero, NOTHING
                    if p > best:
                        best, index = p, 0
                    if q > best:
                        best, index = q, 1
                    if r > best:
                        best, index = r, 2
                    if s > best:
                        best, index = s, 3
                    out[c] = best
                    which[c] = index


@compiled
def pool_backward(pooled: Bits, choice: Bits, maps: Bits) -> None:
    """Write each window's gradient to the element that was chosen, and 0 to the others.

    Parameters
    ----------
    pooled, choice
        Shape (B, Y // 2, X // 2, C).
    maps
        Shape (B, Y, X, C), written but for a last odd row or column.
    """
    batch, rows, columns, channels = pooled.shape
    for b in range(batch):
        for y in range(rows):
            for x in range(columns):
                gradient, which = pooled[b, y, x], choice[b, y, x]
                # One output at a time: the compiler vectorises this, and not all four at once.
                for corner in range(NOTHING):
                    out = maps[b, 2 * y + corner // 2, 2 * x + corner % 2]
                    for c in range(channels):
                        out[c] = gradient[c] if which[c] == corner else 0
