"""Stored numbers to values: slope and intercept, kept in integers wherever that is exact."""

import numpy as np

from scanwright.image import Array

INTEGERS = ("uint8", "int16", "uint16", "int32", "uint32", "int64")


def is_identity(slope: float, intercept: float) -> bool:
    """Whether values equal stored numbers; a slope of 0 or no number means "no scaling"."""
    return not _is_usable(slope, intercept) or (slope == 1 and intercept == 0)


def rescaled_dtype(dtype: str, slope: float, intercept: float, bits: int | None = None) -> str:
    """Return the number type of stored × slope + intercept.

    Parameters
    ----------
    dtype
        Number type of the stored numbers.
    bits
        How many bits of it are in use; all, when not given.
    """
    if is_identity(slope, intercept):
        return dtype
    kind = np.dtype(dtype).kind
    if kind not in "ui":
        return dtype if kind == "f" else "float32"
    if float(slope).is_integer() and float(intercept).is_integer():
        low, high = stored_range(dtype, bits)
        ends = (int(slope) * low + int(intercept), int(slope) * high + int(intercept))
        for name in INTEGERS:
            limit = np.iinfo(name)
            if limit.min <= min(ends) and max(ends) <= limit.max:
                return name
    return "float32" if np.dtype(dtype).itemsize <= 2 else "float64"


def rescaled(array: Array, slope: float, intercept: float, bits: int | None = None) -> Array:
    """Return array × slope + intercept, in integers where slope and intercept are whole."""
    if is_identity(slope, intercept):
        return array
    target = np.dtype(rescaled_dtype(array.dtype.name, slope, intercept, bits))
    if target.kind in "ui":
        # Integers wrap around, so that sums and products are right wherever the result fits.
        values = array.astype(target)
        if slope != 1:
            values *= np.int64(slope).astype(target)
        values += np.int64(intercept).astype(target)
        return values
    result: Array = (array.astype(np.float64) * slope + intercept).astype(target)
    return result


def stored_range(dtype: str, bits: int | None = None) -> tuple[int, int]:
    """Return the smallest and largest integer of a type of which `bits` bits are in use."""
    limit = np.iinfo(dtype)
    if bits is None:
        return int(limit.min), int(limit.max)
    if limit.min < 0:
        return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    return 0, (1 << bits) - 1


def native(array: Array) -> Array:
    """Return the array in this machine's byte order."""
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _is_usable(slope: float, intercept: float) -> bool:
    return bool(np.isfinite(slope) and np.isfinite(intercept) and slope != 0)
