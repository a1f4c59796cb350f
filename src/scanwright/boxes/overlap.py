"""How much boxes overlap, pair by pair."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from scanwright.base import RecipeError, ShapeError, compiled
from scanwright.boxes.edges import Edges, Floats, checked_edges

Over = Literal["union", "one", "other"]
"""What the common part is a share of: both boxes together, or one of them."""

SHARES: dict[str, int] = {"union": 0, "one": 1, "other": 2}
"""Numbers of `Over` in kernels."""


def _volume(edges: Edges, row: int) -> float:
    """Return the volume of a box."""
    volume = 1.0
    for axis in range(edges.shape[1]):
        volume *= max(edges[row, axis, 1] - edges[row, axis, 0], 0.0)
    return volume


volume = compiled(_volume)


def _common(one: Edges, row: int, other: Edges, column: int) -> float:
    """Return the volume of the part that two boxes share."""
    common = 1.0
    for axis in range(one.shape[1]):
        high = min(one[row, axis, 1], other[column, axis, 1])
        length = high - max(one[row, axis, 0], other[column, axis, 0])
        if not length > 0.0:
            return 0.0
        common *= length
    return common


common = compiled(_common)


def _share(shared: float, first: float, second: float, over: int) -> float:
    """Return the common volume over the whole: of both (0), the first (1) or the second (2)."""
    if not shared > 0.0:
        return 0.0
    if over == 0:
        return shared / (first + second - shared)
    return shared / (first if over == 1 else second)


share = compiled(_share)


def _fill_matrix(one: Edges, other: Edges, over: int, result: Floats) -> None:
    """Write the overlap of every box of `one` with every box of `other`."""
    wholes = np.empty(len(other))
    for column in range(len(other)):
        wholes[column] = volume(other, column)
    for row in range(len(one)):
        whole = volume(one, row)
        for column in range(len(other)):
            shared = common(one, row, other, column)
            result[row, column] = share(shared, whole, wholes[column], over)


fill_matrix = compiled(_fill_matrix)


def _fill_pairs(one: Edges, other: Edges, result: Floats) -> None:
    """Write the overlap of each box of `one` with the box of `other` in the same row."""
    for row in range(len(one)):
        shared = common(one, row, other, row)
        result[row] = share(shared, volume(one, row), volume(other, row), 0)


fill_pairs = compiled(_fill_pairs)


def overlap_matrix(one: npt.ArrayLike, other: npt.ArrayLike, *, over: Over = "union") -> Floats:
    """Return how much each box of one set overlaps each box of another.

    Parameters
    ----------
    one, other
        Shapes (N, D, 2) and (M, D, 2).
    over
        Common volume over that of the union (intersection over union), or over that of the box of
        `one` or of `other`; COCO takes the detection's own where the truth is a crowd.

    Returns
    -------
    Shape (N, M), from 0 to 1; 0 for a box without volume.

    Raises
    ------
    ShapeError, InputError
        The boxes differ in rank, or are not boxes.
    RecipeError
        `over` is not known.

    Examples
    --------
    >>> overlap_matrix([[[0, 2], [0, 2]]], [[[1, 3], [0, 2]], [[5, 6], [5, 6]]]).round(3)
    array([[0.333, 0.   ]])
    """
    first, second = _same_rank(one, other)
    if over not in SHARES:
        raise RecipeError(
            "The overlap is over something unknown.", got=over, legal=", ".join(SHARES)
        )
    result = np.empty((len(first), len(second)))
    fill_matrix(first, second, SHARES[over], result)
    return result


def paired_overlaps(one: npt.ArrayLike, other: npt.ArrayLike) -> Floats:
    """Return the intersection over union of the boxes in the same rows, shape (N,).

    Raises
    ------
    ShapeError, InputError
        The sets differ in shape, or are not boxes.
    """
    first, second = _same_rank(one, other)
    if len(first) != len(second):
        raise ShapeError("Boxes in pairs are as many.", got=len(second), legal=len(first))
    result = np.empty(len(first))
    fill_pairs(first, second, result)
    return result


def _same_rank(one: npt.ArrayLike, other: npt.ArrayLike) -> tuple[Edges, Edges]:
    first, second = checked_edges(one), checked_edges(other)
    if first.shape[1] != second.shape[1]:
        raise ShapeError("Boxes differ in rank.", got=second.shape[1], legal=first.shape[1])
    return first, second
