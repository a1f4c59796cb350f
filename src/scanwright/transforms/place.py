"""Transforms that cut or extend an image without touching its values: pad, crop to content."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from scanwright.base import RecipeError, option
from scanwright.image import Array, Case, Geometry, Image
from scanwright.transforms.transform import (
    Drawn,
    Fill,
    Filling,
    GridTransform,
    Length,
    check_size,
    per_axis,
)

Counts = npt.NDArray[np.int64]
"""Whole numbers."""

LEVEL_SAMPLE = 2**20
"""About how many elements are enough to tell background from content, and are read at a time."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box of elements, in index units of a grid; it may reach outside."""

    start: tuple[int, ...]
    size: tuple[int, ...]

    @classmethod
    def whole(cls, size: tuple[int, ...]) -> "Box":
        """Make the box that is all of a grid."""
        return cls((0,) * len(size), size)

    @classmethod
    def centred(cls, size: tuple[int, ...], within: tuple[int, ...]) -> "Box":
        """Make the box in the middle of a grid; half an element rounds to even."""
        start = tuple(round((whole - part) / 2) for part, whole in zip(size, within, strict=True))
        return cls(start, size)

    def inverted(self, whole: tuple[int, ...]) -> "Box":
        """Return, seen from inside this box, the grid of size `whole` in which it lies."""
        return Box(tuple(-first for first in self.start), whole)


@dataclass(frozen=True, slots=True)
class Placed:
    """The old grid, and which box of it became the new one."""

    old_size: tuple[int, ...]
    old: Geometry
    box: Box


class Pad(GridTransform):
    """Extend, and cut, an image about its middle to a size in elements."""

    kind: ClassVar[str] = "pad"

    size: tuple[Length, ...] = option(..., help="Edge in elements: one, or one per axis.")
    larger: Literal["crop", "keep"] = option("crop", help="What becomes of an axis too long.")
    fill: Fill = option("minimum", help='Value outside: a number, "minimum" or "edge".')

    @property
    def filling(self) -> Filling:
        """How values outside are made."""
        return Filling(outside=self.fill)

    def learn(self, image: Image) -> Placed:
        """Return the box that will be the new grid."""
        size = per_axis(self.size, image.rank, "pad.size")
        if self.larger == "keep":
            size = tuple(max(new, old) for new, old in zip(size, image.size, strict=True))
        return Placed(image.size, image.geometry, Box.centred(size, image.size))

    def forward(self, image: Image, facts: Placed, filling: Filling) -> Image:
        """Extend or cut one image."""
        return place(image, facts.box, filling.outside)

    def backward(self, image: Image, facts: Placed, filling: Filling) -> Image:
        """Cut what was added; what was cut is filled."""
        return _put_back(image, facts, filling)


class CropToContent(GridTransform):
    """Cut away the empty border.

    An element is content above a level: `level`, or, where none is given, 5 % of the way from the
    1st to the 99th percentile; or, at "nonzero", where any channel has another value than 0. A
    slab across an axis is content when `least_share` of the fullest slab's content lies in it, so
    that specks of noise do not hold the border. An image without content stays whole. Images of
    one case that share a grid are cut alike.
    """

    kind: ClassVar[str] = "crop_to_content"

    level: float | Literal["nonzero"] | None = option(
        None, help="Content lies above, or is what is not 0; found from the image if unset."
    )
    least_share: float = option(
        0.02, low=0, high=1, help="Content of a slab, as a share of the fullest slab's."
    )
    margin: int = option(2, low=0, help="Elements kept around the content.")

    @property
    def filling(self) -> Filling:
        """How values outside are made when the crop is undone."""
        return Filling(outside="minimum")

    def draw(self, case: Case, rng: np.random.Generator) -> Drawn:
        """Find the content; images on one grid get one box that holds the content of all."""
        del rng
        boxes = [self.learn(image) for image in case.images.values()]
        return tuple(_joined([other for other in boxes if _same_grid(one, other)]) for one in boxes)

    def learn(self, image: Image) -> Placed:
        """Return the box around the content."""
        starts, sizes = [], []
        for counts in _counts(image.array, self._level(image.array)):
            first, last = self._bounds(counts)
            first, last = max(0, first - self.margin), min(len(counts), last + self.margin)
            starts.append(first)
            sizes.append(last - first)
        return Placed(image.size, image.geometry, Box(tuple(starts), tuple(sizes)))

    def _level(self, array: Array) -> float | None:
        if self.level == "nonzero":
            return None
        if self.level is not None:
            return self.level
        values = array.reshape(-1)
        step = values.size // LEVEL_SAMPLE | 1  # odd, so that it does not keep to one column
        low, high = np.nanpercentile(values[::step], (1, 99)).tolist()
        return float(low + 0.05 * (high - low))

    def _bounds(self, counts: Counts) -> tuple[int, int]:
        filled = np.flatnonzero((counts > 0) & (counts >= self.least_share * counts.max()))
        if filled.size == 0:
            return 0, len(counts)
        return int(filled[0]), int(filled[-1]) + 1

    def forward(self, image: Image, facts: Placed, filling: Filling) -> Image:
        """Cut one image."""
        return place(image, facts.box, filling.outside)

    def backward(self, image: Image, facts: Placed, filling: Filling) -> Image:
        """Put one image back into its old grid; what was cut away is filled."""
        return _put_back(image, facts, filling)


