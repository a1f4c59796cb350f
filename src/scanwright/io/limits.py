"""How large a file may be, checked from its header before anything is decoded."""

from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from scanwright.base import FileError


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """The largest image that is read, against files that declare or unpack to absurd sizes.

    Parameters
    ----------
    max_pixels
        Largest number of elements (pixels or voxels, each channel counted).
    max_bytes
        Largest size in memory once decoded.
    """

    max_pixels: int = 1 << 30
    max_bytes: int = 4 << 30

    def check(self, shape: tuple[int, ...], dtype: str, path: Path) -> None:
        """Refuse a declared array.

        Parameters
        ----------
        shape
            Lengths of all axes, channels included.
        dtype
            Name of the number type once decoded.

        Raises
        ------
        FileError
            A length is not positive, or the whole is larger than the limits.
        """
        if not shape or any(length < 1 for length in shape):
            raise FileError(
                "The file declares an image without pixels.",
                got=_times(shape),
                legal="lengths of at least 1",
                where=path,
            )
        pixels = prod(shape)
        size = pixels * np.dtype(dtype).itemsize
        if pixels > self.max_pixels or size > self.max_bytes:
            raise FileError(
                "The file declares an image larger than the limit.",
                got=f"{_times(shape)} {dtype}, {size / 2**30:.3g} GiB once decoded",
                legal=f"at most {self.max_pixels} pixels and {self.max_bytes / 2**30:.3g} GiB",
                next="if the file is sound, read it with larger ReadLimits",
                where=path,
            )


DEFAULT_LIMITS = ReadLimits()


def check_stored_bytes(expected: int, present: int, path: Path) -> None:
    """Refuse an uncompressed file that is shorter than what its header declares.

    Raises
    ------
    FileError
        Bytes are missing.
    """
    if present < expected:
        raise FileError(
            "The file ends too early.",
            got=f"{present} bytes of pixels",
            legal=f"{expected} bytes, as its header declares",
            next="copy or export the file again",
            where=path,
        )


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(str(length) for length in shape) or "nothing"
