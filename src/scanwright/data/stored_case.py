"""One prepared case of which windows are read: image, codes of labels, and where each code is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from scanwright.base import LabelError
from scanwright.data.chunked import AnyArray
from scanwright.data.label_codes import Codes
from scanwright.image import Edges, Geometry

Places = npt.NDArray[np.int32]
"""Index positions, shape (n, rank)."""


class Sliceable(Protocol):
    """An array, in memory or not, of which a box can be read."""

    def __getitem__(self, part: tuple[slice, ...], /) -> AnyArray:
        """Read a box."""


class Readable(Sliceable, Protocol):
    """The same, whose shape is known unread."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Edges."""

    @property
    def dtype(self) -> Any:  # Any: a numpy type or its name
        """Type of the numbers."""


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A prepared case.

    Parameters
    ----------
    name
        Of the case.
    geometry
        Grid of the prepared image.
    source_size, source_geometry
        Grid of the image as it was read.
    image
        Shape (C, *space), float32.
    codes
        Shape (*space), uint8; None where no truth is known.
    counts
        Code → number of elements, of the codes that occur.
    outside
        Code of what lies outside the image.
    spots
        Some positions of each code, those of one code together, shape (N, rank).
    spans
        Code → first and last + 1 row of `spots`.
    edges
        Shape (M, D, 2): boxes around what is known to be there; None where that is not asked.
    classes
        Shape (M,): which name of the scheme each box is.
    """

    name: str
    geometry: Geometry
    source_size: tuple[int, ...]
    source_geometry: Geometry
    image: Readable
    codes: Readable | None
    counts: Mapping[int, int]
    outside: int
    spots: Sliceable
    spans: Mapping[int, tuple[int, int]]
    edges: Edges | None = None
    classes: npt.NDArray[np.int64] | None = None

    @property
    def channels(self) -> int:
        """Number of channels."""
        return self.image.shape[0]

    @property
    def size(self) -> tuple[int, ...]:
        """Elements along each spatial axis."""
        return self.image.shape[1:]

    @property
    def bytes_unpacked(self) -> int:
        """Memory that the case takes when held whole."""
        elements = int(np.prod(self.size))
        return elements * (4 * self.channels + (self.codes is not None))

    def read(self, start: tuple[int, ...], size: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """Read a window of the image, shape (C, *size); 0 outside the image.

        Parameters
        ----------
        start
            First index along each axis; may be negative.
        size
            Edges of the window.

        Raises
        ------
        FileError
            The file is missing or damaged.
        """
        return _cut(self.image, (0, *start), (self.channels, *size), 0)

    def read_codes(self, start: tuple[int, ...], size: tuple[int, ...]) -> Codes:
        """Read the same window of the codes, shape (*size).

        Raises
        ------
        LabelError
            The case has no label map.
        FileError
            The file is missing or damaged.
        """
        if self.codes is None:
            raise LabelError("The case has no label map.", where=self.name)
        return _cut(self.codes, start, size, self.outside)

    def boxes(self) -> tuple[Edges, npt.NDArray[np.int64]]:
        """Return the boxes, shape (M, D, 2), and which name of the scheme each is.

        Raises
        ------
        LabelError
            It is not known what is to be found in the case.
        """
        if self.edges is None or self.classes is None:
            raise LabelError("It is not known what is to be found in the case.", where=self.name)
        return self.edges, self.classes

    def places(self, code: int) -> Places:
        """Return where elements of a code are: all of them, or 10,000 drawn evenly if more.

        Returns
        -------
        Shape (n, rank); n = 0 where the code does not occur.
        """
        first, end = self.spans.get(code, (0, 0))
        return self.spots[first:end, :].astype(np.int32)

    def held(self) -> "StoredCase":
        """Return the case with all of it in memory."""
        whole = (slice(None),) * len(self.size)
        return replace(
            self,
            image=self.image[(slice(None), *whole)],
            codes=None if self.codes is None else self.codes[whole],
            spots=self.spots[:, :],
        )


@dataclass(frozen=True, slots=True)
class SpotFile:
    """Positions in a file, of which only the rows asked for are read."""

    path: Path

    def __getitem__(self, part: tuple[slice, ...], /) -> AnyArray:
        """Read some rows."""
        return np.array(np.load(self.path, mmap_mode="r", allow_pickle=False)[part])


def _cut(array: Readable, start: tuple[int, ...], size: tuple[int, ...], outside: int) -> AnyArray:
    """Read a box that may reach outside."""
    low = [max(first, 0) for first in start]
    high = [
        min(first + edge, whole)
        for first, edge, whole in zip(start, size, array.shape, strict=True)
    ]
    if all(b - a == edge for a, b, edge in zip(low, high, size, strict=True)):
        return np.array(array[tuple(map(slice, low, high))])
    window = np.full(size, outside, dtype=array.dtype)
    if all(a < b for a, b in zip(low, high, strict=True)):
        there = tuple(
            slice(a - first, b - first) for a, b, first in zip(low, high, start, strict=True)
        )
        window[there] = array[tuple(map(slice, low, high))]
    return window
