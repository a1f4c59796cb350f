"""How each element of a new axis is weighed together from neighbours on the old one.

Filters along one axis (a low pass, the prefilter of a spline, the spline itself) are folded into
one short row of weights for each new element, so that every interpolation is the same sum.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from scanwright.image import Floats
from scanwright.transforms.axis_map import AxisMap, Interpolation

Ints = npt.NDArray[np.intp]
Table = tuple[Ints, Ints, npt.NDArray[np.float32], Ints]
"""Of each new element: first neighbour, how many, their weights, the nearest; see `Band`."""
Weighing = Interpolation | Literal["area"]
"""A rule by which neighbours are weighed."""
Weighed = tuple[Ints, Floats]
"""Old indices and their weights, one row for each new element; an index may come twice."""

SMALLEST_WEIGHT = 1e-7
"""Weights below are left out; their sum is far below single precision."""

SPLINE_POLE = float(np.sqrt(3) - 2)
"""Pole of the cubic B-spline's prefilter (M. Unser, Splines: a perfect fit, 1999, table 1)."""

SPLINE_REACH = 14
"""Elements after which the prefilter's response is below the smallest weight."""


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Weights of one axis.

    Parameters
    ----------
    first
        Shape (new,): old index of the first neighbour of each new element.
    count
        Shape (new,): how many neighbours in a row each has.
    weights
        Shape (new, most neighbours), float32; each row sums to 1, and is 0 after `count`.
    nearest
        Shape (new,): old index of the nearest element, the later of two.
    """

    first: Ints = field(repr=False)
    count: Ints = field(repr=False)
    weights: npt.NDArray[np.float32] = field(repr=False)
    nearest: Ints = field(repr=False)

    def __post_init__(self) -> None:
        for array in (self.first, self.count, self.weights, self.nearest):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.first)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of old elements that new elements `start` to `end` and later ones need.

        Later ones count for the low edge, so that it never moves back.
        """
        last = self.first[start:end] + self.count[start:end]
        return int(self.first[start:].min()), int(last.max())

    def part(self, start: int, end: int, low: int) -> Table:
        """Return the weights of some new elements, old indices counted from `low`."""
        rows = slice(start, end)
        return (
            self.first[rows] - low,
            self.count[rows],
            self.weights[rows],
            self.nearest[rows] - low,
        )


@lru_cache(maxsize=256)
def band(axis_map: AxisMap, weighing: Weighing, low_pass: bool = True) -> Band:
    """Return the weights of an interpolation along an axis.

    Parameters
    ----------
    axis_map
        Where the new elements lie. Outside the old axis the edge is repeated.
    weighing
        An interpolation (see `resample`), or "area": the share of each old element in the new one,
        which is "linear" where the axis becomes finer.
    low_pass
        Whether detail too fine for a coarser axis is filtered away.
    """
    columns, weights = _MAKERS[weighing](axis_map, low_pass)
    first, count, kept = _packed(columns, weights)
    return Band(first, count, kept, _nearest_places(axis_map))


def psf_sigma(step: float) -> float:
    """Return the Gaussian's standard deviation, in old elements, for a new step > 1.

    Notes
    -----
    It turns a point spread as wide (FWHM) as an old element into one as wide as a new element.
    M. J. Cardoso et al., Scale factor point spread function matching, MICCAI 2015, equation 6.
    """
    return float(np.sqrt((step * step - 1) / (8 * np.log(2))))


def _nearest(axis_map: AxisMap, low_pass: bool) -> Weighed:
    del low_pass  # one neighbour is taken as it is
    columns = _nearest_places(axis_map)[:, None]
    return columns, np.ones(columns.shape)


def _nearest_places(axis_map: AxisMap) -> Ints:
    return np.asarray(np.floor(axis_map.places + 0.5).astype(np.intp))


