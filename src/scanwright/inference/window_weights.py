"""How much a box counts that a window proposes: less the nearer it comes to the window's border."""

import numpy as np

from scanwright.image import Edges, Floats
from scanwright.inference.windows import Index, Tiling

LEAST = 1e-3
"""Weight at a border that shall count nothing: boxes that no window sees better still have one."""

ENOUGH = 0.9
"""Share of a box that a window has to show to be expected to find it: networks learn to be silent
about findings of which their window shows little."""


def box_weights(edges: Edges, start: Index, tiling: Tiling, border: float) -> Floats:
    """Return the weight of boxes that the window at `start` proposes, shape (N,).

    The product over axes of (1 - border)^u², a Gaussian, where u is how far the box reaches from
    the window's middle, 1 being the border. A border that is the image's own does not count: there
    is nothing behind it that the window does not see. P. F. Jaeger et al. (Retina U-Net, 2019)
    weigh boxes in the same spirit, by their middle.

    Parameters
    ----------
    edges
        Shape (N, D, 2), in index units of the image.
    border
        From 0, where all boxes count the same, to 1.
    """
    weights = np.ones(len(edges))
    for axis, first in enumerate(start):
        weights *= _along(edges[:, axis], first, axis, tiling, border)
    return weights


def expected_weights(edges: Edges, tiling: Tiling, border: float) -> Floats:
    """Return the sum of the weights by all windows that see boxes well, shape (N,).

    Along each axis a window has to hold nine tenths of the box, or to be filled by it to nine
    tenths. Windows are a grid, so it is a product of sums along the axes; 0 where none does.
    """
    expected = np.ones(len(edges))
    for axis, starts in enumerate(tiling.starts):
        low, high = edges[:, axis].T
        needed = ENOUGH * np.minimum(high - low, tiling.window[axis])
        total = np.zeros(len(edges))
        for first in starts:
            seen = np.minimum(high, first + tiling.window[axis] - 0.5) - np.maximum(
                low, first - 0.5
            )
            is_seen = seen >= needed
            total += is_seen * _along(edges[:, axis], first, axis, tiling, border)
        expected *= total
    return expected


def _along(spans: Floats, first: int, axis: int, tiling: Tiling, border: float) -> Floats:
    """Return the factor of one axis for spans (N, 2) in the windows that begin at `first`."""
    half = tiling.window[axis] / 2
    middle = first - 0.5 + half
    reach = np.zeros(len(spans))
    if first > 0:
        reach = np.maximum(reach, middle - spans[:, 0])
    if first + tiling.window[axis] < tiling.size[axis]:
        reach = np.maximum(reach, spans[:, 1] - middle)
    share = np.minimum(reach / half, 1.0)
    result: Floats = max(1.0 - border, LEAST) ** (share**2)
    return result
