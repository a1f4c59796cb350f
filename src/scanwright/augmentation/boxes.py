"""Boxes that follow their images: the box of a moved box."""

import itertools
from functools import lru_cache

import numpy as np

from scanwright.augmentation.drawn import Drawn, Floats, Ints
from scanwright.augmentation.maps import forward

DIRECTIONS = 4
"""Steps from the middle of a face of the unit cube to its rim, by which the points of a ball are
spread: 32 in a plane, 386 in a volume, among them those on the axes."""


def move_boxes(boxes: Floats, drawn: Drawn, row: int, *, least_share: float) -> tuple[Floats, Ints]:
    """Return the boxes of one image around what they held, cut to the window.

    A finding is taken for the ellipse, or ellipsoid, that touches the faces of its box. The box of
    the turned box would be up to √2 (√3) times too long, and a network would learn that.

    Parameters
    ----------
    boxes
        Shape (N, D, 2): low and high edge along each axis in index units of the image; the element
        with index i covers [i - 0.5, i + 0.5].
    row
        Of which image of the batch.
    least_share
        Boxes of whose volume less than this lies in the window are left out.

    Returns
    -------
    The boxes left, shape (M, D, 2), and which of those given they are, shape (M,).
    """
    rank = len(drawn.window)
    around = _sphere(rank)  # (S, D)
    middle, half = boxes.mean(axis=2)[:, None], (boxes[:, :, 1] - boxes[:, :, 0])[:, None] / 2
    points = (middle + half * around).reshape(-1, rank)
    moved = forward(drawn, row, points).reshape(len(boxes), len(around), rank)
    whole = np.stack([moved.min(axis=1), moved.max(axis=1)], axis=-1)
    edges = np.array(drawn.window)[:, None] - 0.5
    cut = np.clip(whole, -0.5, edges)
    share = np.prod(cut[..., 1] - cut[..., 0], axis=1) / np.prod(
        whole[..., 1] - whole[..., 0], axis=1
    )
    kept = np.flatnonzero((share > 0) & (share >= least_share))
    return cut[kept], kept


@lru_cache(maxsize=4)
def _sphere(rank: int) -> Floats:
    """Return points spread over the unit sphere, shape (S, rank)."""
    ticks = np.linspace(-1, 1, 2 * DIRECTIONS + 1)
    cube = np.array(list(itertools.product(ticks, repeat=rank)))
    rim = cube[np.abs(cube).max(axis=1) == 1]
    points: Floats = rim / np.linalg.norm(rim, axis=1, keepdims=True)
    points.setflags(write=False)
    return points
