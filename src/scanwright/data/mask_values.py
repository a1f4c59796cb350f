"""The numbers in a mask: whole, which there are, and what files of bare pictures mean by them."""

import numpy as np

from scanwright.base import LabelError
from scanwright.image import Array, Image

MOST_SHOWN = 5
COUNTED_BITS = 16
"""Numbers of up to so many bits are counted, which is faster than sorting them."""

PIECE = 1 << 20


def whole_numbers(array: Array, where: str) -> Array:
    """Return the values of a mask as integers; floats that are whole are taken as such.

    Raises
    ------
    LabelError
        A value is not finite, or no whole number.
    """
    if array.dtype.kind in "ui":
        return array
    if array.dtype.kind == "b":
        return array.astype(np.uint8)
    lost = int(array.size - np.isfinite(array).sum())
    if lost:
        raise LabelError(
            "The mask holds values that are not finite.",
            got=f"{lost} of {array.size} are NaN or infinite",
            next="save it as integers",
            where=where,
        )
    whole = np.rint(array)
    if not np.array_equal(whole, array):
        between = np.unique(array[whole != array])
        raise LabelError(
            "The mask holds values that are no whole numbers.",
            got=", ".join(f"{value:.4g}" for value in between[:MOST_SHOWN].tolist())
            + (f" and {len(between) - MOST_SHOWN} more" if len(between) > MOST_SHOWN else ""),
            next="it may be a probability map, or resampled by interpolation: threshold it, or "
            "resample it by the nearest neighbour",
            where=where,
        )
    low, high = (float(array.min()), float(array.max())) if array.size else (0.0, 0.0)
    return whole.astype(np.uint8 if low >= 0 and high < 256 else np.int64)


def values_of(array: Array) -> tuple[int, ...]:
    """Return the different values of an array of integers, sorted.

    >>> values_of(np.array([[2, 0], [0, 255]], dtype=np.uint8))
    (0, 2, 255)
    """
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    flat = array.reshape(-1)
    if flat.size == 0 or flat.min() < 0 or flat.max() >= 1 << COUNTED_BITS:
        return tuple(int(value) for value in np.unique(flat).tolist())
    found = np.zeros(int(flat.max()) + 1, dtype=bool)
    # Counting widens numbers to 64 bits: in pieces, a large map is not copied eightfold.
    for begin in range(0, flat.size, PIECE):
        counts = np.bincount(flat[begin : begin + PIECE].astype(np.int64), minlength=len(found))
        found |= counts > 0
    return tuple(np.flatnonzero(found).tolist())


def one_channel(mask: Image, where: str) -> Image:
    """Return a mask with its only channel; grey saved as RGB counts as one.

    Raises
    ------
    LabelError
        It has several channels that differ: colours, or one for each class.
    """
    array = mask.array
    if len(array) == 1:
        return mask
    if all(np.array_equal(array[0], other) for other in array[1:]):
        return mask.with_array(array[:1])
    if len(array) == 3 and array.dtype == np.uint8:
        colours = np.unique(array.reshape(3, -1), axis=1).shape[1]
        raise LabelError(
            "The mask is a colour picture.",
            got=f"{colours} colours",
            legal="one grey value for each class",
            next="save the number of the class in place of its colour",
            where=where,
        )
    raise LabelError(
        "A label map has one channel.",
        got=f"{len(array)} channels",
        next="save the number of the class as one value for each element",
        where=where,
    )