def _counts(array: Array, level: float | None) -> list[Counts]:
    """Count the content of each slab across each axis; without a level it is what is not 0."""
    size = array.shape[1:]
    counts = [np.zeros(length, dtype=np.int64) for length in size]
    planes = max(1, LEVEL_SAMPLE * size[0] // array.size)
    for start in range(0, size[0], planes):  # slab by slab: a truth value for each element is much
        slab = array[:, start : start + planes]
        is_content = (slab > level) if level is not None else (slab != 0) & ~np.isnan(slab)
        seen = is_content.any(axis=0)
        counts[0][start : start + planes] = seen.sum(axis=tuple(range(1, seen.ndim)))
        for axis in range(1, seen.ndim):
            others = tuple(other for other in range(seen.ndim) if other != axis)
            counts[axis] += seen.sum(axis=others)
    return counts


def place(image: Image, box: Box, outside: Fill) -> Image:
    """Return a box of an image that may reach outside it.

    Parameters
    ----------
    image
        Any image.
    box
        The elements of the result, in index units of `image`.
    outside
        Value of elements that `image` does not have.
    """
    if box == Box.whole(image.size):
        return image
    ends = [a + n for a, n in zip(box.start, box.size, strict=True)]
    inside = tuple(
        slice(min(max(0, a), n), max(0, min(b, n)))
        for a, b, n in zip(box.start, ends, image.size, strict=True)
    )
    widths = [
        (min(max(0, -a), size), min(max(0, b - n), size))
        for a, b, n, size in zip(box.start, ends, image.size, box.size, strict=True)
    ]
    array = image.array[(slice(None), *inside)]
    if any(before or after for before, after in widths):
        array = _padded(array, widths, outside, image.array)
    return image.with_grid(array, image.geometry.cropped(box.start))


def _padded(array: Array, widths: list[tuple[int, int]], outside: Fill, whole: Array) -> Array:
    every = [(0, 0), *widths]
    if outside == "edge" and array.size:
        return np.pad(array, every, mode="edge")
    value = outside if not isinstance(outside, str) else whole.min().item()
    if array.dtype.kind != "f" and not _holds(array.dtype, value):
        raise RecipeError(
            "The filling is no value of the image's number type.",
            got=value,
            legal=f"a number that {array.dtype} holds",
            next='pad after a transform that makes floats, or fill with "minimum"',
        )
    return np.pad(array, every, constant_values=value)


def _holds(dtype: np.dtype[np.generic], value: float) -> bool:
    if dtype.kind == "b":
        return value in (0, 1)
    limits = np.iinfo(str(dtype))
    return float(value).is_integer() and limits.min <= value <= limits.max


def _put_back(image: Image, facts: Placed, filling: Filling) -> Image:
    check_size(image, facts.box.size)
    back = place(image, facts.box.inverted(facts.old_size), filling.outside)
    return back.with_grid(back.array, facts.old)


def _same_grid(one: Placed, other: Placed) -> bool:
    return one.old_size == other.old_size and one.old.is_close(other.old)


def _joined(placed: list[Placed]) -> Placed:
    starts = np.array([one.box.start for one in placed]).min(axis=0)
    ends = np.array([np.add(one.box.start, one.box.size) for one in placed]).max(axis=0)
    box = Box(tuple(starts.tolist()), tuple((ends - starts).tolist()))
    return replace(placed[0], box=box)
