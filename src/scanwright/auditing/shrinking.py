"""Compiled reduction of lines to fewer: sums of neighbours by their weights."""

import numpy as np
import numpy.typing as npt

from scanwright.base import compiled

Values = npt.NDArray[np.float32]
Band = tuple[npt.NDArray[np.intp], Values]
"""For each line that comes out its first line and the weights of that one and those after it."""


@compiled
def add_reduced(lines: Values, begin: int, band: Band, out: Values) -> None:
    """Add to each line of `out`, shape (E, M), the weighted sum of its lines among those given.

    Parameters
    ----------
    lines
        Shape (L, M): a part of all lines.
    begin
        Which of all lines is the first of the part.
    """
    firsts, weights = band
    for place in range(len(out)):
        for tap in range(weights.shape[1]):
            number = firsts[place] + tap - begin
            weight = weights[place, tap]
            if weight > 0 and 0 <= number < len(lines):
                for x in range(out.shape[1]):
                    out[place, x] += weight * lines[number, x]
