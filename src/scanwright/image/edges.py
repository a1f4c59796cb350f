"""Boxes as numbers: low and high edge along each axis, and how they follow a change of the grid."""

import itertools
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from scanwright.image.geometry import Floats, Geometry
from scanwright.image.target import Box, BoxesTarget

Edges: TypeAlias = Floats
"""Shape (N, D, 2): low and high edge of N boxes along each axis, slow → fast, in index units; the
element with index i covers [i - 0.5, i + 0.5]."""

MOST_AT_ONCE = 10_000
"""Boxes whose corners are held at once."""


def edges_of(boxes: Sequence[Box], rank: int) -> Edges:
    """Return the edges of boxes, shape (N, rank, 2)."""
    pairs = [(box.low, box.high) for box in boxes]
    return np.array(pairs, dtype=np.float64).reshape(len(boxes), 2, rank).transpose(0, 2, 1)


def moved_edges(edges: Edges, source: Geometry, target: Geometry) -> Edges:
    """Return the boxes around the same places on another grid.

    A box that is turned against the new axes becomes the smallest upright one around it.

    Parameters
    ----------
    edges
        In index units of `source`.

    Returns
    -------
    In index units of `target`, as many; not cut to it.
    """
    rank = edges.shape[1]
    shares = np.array(list(itertools.product((0.0, 1.0), repeat=rank)))  # (2^D, D)
    moved = np.empty_like(edges)
    for first in range(0, len(edges), MOST_AT_ONCE):
        here = slice(first, first + MOST_AT_ONCE)
        low, high = edges[here, None, :, 0], edges[here, None, :, 1]
        corners = target.to_index(source.to_world(low + (high - low) * shares))
        moved[here, :, 0], moved[here, :, 1] = corners.min(axis=1), corners.max(axis=1)
    return moved


def moved_boxes(target: BoxesTarget, source: Geometry, grid: Geometry) -> BoxesTarget:
    """Return the same findings on another grid."""
    edges = moved_edges(edges_of(target.boxes, source.rank), source, grid)
    return BoxesTarget(
        tuple(
            Box(tuple(low), tuple(high), box.label)
            for (low, high), box in zip(
                edges.transpose(0, 2, 1).tolist(), target.boxes, strict=True
            )
        )
    )
