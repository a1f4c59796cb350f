"""The ways in which one image may have been turned, mirrored or cut to make another."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations, product
from math import prod

import numpy as np
import numpy.typing as npt

from scanwright.auditing.picture import Floats, resampling

Places = npt.NDArray[np.intp]
"""Places in a sequence, base 0."""
KEPT_SHARE = 0.92
"""Share of each axis that is kept by the cuts that are tried; the registration finds the rest."""


@dataclass(frozen=True, slots=True)
class View:
    """One way of looking at a picture: turned first, then cut.

    Parameters
    ----------
    order
        Where each axis comes from.
    flips
        Whether each axis is then reversed.
    share
        Part of each axis that is seen, 0 to 1.
    begin
        Where on each axis it begins, 0 to 1 - share.
    """

    order: tuple[int, ...]
    flips: tuple[bool, ...]
    share: float
    begin: tuple[float, ...]

    @property
    def is_upright(self) -> bool:
        """Whether nothing is turned or mirrored."""
        return self.order == tuple(range(len(self.order))) and not any(self.flips)

    @property
    def is_rotated(self) -> bool:
        """Whether it takes a turn, not only one mirror."""
        return self.order != tuple(range(len(self.order))) or sum(self.flips) > 1

    def turn(self, values: Floats) -> Floats:
        """Turn and mirror pictures of shape (N, *space)."""
        turned = values.transpose(0, *(axis + 1 for axis in self.order))
        flipped: Floats = np.flip(turned, tuple(a + 1 for a, flip in enumerate(self.flips) if flip))
        return flipped

    def see(self, values: Floats, edge: int) -> Floats:
        """Turn, cut and reduce pictures of shape (N, *space) to (N, edge, ...)."""
        grids = [cut(values.shape[-1], edge, self.share, begin) for begin in self.begin]
        return along_axes(self.turn(values), grids)


def upright_views(rank: int) -> tuple[View, ...]:
    """Return the whole picture, and cuts from its middle and its corners."""
    order, flips, rest = tuple(range(rank)), (False,) * rank, 1 - KEPT_SHARE
    corners = product((0.0, rest), repeat=rank)
    begins = [(rest / 2,) * rank, *corners]
    whole = View(order, flips, 1.0, (0.0,) * rank)
    return (whole, *(View(order, flips, KEPT_SHARE, begin) for begin in begins))


def turned_views(rank: int) -> tuple[View, ...]:
    """Return all mirrored pictures and those turned by right angles in the plane of the slices.

    The slowest axis of a volume stays, or is mirrored: slices of another direction would be
    another grid.
    """
    first, last = tuple(range(max(0, rank - 2))), tuple(range(max(0, rank - 2), rank))
    orders = [first + plane for plane in permutations(last)]
    views = [
        View(order, flips, 1.0, (0.0,) * rank)
        for order in orders
        for flips in product((False, True), repeat=rank)
    ]
    return tuple(view for view in views if not view.is_upright)


@lru_cache(maxsize=256)
def cut(length: int, edge: int, share: float, begin: float) -> Floats:
    """Return the matrix (edge, length) that cuts a part out of an axis and reduces it."""
    if share == 1:
        return resampling(length, edge)
    reach = max(1.0, length * share / edge)
    centres = (begin + (np.arange(edge) + 0.5) * share / edge) * length - 0.5
    weights = np.maximum(1 - np.abs(np.arange(length)[None] - centres[:, None]) / reach, 0)
    grid: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return grid


def along_axes(values: Floats, matrices: Iterable[Floats]) -> Floats:
    """Multiply each spatial axis of (N, *space) by its matrix.

    Parameters
    ----------
    matrices
        One per axis, shape (new, old) for all pictures or (N, new, old) for each its own.
    """
    for axis, matrix in enumerate(matrices, start=1):
        last = np.swapaxes(values, axis, -1)
        rows = last.reshape(len(last), prod(last.shape[1:-1]), last.shape[-1])
        product_ = rows @ np.swapaxes(matrix, -1, -2)
        shape = (*last.shape[:-1], product_.shape[-1])
        values = np.swapaxes(product_.reshape(shape), axis, -1)
    return values


@lru_cache(maxsize=32)
def blurring(edge: int, sigma: float) -> Floats:
    """Return the matrix (edge, edge) of a Gaussian blur with mirrored ends."""
    reach = int(np.ceil(4 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    matrix = np.zeros((edge, edge))
    for row in range(edge):
        for offset, weight in enumerate(kernel, start=row - reach):
            place = offset % (2 * edge)
            matrix[row, min(place, 2 * edge - 1 - place)] += weight
    blurred: Floats = (matrix / matrix.sum(axis=1, keepdims=True)).astype(np.float32)
    return blurred


@dataclass(frozen=True, slots=True)
class Detail:
    """How brightness and contrast of the surroundings are taken out of pictures.

    A change of brightness, contrast or gamma is nearly linear in a small neighbourhood, so it
    falls out. Where the contrast is far below `floor` (empty background) nothing is left.

    Parameters
    ----------
    sigma
        Width of the neighbourhood, in elements.
    floor
        Contrast that counts as noise; pictures run from 0 to 1.
    smooth
        Width of the blur before all else, in elements; 0 for none.
    """

    sigma: float
    floor: float
    smooth: float = 0.0

    def of(self, values: Floats) -> Floats:
        """Return the details of pictures of shape (N, *space)."""
        blur = [blurring(values.shape[-1], self.sigma)] * (values.ndim - 1)
        rest = values - along_axes(values, blur)
        spread = np.sqrt(np.maximum(along_axes(rest * rest, blur), 0))
        return np.asarray(rest / (spread + np.float32(self.floor)), np.float32)

    def within(self, values: Floats, mask: Floats) -> Floats:
        """Return the details as if there were nothing where `mask` is 0; there they are 0."""
        if self.smooth:
            values = _mean_within(values, mask, self.smooth)
        rest = (values - _mean_within(values, mask, self.sigma)) * mask
        spread = np.sqrt(np.maximum(_mean_within(rest * rest, mask, self.sigma), 0))
        return np.asarray(rest / (spread + np.float32(self.floor)), np.float32)


def _mean_within(values: Floats, mask: Floats, sigma: float) -> Floats:
    blur = [blurring(values.shape[-1], sigma)] * (values.ndim - 1)
    weight = np.maximum(along_axes(mask, blur), 1e-6)
    return np.asarray(along_axes(values * mask, blur) / weight, np.float32)


def to_unit(values: Floats) -> Floats:
    """Flatten (N, *space) to (N, D), each row of mean 0 and length 1 (0 where it is flat)."""
    rows = values.reshape(len(values), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = rows / np.maximum(length, 1e-6)
    return unit
