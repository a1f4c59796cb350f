"""An image of any size and rank reduced to one small grey picture that can be compared."""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from math import prod

import numpy as np
import numpy.typing as npt

from scanwright.image import Array, Image

Floats = npt.NDArray[np.float32]
"""Single-precision numbers, enough for everything that is compared here."""

Band = tuple[npt.NDArray[np.intp], Floats]

EDGES = {1: 64, 2: 64, 3: 24}
"""Rank → elements along each axis of a picture; a volume stays a (small) volume."""
LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in grey (ITU-R BT.601, 2.5.1)."""
DARK_PERCENT, BRIGHT_PERCENT = 1.0, 99.0
"""A few bright pixels (metal, burned-in letters) must not set the contrast of all others."""
LEAST_RELATIVE_CONTRAST = 1e-5
CHUNK_ELEMENTS = 1 << 22
"""Elements converted to float at once; bounds the memory that a large volume takes."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A case seen from afar.

    Parameters
    ----------
    values
        Shape (edge,) * rank with the edge of `EDGES`, stretched whatever the sides of the image
        were; 0 = dark, 1 = bright (first and 99th percentile, clipped). All 0 when constant.
    size
        Elements along each axis of the image itself.
    dark, bright
        What 0 and 1 were in the image's own unit.
    digest
        Hash of size, number type and values of the image itself: equal for exact copies only.
    """

    values: Floats = field(repr=False)
    size: tuple[int, ...]
    dark: float
    bright: float
    digest: str

    def __post_init__(self) -> None:
        view = self.values.view()
        view.setflags(write=False)
        object.__setattr__(self, "values", view)

    @property
    def rank(self) -> int:
        """Number of spatial axes."""
        return self.values.ndim

    @property
    def is_constant(self) -> bool:
        """Whether there is nothing to see: all pixels alike."""
        return self.bright <= self.dark


def reduce_image(image: Image) -> Picture:
    """Reduce an image to a small grey picture.

    Colours become luma, other channels their mean; each axis is resampled by a triangle as wide
    as the reduction, so that nothing is aliased. Values that are not finite count as the darkest.
    """
    return reduce_array(image.array)


def reduce_array(array: Array) -> Picture:
    """Reduce the array of an image, shape (C, *space), likewise."""
    grey, size, digest = _reduced(array), array.shape[1:], digest_of(array)
    dark, bright = _contrast(grey)
    if bright <= dark:
        return Picture(np.zeros_like(grey), size, dark, dark, digest)
    values = np.clip((grey - np.float32(dark)) / np.float32(bright - dark), 0, 1)
    return Picture(values, size, dark, bright, digest)


def digest_of(array: Array) -> str:
    """Return a hash of shape, number type and values, 32 hexadecimal digits."""
    digest = hashlib.blake2b(f"{array.shape} {array.dtype.str}".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _reduced(array: Array) -> Floats:
    """Turn (C, *space) into (edge,) * rank, still in the image's own unit."""
    from scanwright.auditing.shrinking import add_reduced

    weights = np.array(LUMA if len(array) == 3 else [1 / len(array)] * len(array), np.float32)
    edge = EDGES[array.ndim - 1]
    total: Floats = np.zeros((edge, *array.shape[2:]), np.float32)
    darkest = _darkest(array)
    step = max(1, CHUNK_ELEMENTS // max(1, array[:, 0].size))
    for begin in range(0, array.shape[1], step):
        part = array[:, begin : begin + step].astype(np.float32)
        if darkest is not None:
            part[~np.isfinite(part)] = darkest
        grey = part[0] if len(part) == 1 else np.tensordot(weights, part, 1)
        add_reduced(_lines(grey), begin, band(array.shape[1], edge), _lines(total))
    for axis in range(1, total.ndim):
        last = np.moveaxis(total, axis, 0)
        reduced = np.zeros((edge, *last.shape[1:]), np.float32)
        add_reduced(_lines(last), 0, band(len(last), edge), _lines(reduced))
        total = np.moveaxis(reduced, 0, axis)
    return np.ascontiguousarray(total, np.float32)


def _lines(values: Floats) -> Floats:
    """Return what lies along the first axis as lines, contiguous: (N, M)."""
    return np.ascontiguousarray(values, np.float32).reshape(len(values), prod(values.shape[1:]))


def _darkest(array: Array) -> float | None:
    """Return the value that stands for what is not finite; None where all is finite."""
    if array.dtype.kind != "f" or bool(np.isfinite(array).all()):
        return None
    finite = array[np.isfinite(array)]
    return float(finite.min()) if finite.size else 0.0


def _contrast(grey: Floats) -> tuple[float, float]:
    """Return the values that become 0 and 1; equal when there is nothing between them."""
    dark, bright = _percentiles(grey.reshape(-1), (DARK_PERCENT, BRIGHT_PERCENT))
    least = LEAST_RELATIVE_CONTRAST * float(np.abs(grey).max())
    if bright - dark <= least:
        # A small bright spot in the dark lies beyond the percentiles.
        dark, bright = float(grey.min()), float(grey.max())
    return (dark, bright) if bright - dark > least else (dark, dark)


def _percentiles(values: Floats, percents: tuple[float, ...]) -> list[float]:
    """Return percentiles as numpy does; for so few values most of its time goes elsewhere."""
    places = [percent / 100 * (len(values) - 1) for percent in percents]
    firsts = [int(place) for place in places]
    nexts = [min(first + 1, len(values) - 1) for first in firsts]
    ordered = np.partition(values, firsts + nexts)
    pairs = zip(places, firsts, nexts, strict=True)
    return [
        float(ordered[one] + (ordered[other] - ordered[one]) * (place - one))
        for place, one, other in pairs
    ]


@lru_cache(maxsize=256)
def band(length: int, edge: int) -> Band:
    """Return `resampling` as the first element and the weights of each row, padded with 0."""
    grid = resampling(length, edge)
    firsts = (grid > 0).argmax(axis=1)
    taps = int(((grid > 0).sum(axis=1)).max())
    firsts = np.minimum(firsts, length - taps)
    return firsts, np.take_along_axis(grid, firsts[:, None] + np.arange(taps), axis=1)


@lru_cache(maxsize=256)
def resampling(length: int, edge: int) -> Floats:
    """Return the matrix (edge, length) that resamples an axis; each row sums to 1.

    A triangle around each new centre, as wide as the reduction (at least one old element).
    """
    reach = max(1.0, length / edge)
    centres = (np.arange(edge) + 0.5) * length / edge - 0.5
    weights = 1 - np.abs(np.arange(length)[None] - centres[:, None]) / reach
    weights = np.maximum(weights, 0)
    grid: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return grid
