"""What one image looks like, in a few numbers and one small picture, so that it is read once."""

import hashlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scanwright.auditing.frame import Frame4, find_frame
from scanwright.auditing.lettering import Lines, find_lettering
from scanwright.auditing.picture import Picture, reduce_image
from scanwright.image import Array, Image

PICTURE = 64
"""Edge of the small picture."""
THINNED = 65_536
"""Values that percentiles are taken from, at most."""
LARGEST_PLANE = 768
"""A plane is reduced to this longer side before lettering is looked for."""
BRIGHTEST = 40
"""Pixels that may be brighter than letters, as a hot one is."""
SMALLEST_LETTERED = 64
"""Below this edge no letter can be read."""

Bytes = npt.NDArray[np.uint8]
"""Grey levels 0 to 255."""


@dataclass(frozen=True, slots=True)
class Look:
    """One image as the checks see it.

    Parameters
    ----------
    digest
        SHA-256 of shape, number type and values, as the split takes it.
    shape, dtype
        (C, *space) and number type as read.
    low, high
        Smallest and largest finite value.
    middle, spread
        Median, and half the range from the 16th to the 84th percentile.
    lost
        Share of values that are NaN or infinite.
    at_low, at_high
        Share of values equal to the smallest and to the largest.
    limits
        Lowest and highest value that the number type can hold; both 0 for fractions.
    levels
        Number of different values among a sample.
    is_grey
        Whether there is one channel, or all channels are alike.
    frame
        Share of the edge length that is empty border: top, bottom, left, right.
    lettering
        Boxes of lines that look like burned-in text: top, left, bottom, right as shares.
    picture
        Shape (64, 64): the middle plane, stretched, grey levels between its 1st and 99th
        percentile.
    reduced
        What near duplicates are found by; None where they are not looked for.
    """

    digest: str
    shape: tuple[int, ...]
    dtype: str
    low: float
    high: float
    middle: float
    spread: float
    lost: float
    at_low: float
    at_high: float
    limits: tuple[float, float]
    levels: int
    is_grey: bool
    frame: Frame4
    lettering: Lines
    picture: Bytes = field(repr=False)
    reduced: Picture | None = field(default=None, repr=False)

    @property
    def is_constant(self) -> bool:
        """Whether all values are one."""
        return self.high <= self.low

    @property
    def bits(self) -> int:
        """Bits that whole numbers need for their range; 0 for fractions."""
        if self.limits == (0.0, 0.0):
            return 0
        return max(1, int(self.high - min(self.low, 0.0)).bit_length())

    @property
    def stored_bits(self) -> int:
        """Bits that whole numbers are stored in; 0 for fractions."""
        return int(self.limits[1] - self.limits[0]).bit_length()


def take_look(image: Image, *, does_read: bool = True, does_compare: bool = True) -> Look:
    """Look at one image.

    Parameters
    ----------
    does_read
        Whether to look for lettering, the slowest part.
    does_compare
        Whether to keep what near duplicates are found by.
    """
    array = image.array
    values = _thinned(array)
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    lost = _lost(array)
    low, high = _ends(array, lost)
    plane = middle_plane(array)
    grey = as_levels(plane)
    at = np.percentile(finite, (16, 50, 84)) if finite.size else np.zeros(3)
    is_big = min(grey.shape) >= SMALLEST_LETTERED
    return Look(
        digest=digest_of(array),
        shape=tuple(array.shape),
        dtype=array.dtype.name,
        low=low,
        high=high,
        middle=float(at[1]),
        spread=float(at[2] - at[0]) / 2,
        lost=lost,
        at_low=float((finite == low).mean()) if finite.size else 0.0,
        at_high=float((finite == high).mean()) if finite.size else 0.0,
        limits=_limits(array),
        levels=int(np.unique(values).size),
        is_grey=_is_grey(array),
        frame=find_frame(grey),
        lettering=find_lettering(_reduced(_full_levels(plane))) if does_read and is_big else (),
        picture=shrink(grey, PICTURE),
        reduced=reduce_image(image) if does_compare else None,
    )


