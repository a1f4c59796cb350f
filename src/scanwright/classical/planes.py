"""Features of planes: gradients, binary patterns and the picture itself, on a volume's views too.

A 2-D image is its one plane. A volume is looked at from three sides: its mean projections for
gradients, all of its slices in three directions for patterns.
"""

import numpy as np

from scanwright.classical.region import Mask, Region
from scanwright.image import Array, Floats
from scanwright.transforms import AxisMap, resample

Named = dict[str, float]
"""Name → value."""

GRADIENT_SIZE = 64
"""Edge to which a plane is brought for gradients, so that all images have as many of them."""
CELL, BLOCK, ORIENTATIONS = 16, 2, 9
"""Elements per cell, cells per block, and bins of the half circle."""
RINGS = ((8, 1.0), (16, 2.0), (24, 3.0))
"""(points, radius in elements) of local binary patterns, as in the source."""
THUMBNAIL_EDGE = {1: 64, 2: 12, 3: 6}
"""Edge of the reduced image by its rank."""


def gradient_features(region: Region) -> Named:
    """Return histograms of oriented gradients (N. Dalal & B. Triggs, CVPR 2005).

    The plane, scaled to 0 to 1 inside the region, is brought to 64 × 64: 4 × 4 cells of 16, blocks
    of 2 × 2 cells with L2-Hys normalisation, 9 orientations, so that there are 324 numbers a plane.
    """
    from skimage.feature import hog

    found = {}
    for name, plane in _projections(_scaled(region)):
        square = _resized(plane, (GRADIENT_SIZE, GRADIENT_SIZE))
        values = hog(
            square,
            orientations=ORIENTATIONS,
            pixels_per_cell=(CELL, CELL),
            cells_per_block=(BLOCK, BLOCK),
            block_norm="L2-Hys",
            feature_vector=False,
        )
        for (row, column, y, x, angle), value in np.ndenumerate(values):
            found[f"{name}{row + y}.{column + x}.{row}{column}.{angle}"] = float(value)
    return found


def pattern_features(region: Region) -> Named:
    """Return shares of rotation-invariant uniform local binary patterns at three radii.

    T. Ojala, M. Pietikäinen & T. Mäenpää, IEEE Trans. Pattern Anal. 2002, 24:971. Of a volume the
    patterns of all slices of each of three directions are counted together (G. Zhao & M.
    Pietikäinen 2007, 29:915).
    """
    from skimage.feature import local_binary_pattern

    # Whole numbers: patterns compare neighbours, which rounding of floats would make unequal.
    grey = np.round(_scaled(region) * 255).astype(np.uint8)
    found = {}
    for name, stack, inside in _stacks(grey, region.mask):
        for points, radius in RINGS:
            counts = np.zeros(points + 2)
            for plane, mask in zip(stack, inside, strict=True):
                codes = local_binary_pattern(plane, points, radius, method="uniform")
                counts += np.bincount(codes[mask].astype(np.intp), minlength=points + 2)
            for code, share in enumerate((counts / counts.sum()).tolist()):
                found[f"{name}radius_{radius:.0f}.{code}"] = share
    return found


def thumbnail_features(region: Region) -> Named:
    """Return the image itself, scaled to 0 to 1 inside the region and reduced to few elements."""
    size = (THUMBNAIL_EDGE[region.rank],) * region.rank
    small = _resized(_scaled(region), size)
    return {".".join(map(str, place)): float(value) for place, value in np.ndenumerate(small)}


def _scaled(region: Region) -> Floats:
    """Scale grey values so that the region spans 0 to 1; outside is clipped."""
    low, high = float(region.values.min()), float(region.values.max())
    if high <= low:
        return np.zeros_like(region.grey)
    return np.asarray(np.clip((region.grey - low) / (high - low), 0.0, 1.0))


def _projections(grey: Floats) -> list[tuple[str, Floats]]:
    if grey.ndim == 1:
        return [("", grey[None, :])]
    if grey.ndim == 2:
        return [("", grey)]
    return [(f"view_{axis}.", grey.mean(axis=axis)) for axis in range(3)]


def _stacks(grey: Array, mask: Mask) -> list[tuple[str, Array, Mask]]:
    if grey.ndim < 3:
        wide = np.atleast_2d(grey), np.atleast_2d(mask)
        return [("", wide[0][None], wide[1][None])]
    return [
        (f"view_{axis}.", np.moveaxis(grey, axis, 0), np.moveaxis(mask, axis, 0))
        for axis in range(3)
    ]


def _resized(array: Floats, size: tuple[int, ...]) -> Floats:
    maps = tuple(
        AxisMap.centred(old, new, old / new) for old, new in zip(array.shape, size, strict=True)
    )
    return np.asarray(resample(array[None], maps, "linear")[0])
