"""Arrays in compressed chunks: a part is read without the whole."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scanwright.base import FileError

WHOLE_BLOCK = 1 << 17
"""A window of fewer elements is one block: smaller ones would only compress less."""
BLOCKS = 3
"""Blocks along each edge of a larger window. Of 2 to 8, three read a random window the fastest:
fewer unpack more than is asked for, more cost more calls."""

AnyArray = npt.NDArray[Any]  # Any: float32 or uint8


@dataclass(frozen=True, slots=True)
class ChunkedArray:
    """An array in a file of its own; each access opens the file, so threads and processes share it.

    Opening takes about 0.1 ms, a window of 96³ about 8 ms.
    """

    path: Path
    shape: tuple[int, ...]
    dtype: str

    def __getitem__(self, part: tuple[slice, ...]) -> AnyArray:
        """Read a box.

        Raises
        ------
        FileError
            The file is missing or damaged.
        """
        import blosc2

        try:
            opened = blosc2.open(str(self.path), mode="r", mmap_mode="r", dparams={"nthreads": 1})
            found: AnyArray = opened[part]
        # blosc2 raises RuntimeError for a bad chunk, ValueError for a bad header.
        except (OSError, RuntimeError, ValueError) as error:
            raise FileError(
                "A prepared case is damaged.",
                got=error,
                next="run the same command again; the case is prepared anew",
                where=self.path.name,
            ) from error
        return found


def compress(array: AnyArray, window: tuple[int, ...]) -> bytes:
    """Pack an array into chunks that fit a window.

    Parameters
    ----------
    array
        Shape (..., *space); what comes before the space is kept together.
    window
        Edges of the windows that will be read.

    Returns
    -------
    Content of a file for `ChunkedArray`.
    """
    import blosc2

    leading = array.shape[: array.ndim - len(window)]
    size = array.shape[len(leading) :]
    chunk = tuple(min(edge, whole) for edge, whole in zip(window, size, strict=True))
    block = chunk
    if math.prod(chunk) > WHOLE_BLOCK:
        block = tuple(math.ceil(edge / BLOCKS) for edge in chunk)
    # Level 1: higher ones take far longer and save 2 %. Filter: bytes of equal rank together.
    how = {
        "codec": blosc2.Codec.ZSTD,
        "clevel": 1,
        "filters": [blosc2.Filter.SHUFFLE],
        "filters_meta": [0],
        "nthreads": 1,
    }
    packed = blosc2.asarray(
        np.ascontiguousarray(array),
        chunks=(*leading, *chunk),
        blocks=(*leading, *block),
        cparams=how,
    )
    frame: bytes = packed.to_cframe()
    return frame
