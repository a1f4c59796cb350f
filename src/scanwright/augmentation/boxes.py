"""Boxes that follow their images: the box of a moved box."""

import itertools

import numpy as np

from scanwright.augmentation.drawn import Drawn, Floats, Ints
from scanwright.augmentation.maps import forward

STEPS_WHERE_BENT = 6
"""Points along each edge of a box whose way is followed where an image is bent."""


def move_boxes(boxes: Floats, drawn: Drawn, row: int, *, least_share: float) -> tuple[Floats, Ints]:
    """Return the boxes of one image around what they held, cut to the window.

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
    The boxes left, shape (M, D, 2), and which of those given they are, shape (M,). Around a turned
    box the new one is larger than the finding needs.
    """
    rank = len(drawn.window)
    steps = STEPS_WHERE_BENT if drawn.is_bent[row] else 2
    shares = np.array(list(itertools.product(np.linspace(0, 1, steps), repeat=rank)))  # (S, D)
    low, high = boxes[:, None, :, 0], boxes[:, None, :, 1]
    points = (low + (high - low) * shares).reshape(-1, rank)
    moved = forward(drawn, row, points).reshape(len(boxes), len(shares), rank)
    whole = np.stack([moved.min(axis=1), moved.max(axis=1)], axis=-1)
    edges = np.array(drawn.window)[:, None] - 0.5
    cut = np.clip(whole, -0.5, edges)
    share = np.prod(cut[..., 1] - cut[..., 0], axis=1) / np.prod(
        whole[..., 1] - whole[..., 0], axis=1
    )
    kept = np.flatnonzero((share > 0) & (share >= least_share))
    return cut[kept], kept
