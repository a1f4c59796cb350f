"""Which windows hold nothing but air, found by a pass that only looks at lowest and highest values.

It errs on the side of looking: a single element that stands out keeps its window.
"""

import math
from collections.abc import Callable
from itertools import product

import numpy as np

from scanwright.inference.windows import Index, Read, Singles, Tiling

BLOCK = 8
"""Edge, in elements, of the blocks whose extremes are kept."""

FAINT_SHARE = 0.02
"""Values up to this share of the image's range above its lowest value count as air."""

SLAB_ELEMENTS = 2**22
"""About how many elements are looked at at once."""


def find_air(read: Read, tiling: Tiling) -> Callable[[Index], bool]:
    """Look through an image once; return whether the window that begins at an index is all air.

    Parameters
    ----------
    read
        Gives boxes of the image.
    tiling
        Where windows lie.

    Returns
    -------
    A function of a start. A window is air where no block of the image that it touches holds a
    value, in any channel, more than 2 % of the channel's range above its lowest. The range ends at
    the 99.9th percentile of the blocks' highest values, so that metal does not hide the rest.
    Blocks that wholly have the value of the image's corners are air, too: preprocessing may give
    what is outside a value in the middle. What lies beyond the image is not looked at.
    """
    lows, highs = _extremes(read, tiling.size)
    axes = tuple(range(1, lows.ndim))
    lowest = lows.min(axis=axes, keepdims=True)
    top = np.quantile(highs, 0.999, axis=axes, keepdims=True)
    is_faint = highs <= lowest + FAINT_SHARE * (top - lowest)
    outside = _at_corners(read, tiling.size)
    stands_out = ~np.all(is_faint | ((lows == outside) & (highs == outside)), axis=0)

    def is_air(start: Index) -> bool:
        box = tuple(
            slice(max(first, 0) // BLOCK, math.ceil(min(first + edge, whole) / BLOCK))
            for first, edge, whole in zip(start, tiling.window, tiling.size, strict=True)
        )
        return not bool(stands_out[box].any())

    return is_air


def _extremes(read: Read, size: Index) -> tuple[Singles, Singles]:
    """Return the lowest and highest value of each block, shape (C, *blocks)."""
    per_block = math.prod(size[1:]) * BLOCK
    depth = BLOCK * max(1, SLAB_ELEMENTS // per_block)
    lows, highs = [], []
    for start in range(0, size[0], depth):
        slices = min(depth, size[0] - start)
        slab = read((start, *(0,) * (len(size) - 1)), (slices, *size[1:]))
        lows.append(_by_block(slab, np.minimum))
        highs.append(_by_block(slab, np.maximum))
    return np.concatenate(lows, axis=1), np.concatenate(highs, axis=1)


def _at_corners(read: Read, size: Index) -> Singles:
    """Return the value that most corners of each channel have, NaN where they differ."""
    corners = [read(start, (1,) * len(size)) for start in product(*((0, n - 1) for n in size))]
    values = np.stack(corners)  # (corners, C, 1, ...)
    middle = np.median(values, axis=0)
    is_shared = np.mean(values == middle, axis=0) > 0.5
    return np.where(is_shared, middle, np.nan).astype(np.float32)


def _by_block(slab: Singles, extreme: np.ufunc) -> Singles:
    for axis in range(1, slab.ndim):
        whole = slab.shape[axis] // BLOCK * BLOCK
        full, rest = np.split(slab, [whole], axis=axis)
        parts = [extreme.reduce(_in_blocks(full, axis), axis=axis + 1)]
        if rest.shape[axis]:
            parts.append(extreme.reduce(rest, axis=axis, keepdims=True))
        slab = np.concatenate(parts, axis=axis)
    return slab


def _in_blocks(slab: Singles, axis: int) -> Singles:
    """Divide an axis, a multiple of the block's edge long, into blocks and places in them."""
    shape = slab.shape
    return slab.reshape(*shape[:axis], -1, BLOCK, *shape[axis + 1 :])
