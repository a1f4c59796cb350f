"""Resampling along one axis as a small matrix: anti-aliased linear, cubic B-spline, nearest, vote.

A grid change that keeps axes apart is one matrix for each axis, so that 2-D and 3-D are one body of
code, and thousands of images of one size share the same few matrices.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from scanwright.image import Array

if TYPE_CHECKING:
    from scipy import sparse

Interpolation = Literal["nearest", "linear", "cubic"]
"""How a value between elements is made."""

LabelInterpolation = Literal["nearest", "vote"]
"""How a label between elements is chosen: the nearest one, or the one of greatest linear weight."""

SPARSE_BELOW = 0.15
"""Share of non-zero weights under which a sparse product is the faster one (measured)."""

SMALLEST_WEIGHT = 1e-7
"""Weights below are left out; their sum is far below single precision."""


@dataclass(frozen=True, slots=True)
class AxisMap:
    """Where the elements of a new axis lie on an old one: new index j at `start + j * step`."""

    old: int
    new: int
    start: float
    step: float

    @classmethod
    def centred(cls, old: int, new: int, step: float) -> "AxisMap":
        """Make the map that keeps the middle of the axis in its place."""
        return cls(old, new, (old - 1) / 2 - step * (new - 1) / 2, step)

    @property
    def is_identity(self) -> bool:
        """Whether every element stays where it is."""
        return self.old == self.new and abs(self.step - 1) * self.old < 1e-6

    @property
    def places(self) -> npt.NDArray[np.float64]:
        """Old index of each new element, kept inside the old axis."""
        return np.clip(self.start + np.arange(self.new) * self.step, 0, self.old - 1)


def resample(array: Array, maps: tuple[AxisMap, ...], interpolation: Interpolation) -> Array:
    """Resample the spatial axes of an array.

    Parameters
    ----------
    array
        Shape (C, *space).
    maps
        One per spatial axis.
    interpolation
        "linear": a triangle as wide as the larger of the two steps, hence an area-correct low pass
        where the grid becomes coarser (the filter of Pillow's BILINEAR; at steps that are no whole
        number its centre of weight wavers by up to a tenth of an element). "cubic": cubic B-spline
        interpolation, after a Gaussian where the grid becomes coarser. "nearest": no filter.

    Returns
    -------
    Shape (C, *new space); float32 (float64 stays), or the number type given for "nearest".

    Notes
    -----
    The Gaussian's standard deviation, in old elements, is sqrt((step² - 1) / (8 ln 2)): it turns a
    point spread as wide (FWHM) as an old element into one as wide as a new element. M. J. Cardoso
    et al., Scale factor point spread function matching, MICCAI 2015, equation 6.
    """
    if interpolation == "nearest":
        return _take_nearest(array, maps)
    work = array if array.dtype == np.float64 else array.astype(np.float32, copy=False)
    shrinking_first = sorted(range(len(maps)), key=lambda axis: maps[axis].new / maps[axis].old)
    for axis in shrinking_first:
        if not maps[axis].is_identity:
            work = _along(work, _matrix(maps[axis], interpolation), axis + 1)
    return work


def resample_labels(
    array: Array, maps: tuple[AxisMap, ...], interpolation: LabelInterpolation
) -> Array:
    """Resample a label map, shape (1, *space), without making labels that are not there.

    "vote" weighs the elements around each new one linearly and takes the label that has most weight
    (the lowest of equals), so thin structures are not lost and borders do not move.
    """
    if interpolation == "nearest":
        return _take_nearest(array, maps)
    labels = np.unique(array)
    winner = np.full((1, *(axis.new for axis in maps)), labels[0], dtype=array.dtype)
    best = np.full(winner.shape, -1.0, dtype=np.float32)
    for label in labels:
        weight = resample((array == label).astype(np.float32), maps, "linear")
        is_better = weight > best + 1e-6
        winner[is_better] = label
        best = np.maximum(best, weight)
    return winner


def _take_nearest(array: Array, maps: tuple[AxisMap, ...]) -> Array:
    for axis, axis_map in enumerate(maps, start=1):
        if not axis_map.is_identity:
            array = array.take(np.floor(axis_map.places + 0.5).astype(np.intp), axis=axis)
    return array


def _along(array: Array, matrix: "Array | sparse.csr_array", axis: int) -> Array:
    if isinstance(matrix, np.ndarray):
        weights = matrix.astype(array.dtype, copy=False)
        if axis == array.ndim - 1:
            return np.asarray(array @ weights.T)
        front = array.shape[:axis]
        flat = array.reshape(*front, array.shape[axis], -1)
        return np.asarray(weights @ flat).reshape(*front, len(weights), *array.shape[axis + 1 :])
    moved = np.ascontiguousarray(np.moveaxis(array, axis, 0))
    product = matrix.astype(array.dtype) @ moved.reshape(len(moved), -1)
    result = np.moveaxis(product.reshape(matrix.shape[0], *moved.shape[1:]), 0, axis)
    return np.ascontiguousarray(result)


@lru_cache(maxsize=64)
def _matrix(axis_map: AxisMap, interpolation: Interpolation) -> "Array | sparse.csr_array":
    make = {"linear": _linear_matrix, "cubic": _cubic_matrix}[interpolation]
    matrix = make(axis_map).tocsr()
    matrix.data[np.abs(matrix.data) < SMALLEST_WEIGHT] = 0
    matrix.eliminate_zeros()
    if matrix.nnz < SPARSE_BELOW * axis_map.old * axis_map.new:
        return matrix.astype(np.float32)
    dense = matrix.toarray().astype(np.float32)
    dense.setflags(write=False)
    return dense


def _linear_matrix(axis_map: AxisMap) -> "sparse.csr_array":
    reach = max(1.0, axis_map.step)
    taps = int(np.ceil(reach)) + 1
    nearest = np.floor(axis_map.places).astype(np.intp)
    columns = nearest[:, None] + np.arange(-taps, taps + 1)
    weights = np.maximum(0, 1 - np.abs(columns - axis_map.places[:, None]) / reach)
    return _normalised(columns, weights, axis_map.old)


def _cubic_matrix(axis_map: AxisMap) -> "sparse.csr_array":
    from scipy import sparse
    from scipy.ndimage import spline_filter1d

    blur = np.eye(axis_map.old)
    if axis_map.step > 1:
        blur = _gaussian_matrix(axis_map.old, psf_sigma(axis_map.step)).toarray()
    coefficients = spline_filter1d(blur, order=3, axis=0, mode="mirror")
    nearest = np.floor(axis_map.places).astype(np.intp)
    columns = nearest[:, None] + np.arange(-1, 3)
    weights = _cubic_spline(np.abs(columns - axis_map.places[:, None]))
    rows = np.repeat(np.arange(axis_map.new), columns.shape[1])
    inside = _mirrored(columns, axis_map.old)
    shape = (axis_map.new, axis_map.old)
    taps = sparse.csr_array((weights.ravel(), (rows, inside.ravel())), shape=shape)
    return sparse.csr_array(taps @ coefficients)


def psf_sigma(step: float) -> float:
    """Return the Gaussian's standard deviation, in old elements, for a new step > 1."""
    return float(np.sqrt((step * step - 1) / (8 * np.log(2))))


