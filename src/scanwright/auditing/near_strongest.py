"""Compiled choice of the few strongest likenesses of each row, taken up block by block."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.base import compiled

Values = npt.NDArray[np.float32]
Bits = npt.NDArray[np.int32]
Places = npt.NDArray[np.intp]

WIDE = 64
"""Elements that are passed over at once where none of them is strong enough."""


@dataclass(frozen=True, slots=True)
class Strongest:
    """The strongest likenesses so far, shape (R, K) each, the strongest first.

    Parameters
    ----------
    likeness
        The bar that others must reach, > 0, where there is none yet.
    column
        -1 where there is none yet.
    """

    likeness: Values
    column: Places

    @classmethod
    def none(cls, rows: int, most: int, least: float) -> "Strongest":
        """Return places for `most` likenesses above `least` for each row."""
        return cls(np.full((rows, most), least, np.float32), np.full((rows, most), -1, np.intp))

    def take(self, likeness: Values, columns: int, without: int) -> None:
        """Take up a block of likenesses.

        Parameters
        ----------
        likeness
            Shape (R, C), contiguous.
        columns
            Column of the first of them. A column may come again: its strongest likeness counts.
        without
            Row r never takes column r + `without`.
        """
        begin = (columns, without - columns)
        _take(likeness, likeness.view(np.int32), begin, (self.likeness, self.column))

    def pairs(self) -> tuple[Places, Places]:
        """Return (row, column) of all, row by row."""
        row, place = np.nonzero(self.column >= 0)
        return row, self.column[row, place]


@compiled
def _take(values: Values, bits: Bits, begin: tuple[int, int], kept: tuple[Values, Places]) -> None:
    """Compare numbers > 0 by their bits, which the compiler does many at a time."""
    likeness, column = kept
    count = values.shape[1]
    for row in range(len(values)):
        for start in range(0, count, WIDE):
            end = min(start + WIDE, count)
            floor = likeness[row].view(np.int32)[-1]
            above = 0
            for place in range(start, end):
                above += 1 if bits[row, place] > floor else 0
            if above:
                for place in range(start, end):
                    if values[row, place] > likeness[row, -1] and place != row + begin[1]:
                        _insert(likeness[row], column[row], values[row, place], begin[0] + place)


@compiled
def _insert(likeness: Values, column: Places, value: np.float32, number: int) -> None:
    place = len(column) - 1
    for other in range(len(column)):
        if column[other] == number:
            place = other
    if value <= likeness[place]:
        return
    while place > 0 and likeness[place - 1] < value:
        likeness[place], column[place] = likeness[place - 1], column[place - 1]
        place -= 1
    likeness[place], column[place] = value, number
