"""Boxes as rows of numbers, and the checks that every function here begins with."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError, ShapeError

Floats: TypeAlias = npt.NDArray[np.float64]
"""Double-precision numbers."""

Ints: TypeAlias = npt.NDArray[np.int64]
"""Whole numbers."""

Edges: TypeAlias = Floats
"""Shape (N, D, 2): low and high edge of N boxes along each axis, all in one unit."""


def checked_edges(edges: npt.ArrayLike) -> Edges:
    """Return boxes as kernels want them: double precision, C-order.

    Raises
    ------
    ShapeError
        The shape is not (N, D, 2).
    InputError
        An edge is not finite.
    """
    array = np.ascontiguousarray(edges, dtype=np.float64)
    if array.ndim != 3 or array.shape[2] != 2:
        raise ShapeError("Boxes have a low and a high edge along each axis.", got=array.shape)
    if not np.isfinite(array).all():
        raise InputError("An edge of a box is not finite.")
    return array


def checked_row(values: npt.ArrayLike, count: int, name: str, lowest: float = 0.0) -> Floats:
    """Return one number for each box, shape (count,).

    Raises
    ------
    ShapeError
        There are more or fewer numbers than boxes.
    InputError
        A number is not finite, or below `lowest`.
    """
    row = np.ascontiguousarray(values, dtype=np.float64)
    if row.shape != (count,):
        raise ShapeError("Each box has one number.", got=f"{name} {row.shape}", legal=(count,))
    if not (np.isfinite(row) & (row >= lowest)).all():
        raise InputError(f"The {name} of boxes cannot be used.", legal=f"from {lowest:g}, finite")
    return row


def checked_ids(values: npt.ArrayLike | None, count: int, name: str) -> Ints:
    """Return a whole number for each box, shape (count,); 0 for all where nothing is given.

    Raises
    ------
    ShapeError
        There are more or fewer numbers than boxes.
    """
    if values is None:
        return np.zeros(count, dtype=np.int64)
    row = np.ascontiguousarray(values, dtype=np.int64)
    if row.shape != (count,):
        raise ShapeError("Each box has one number.", got=f"{name} {row.shape}", legal=(count,))
    return row


def volumes(edges: Edges) -> Floats:
    """Return the volume of each box (length in 1-D, area in 2-D); 0 where an edge has no length.

    Examples
    --------
    >>> volumes(np.array([[[0.0, 2.0], [1.0, 4.0]]]))
    array([6.])
    """
    result: Floats = np.maximum(edges[:, :, 1] - edges[:, :, 0], 0.0).prod(axis=1)
    return result
