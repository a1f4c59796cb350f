"""Compiled inverse of the moves of a batch: where each element of the output is read."""

import numpy as np
import numpy.typing as npt

from scanwright.augmentation.compiled import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@compiled
def _determinant(m: Floats) -> float:
    if len(m) == 2:
        return float(m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0])
    total = 0.0
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        total += m[0, i] * (m[1, j] * m[2, k] - m[1, k] * m[2, j])
    return total


@compiled
def _cofactor(m: Floats, row: int, column: int) -> float:
    if len(m) == 2:
        sign = 1.0 if row == column else -1.0
        return float(sign * m[1 - row, 1 - column])
    i, j = (row + 1) % 3, (row + 2) % 3
    k, n = (column + 1) % 3, (column + 2) % 3
    return float(m[i, k] * m[j, n] - m[i, n] * m[j, k])


@compiled
def invert(
    matrices: Floats, flips: Bools, places: tuple[Floats, Ints], window: Ints, out: Floats
) -> None:
    """Write where index 0 of the output is read, and the steps from there; see `inverse_maps`.

    Parameters
    ----------
    matrices, flips, places, window
        Of a `Drawn`: matrix, flips, shift and origin, window; two or three axes.
    out
        Shape (B, D, D + 1).
    """
    shifts, origins = places
    rank = matrices.shape[1]
    for row in range(len(matrices)):
        matrix, where = matrices[row], out[row]
        determinant = _determinant(matrix)
        for i in range(rank):
            sign = -1.0 if flips[row, i] else 1.0
            start = origins[row, i] + (window[i] - 1) / 2
            for j in range(rank):
                where[i, j] = sign * _cofactor(matrix, j, i) / determinant
                start -= where[i, j] * ((window[j] - 1) / 2 + shifts[row, j])
            where[i, rank] = start
