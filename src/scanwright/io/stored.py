"""Values to the integers that a DICOM object stores."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from scanwright.image import Array
from scanwright.io.guard import refuse_to_hold

AIR_HU = -1024
"""Usual rescale intercept of CT."""
LEGAL = {
    "CR": ("uint8", "uint16", "int16"),
    "DX": ("uint8", "uint16"),
    "CT": ("uint8", "int8", "int16", "uint16", "int32"),
    "MR": ("uint8", "uint16", "int16"),
    "US": ("uint8",),
    "OT": ("uint8", "uint16", "int16"),
}
COLOUR = ("US", "OT")
USUAL_BITS = 12


@dataclass(frozen=True, slots=True)
class Stored:
    """Integers to store, shape (C, *space), how many bits they use, and the intercept (CT)."""

    array: Array
    bits: int
    intercept: int | None = None

    def plane(self, index: int) -> "Stored":
        """Return one plane of the first spatial axis."""
        return replace(self, array=self.array[:, index])


def store(array: Array, code: str, where: Path) -> Stored:
    """Choose how to store values of a modality, the same for the whole array.

    Raises
    ------
    FileError
        The modality's objects cannot hold such values.
    """
    legal = LEGAL.get(code, LEGAL["OT"])
    colour = len(array) == 3 and array.dtype == np.uint8 and code in COLOUR
    if array.dtype.name not in legal or not (len(array) == 1 or colour):
        raise refuse_to_hold(
            f"A DICOM object of modality {code}",
            f"{len(array)} channels of {array.dtype}",
            f"one channel of {', '.join(legal)}" + (", or RGB of uint8" if code in COLOUR else ""),
            where=where,
        )
    if code == "CT":
        return _store_ct(array, where)
    if array.dtype == np.uint8 and code != "MR":
        return Stored(array, 8)
    if array.dtype.kind == "i":
        return Stored(array, 16)
    bits = USUAL_BITS if int(array.max()) < 1 << USUAL_BITS else 16
    return Stored(array.astype(np.uint16), bits)


def _store_ct(array: Array, where: Path) -> Stored:
    """Store HU + 1024 in as few bits as hold it, so that reading needs no more than 16."""
    low, high = int(array.min()), int(array.max())
    for bits in range(USUAL_BITS + 1, 16):
        if -(1 << (bits - 1)) <= low - AIR_HU and high - AIR_HU < 1 << (bits - 1):
            return Stored((array.astype(np.int32) - AIR_HU).astype(np.int16), bits, AIR_HU)
    limit = np.iinfo(np.int16)
    if limit.min <= low and high <= limit.max:
        return Stored(array.astype(np.int16), 16, 0)
    raise refuse_to_hold("A CT object", f"values {low} to {high}", "16-bit integers", where=where)
