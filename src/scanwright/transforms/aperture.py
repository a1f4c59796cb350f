"""The part of a picture that was exposed or insonified: cropped to, and the rest made blank."""

from abc import abstractmethod
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from scanwright.base import ShapeError
from scanwright.image import Case, Geometry, Image
from scanwright.transforms.place import Box, place
from scanwright.transforms.transform import Drawn, Fill, Filling, GridTransform, check_size

Inside = npt.NDArray[np.bool_]
"""Which elements of a picture are seen, shape (Y, X)."""

Plane = npt.NDArray[np.float64]
"""A picture as numbers, shape (Y, X)."""


@dataclass(frozen=True, slots=True)
class Aperture:
    """The old grid, the box of it that is kept, and what is seen in the box.

    Parameters
    ----------
    old_size, old
        The grid before.
    box
        The new grid, in index units of the old one.
    inside
        Shape of the last two axes of the box; None where all of it is kept as it is.
    """

    old_size: tuple[int, ...]
    old: Geometry
    box: Box
    inside: Inside | None = field(default=None, repr=False)


class ApertureTransform(GridTransform):
    """A crop to what was seen; a volume is taken as frames of one view along its first axis."""

    @property
    def filling(self) -> Filling:
        """How what was not seen is filled, and values outside when the crop is undone."""
        return Filling(outside="minimum")

    def draw(self, case: Case, rng: np.random.Generator) -> Drawn:
        """Find what is seen; images on one grid keep what is seen in any of them."""
        del rng
        found = [self.learn(image) for image in case.images.values()]
        return tuple(joined([other for other in found if _same_grid(one, other)]) for one in found)

    @abstractmethod
    def learn(self, image: Image) -> Aperture:
        """Return what is kept of one image."""

    def forward(self, image: Image, facts: Aperture, filling: Filling) -> Image:
        """Cut one image, and blank what was not seen."""
        cut = place(image, facts.box, filling.outside)
        if facts.inside is None:
            return cut
        blank = np.asarray(blank_value(image, filling.outside), dtype=image.array.dtype)
        return cut.with_array(np.where(facts.inside, cut.array, blank))

    def backward(self, image: Image, facts: Aperture, filling: Filling) -> Image:
        """Put one image back into its old grid; what was cut away is filled."""
        check_size(image, facts.box.size)
        outside = blank_value(image, filling.outside)
        back = place(image, facts.box.inverted(facts.old_size), outside)
        return back.with_grid(back.array, facts.old)


def blank_value(image: Image, outside: Fill) -> float:
    """Return the value that stands for nothing."""
    if isinstance(outside, str):
        lowest = np.nanmin(image.array) if np.isfinite(image.array).any() else 0
        return lowest.item() if isinstance(lowest, np.generic) else lowest
    return outside


def view(image: Image) -> Plane:
    """Return one grey picture, shape (Y, X): the mean of channels and frames.

    Raises
    ------
    ShapeError
        The image is a line.
    """
    if image.rank < 2:
        raise ShapeError("A view has rows and columns.", got=image, legal="a 2-D or 3-D image")
    array = image.array[:3]
    plane = np.zeros(image.size[-2:])
    known = np.zeros(image.size[-2:])
    for frame in array.reshape(-1, *image.size[-2:]):
        is_number = np.isfinite(frame)
        plane += np.where(is_number, frame, 0)
        known += is_number
    fallback = float(plane.sum() / known.sum()) if known.any() else 0.0
    return np.where(known > 0, plane / np.maximum(known, 1), fallback)


def aperture_of(image: Image, inside: Inside, *, blank: bool) -> Aperture:
    """Return the aperture of what is seen in a picture; all of the image where that is nothing."""
    if not inside.any() or inside.all():
        return Aperture(image.size, image.geometry, Box.whole(image.size))
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    start = (int(rows[0]), int(columns[0]))
    size = (int(rows[-1]) + 1 - start[0], int(columns[-1]) + 1 - start[1])
    frames = image.size[:-2]
    box = Box((*(0 for _ in frames), *start), (*frames, *size))
    seen = inside[start[0] : start[0] + size[0], start[1] : start[1] + size[1]]
    return Aperture(image.size, image.geometry, box, seen.copy() if blank else None)


def joined(found: list[Aperture]) -> Aperture:
    """Return what holds the parts seen of several images on one grid."""
    first = found[0]
    if all(one.box == first.box for one in found) and len(found) == 1:
        return first
    starts = np.array([one.box.start for one in found]).min(axis=0)
    ends = np.array([np.add(one.box.start, one.box.size) for one in found]).max(axis=0)
    box = Box(tuple(starts.tolist()), tuple((ends - starts).tolist()))
    inside = np.zeros(box.size[-2:], dtype=bool)
    for one in found:
        (row, column), (height, width) = one.box.start[-2:], one.box.size[-2:]
        row, column = row - box.start[-2], column - box.start[-1]
        part = inside[row : row + height, column : column + width]
        part |= True if one.inside is None else one.inside
    return replace(first, box=box, inside=None if inside.all() else inside)


def _same_grid(one: Aperture, other: Aperture) -> bool:
    return one.old_size == other.old_size and one.old.is_close(other.old)
