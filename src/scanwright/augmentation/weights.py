"""Weights of sums of neighbours along an axis: a Gaussian's, and those of fewer elements."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float32]
Band = tuple[npt.NDArray[np.int64], Weights]
"""For each element, its first neighbour and the weights of that one and those after it; shapes
(R, n) and (R, n, T) for R images."""


def gaussian_band(length: int, sigmas: npt.NDArray[np.float64]) -> Band:
    """Return Gaussian weights, one row for each standard deviation > 0 in elements.

    Four standard deviations to each side are summed; at the border the weights are shared among
    the elements that exist. A standard deviation of 0 leaves the elements as they are.
    """
    from scanwright.augmentation.gaussian import fill_gaussian

    reach = math.ceil(4 * sigmas.max())
    taps = min(length, 2 * reach + 1)
    firsts = np.empty((len(sigmas), length), np.int64)
    weights = np.empty((len(sigmas), length, taps), np.float32)
    fill_gaussian(sigmas, reach, firsts, weights)
    return firsts, weights


@lru_cache(maxsize=128)
def coarse_band(length: int, kept: int, averages: bool) -> Band:
    """Return the weights that reduce to `kept` elements and interpolate linearly between them.

    The fewer elements are means of the parts of equal length (`averages`), or the nearest of the
    many, as nnU-Net takes them.
    """
    if averages:
        edges = np.linspace(0, length, kept + 1)[:, None]
        elements = np.arange(length)
        overlap = np.minimum(edges[1:], elements + 1) - np.maximum(edges[:-1], elements)
        down = np.maximum(0, overlap) * kept / length
    else:
        nearest = np.minimum((np.arange(kept) + 0.5) * length / kept, length - 1).astype(np.int64)
        down = np.eye(length)[nearest]
    places = np.clip((np.arange(length) + 0.5) * kept / length - 0.5, 0, kept - 1)
    up = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(kept)))
    return _as_band((up @ down).astype(np.float32))


def _as_band(matrix: Weights) -> Band:
    """Return a matrix whose rows are zero but near the diagonal as a band."""
    length = len(matrix)
    is_used = matrix != 0
    firsts = is_used.argmax(axis=1)
    taps = int((length - is_used[:, ::-1].argmax(axis=1) - firsts).max())
    firsts = np.minimum(firsts, length - taps)
    weights = np.take_along_axis(matrix, firsts[:, None] + np.arange(taps), axis=1)
    weights = np.ascontiguousarray(weights)
    firsts.setflags(write=False)
    weights.setflags(write=False)
    return firsts, weights


def stack_bands(bands: Sequence[Band]) -> Band:
    """Return the bands of several images along one axis as one, padded with weights of 0."""
    taps = max(weights.shape[1] for _, weights in bands)
    firsts = np.stack([first for first, _ in bands])
    stacked = np.zeros((*firsts.shape, taps), np.float32)
    for place, (_, weights) in enumerate(bands):
        stacked[place, :, : weights.shape[1]] = weights
    return firsts, stacked


def join_axes(bands: Sequence[Band]) -> Band:
    """Return the bands of the axes one after the other, as `sum_neighbours` takes them."""
    taps = max(weights.shape[2] for _, weights in bands)
    firsts = np.concatenate([first for first, _ in bands], axis=1)
    joined = np.zeros((*firsts.shape, taps), np.float32)
    start = 0
    for first, weights in bands:
        joined[:, start : start + first.shape[1], : weights.shape[2]] = weights
        start += first.shape[1]
    return firsts, joined


def dense(band: Band) -> Weights:
    """Return a band as full matrices, shape (R, n, n)."""
    firsts, weights = band
    rows, length, taps = weights.shape
    matrix = np.zeros((rows, length, length + taps), np.float32)
    columns = firsts[:, :, None] + np.arange(taps)
    np.put_along_axis(matrix, columns, weights, axis=2)
    return matrix[:, :, :length]