def _linear(axis_map: AxisMap, low_pass: bool) -> Weighed:
    reach = max(1.0, axis_map.step) if low_pass else 1.0
    taps = int(np.ceil(reach)) + 1
    columns = _columns(axis_map, taps, taps)
    weights = np.maximum(0, 1 - np.abs(columns - axis_map.places[:, None]) / reach)
    is_inside = (columns >= 0) & (columns < axis_map.old)
    return np.clip(columns, 0, axis_map.old - 1), np.where(is_inside, weights, 0)


def _area(axis_map: AxisMap, low_pass: bool) -> Weighed:
    width = max(1.0, axis_map.step) if low_pass else 1.0
    taps = int(np.ceil(width / 2)) + 1
    columns = _columns(axis_map, taps, taps)
    low, high = (axis_map.places[:, None] + side * width / 2 for side in (-1, 1))
    shared = np.minimum(columns + 0.5, high) - np.maximum(columns - 0.5, low)
    is_inside = (columns >= 0) & (columns < axis_map.old)
    return np.clip(columns, 0, axis_map.old - 1), np.where(is_inside, np.maximum(shared, 0), 0)


def _cubic(axis_map: AxisMap, low_pass: bool) -> Weighed:
    response = np.sqrt(3) * SPLINE_POLE ** np.abs(np.arange(-SPLINE_REACH, SPLINE_REACH + 1))
    if low_pass and axis_map.step > 1:
        response = np.convolve(response, _gaussian(psf_sigma(axis_map.step)))
    near = _columns(axis_map, 1, 2)
    spline = _cubic_spline(np.abs(near - axis_map.places[:, None]))
    weights = np.zeros((axis_map.new, len(response) + 3))
    for tap in range(4):
        weights[:, tap : tap + len(response)] += spline[:, tap, None] * response
    reach = len(response) // 2
    return _mirrored(_columns(axis_map, 1 + reach, 2 + reach), axis_map.old), weights


_MAKERS: Mapping[Weighing, Callable[[AxisMap, bool], Weighed]] = MappingProxyType(
    {"nearest": _nearest, "linear": _linear, "cubic": _cubic, "area": _area}
)


def _columns(axis_map: AxisMap, before: int, after: int) -> Ints:
    nearest = np.floor(axis_map.places).astype(np.intp)
    return np.asarray(nearest[:, None] + np.arange(-before, after + 1))


def _gaussian(sigma: float) -> Floats:
    reach = int(4 * sigma + 0.5)
    weights: Floats = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    return weights


def _cubic_spline(distance: Floats) -> Floats:
    # B-spline of degree 3 (M. Unser, Splines: a perfect fit, 1999, box 1).
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = np.maximum(0, 2 - distance) ** 3 / 6
    return np.where(distance < 1, near, far)


def _mirrored(index: Ints, length: int) -> Ints:
    if length == 1:
        return np.zeros_like(index)
    folded = np.abs(index) % (2 * length - 2)
    return np.asarray(np.minimum(folded, 2 * length - 2 - folded))


def _packed(columns: Ints, weights: Floats) -> tuple[Ints, Ints, npt.NDArray[np.float32]]:
    lowest = columns.min(axis=1)
    places = columns - lowest[:, None]
    rows = np.arange(len(columns))[:, None]
    dense = np.zeros((len(columns), int(places.max()) + 1))
    np.add.at(dense, (np.broadcast_to(rows, columns.shape), places), weights)
    is_used = np.abs(dense) >= SMALLEST_WEIGHT * np.abs(dense).sum(axis=1, keepdims=True)
    dense[~is_used] = 0
    dense /= dense.sum(axis=1, keepdims=True)
    lead = is_used.argmax(axis=1)
    count = dense.shape[1] - is_used[:, ::-1].argmax(axis=1) - lead
    taps = np.arange(int(count.max()))
    taken = np.minimum(lead[:, None] + taps, dense.shape[1] - 1)
    kept = np.where(taps < count[:, None], dense[rows, taken], 0).astype(np.float32)
    return (lowest + lead).astype(np.intp), count.astype(np.intp), kept