def digest_of(array: Array) -> str:
    """Hash the shape, number type and values of an array, as the split does."""
    digest = hashlib.sha256(f"{array.shape} {array.dtype.str}".encode())
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def middle_plane(array: Array) -> Array:
    """Return one plane, shape (Y, X): the middle of the slow axis, channels averaged."""
    if array.ndim == 4:
        array = array[:, array.shape[1] // 2]
    if array.ndim == 2:
        array = array[:, None]
    colours = array[:3] if len(array) in (3, 4) else array[:1]
    if len(colours) == 1:
        return np.asarray(colours[0])
    mean: Array = colours.mean(axis=0, dtype=np.float32)
    return mean


def as_levels(plane: Array) -> Bytes:
    """Return grey levels 0 to 255 between the 1st and the 99th percentile; lost values are 0."""
    values = plane.astype(np.float32)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = np.percentile(_thinned(values), (1, 99))
    if high <= low:
        low, high = values.min(), values.max()
    if high <= low:
        return np.zeros(plane.shape, dtype=np.uint8)
    levels = np.clip((values - low) * (255.0 / (high - low)), 0, 255)
    return np.asarray(levels, dtype=np.uint8)


def _full_levels(plane: Array) -> Bytes:
    """Return grey levels up to the brightest few pixels: letters are as bright as it gets."""
    values = plane.astype(np.float32)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    flat = values.reshape(-1)
    at = max(flat.size - BRIGHTEST, 0)
    low, high = float(flat.min()), float(np.partition(flat, at)[at])
    if high <= low:
        return np.zeros(plane.shape, dtype=np.uint8)
    levels = np.clip((values - low) * (255.0 / (high - low)), 0, 255)
    return np.asarray(levels, dtype=np.uint8)


def shrink(grey: Bytes, edge: int) -> Bytes:
    """Stretch a plane to a square of `edge` pixels, each the mean of what it covers."""
    from PIL import Image as Sheet

    how = Sheet.Resampling.BOX if min(grey.shape) >= edge else Sheet.Resampling.BILINEAR
    return np.asarray(Sheet.fromarray(grey).resize((edge, edge), how))


def _reduced(grey: Bytes) -> Bytes:
    from PIL import Image as Sheet

    scale = LARGEST_PLANE / max(grey.shape)
    if scale >= 1:
        return grey
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    return np.asarray(Sheet.fromarray(grey).resize(size, Sheet.Resampling.BOX))


def _thinned(array: Array) -> Array:
    flat = array.reshape(-1).astype(np.uint8) if array.dtype.kind == "b" else array.reshape(-1)
    # An odd stride does not keep to the columns of images of even width.
    stride = max(flat.size // THINNED, 1) | 1
    return flat[::stride] if flat.size > THINNED else flat


def _lost(array: Array) -> float:
    if array.dtype.kind != "f":
        return 0.0
    return float(1 - np.isfinite(array).mean())


def _ends(array: Array, lost: float) -> tuple[float, float]:
    if lost == 1:
        return 0.0, 0.0
    if lost:
        array = array[np.isfinite(array)]
    return float(array.min()), float(array.max())


def _limits(array: Array) -> tuple[float, float]:
    if array.dtype.kind == "b":
        return 0.0, 1.0
    if array.dtype.kind in "ui":
        limits = np.iinfo(array.dtype)
        return float(limits.min), float(limits.max)
    return 0.0, 0.0


def _is_grey(array: Array) -> bool:
    if len(array) < 3:
        return True
    if array.shape[0] > 4:
        return False
    stride = (slice(None), *(slice(None, None, 2) for _ in array.shape[1:]))
    colours = array[stride][:3].astype(np.float32)
    spread = np.ptp(colours, axis=0)
    scale = max(float(np.ptp(colours)), 1e-9)
    return bool((spread > 0.1 * scale).mean() <= 0.002)
