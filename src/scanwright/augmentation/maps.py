"""One map for every move of an image: mirroring, affine move, bending and cutting, all at once."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from scanwright.augmentation.drawn import Drawn, Floats

Field = npt.NDArray[np.float32]

ITERATIONS = 12
"""Of the search for where a curved field moves a point; each brings it nearer by the slope of the
field, which is below one half."""


def inverse_maps(drawn: Drawn) -> Floats:
    """Return where each element of the output is read in the input, in elements.

    Shape (B, D, D + 1): at `maps[..., :-1] @ index + maps[..., -1]`, and for bent images the field
    more.
    """
    from scanwright.augmentation.inverse import invert

    maps = np.empty((*drawn.matrix.shape[:2], drawn.matrix.shape[2] + 1))
    invert(drawn.matrix, drawn.flips, (drawn.shift, drawn.origin), np.array(drawn.window), maps)
    return maps


def field(drawn: Drawn, row: int) -> Field:
    """Return what is added to where an image is read, in elements, shape (D, *window)."""
    parts = [spline_sum(values, drawn.window) for values in drawn.elastic[row]]
    return np.ascontiguousarray(parts, dtype=np.float32)


def spline_sum(values: Floats, size: tuple[int, ...]) -> Floats:
    """Return a smooth field of a size by the control values of cubic splines, shape (P, ...)."""
    for axis, length in enumerate(size):
        weights = _spline(length, values.shape[axis])  # (length, P)
        values = np.moveaxis(np.tensordot(weights, values, axes=(1, axis)), 0, axis)
    return values


def field_at(drawn: Drawn, row: int, places: Floats) -> Floats:
    """Return the field at any places of the output, shape (N, D), alike."""
    values, points = drawn.elastic[row], drawn.elastic.shape[2]
    total = np.broadcast_to(values, (len(places), *values.shape))  # (N, D, P, ...)
    for axis, length in enumerate(drawn.window):
        weights = _weights(places[:, axis], length, points)  # (N, P)
        weights = weights.reshape(len(places), 1, points, *(1,) * (total.ndim - 3))
        total = (total * weights).sum(axis=2)
    return total


def forward(drawn: Drawn, row: int, places: Floats) -> Floats:
    """Return where content at places of the input, in elements, shape (N, D), is in the output.

    Along a curved field by fixed-point search, which converges while the field does not fold.
    """
    where = inverse_maps(drawn)[row]
    ahead = np.linalg.inv(where[:, :-1])
    start = where[:, -1]
    found: Floats = (places - start) @ ahead.T
    if drawn.is_bent[row]:
        for _ in range(ITERATIONS):
            found = (places - start - field_at(drawn, row, found)) @ ahead.T
    return found


@lru_cache(maxsize=32)
def _spline(length: int, points: int) -> Floats:
    weights = _weights(np.arange(length, dtype=np.float64), length, points)
    weights.setflags(write=False)
    return weights


def _weights(places: Floats, length: int, points: int) -> Floats:
    """Return the weights of uniform cubic B-splines, shape (N, points).

    The first spline but one has its middle at the first element, the last but one at the last.
    """
    knots = np.clip(places, 0, length - 1) * ((points - 3) / max(length - 1, 1)) + 1
    distance = np.abs(knots[:, None] - np.arange(points))
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = np.maximum(0, 2 - distance) ** 3 / 6
    return np.where(distance < 1, near, far)