def _gaussian_matrix(length: int, sigma: float) -> "sparse.csr_array":
    reach = int(np.ceil(4 * sigma))
    columns = np.arange(length)[:, None] + np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * ((columns - np.arange(length)[:, None]) / sigma) ** 2)
    return _normalised(columns, weights, length)


def _normalised(
    columns: npt.NDArray[np.intp], weights: npt.NDArray[np.float64], length: int
) -> "sparse.csr_array":
    from scipy import sparse

    weights = np.where((columns < 0) | (columns >= length), 0, weights)
    weights /= weights.sum(axis=1, keepdims=True)
    rows = np.repeat(np.arange(len(columns)), columns.shape[1])
    inside = np.clip(columns, 0, length - 1).ravel()
    shape = (len(columns), length)
    return sparse.csr_array((weights.ravel(), (rows, inside)), shape=shape)


def _cubic_spline(distance: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    # B-spline of degree 3 (M. Unser, Splines: a perfect fit, 1999, box 1).
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = np.maximum(0, 2 - distance) ** 3 / 6
    return np.where(distance < 1, near, far)


def _mirrored(index: npt.NDArray[np.intp], length: int) -> npt.NDArray[np.intp]:
    if length == 1:
        return np.zeros_like(index)
    folded = np.abs(index) % (2 * length - 2)
    return np.asarray(np.minimum(folded, 2 * length - 2 - folded))
