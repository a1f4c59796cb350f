"""Empty borders of an image: rows and columns at its edges that hold one value only."""

import numpy as np
import numpy.typing as npt

Frame4 = tuple[float, float, float, float]
"""Top, bottom, left, right as shares of the edge length."""

FLAT = 10
"""Grey levels that rows of a border may span: compression leaves a few."""


def find_frame(grey: npt.NDArray[np.uint8]) -> Frame4:
    """Find the empty border of a plane, shape (Y, X).

    Returns
    -------
    Top, bottom, left and right as shares; all 0 where the whole plane is flat.

    >>> plane = np.zeros((8, 8), np.uint8)
    >>> plane[2:, :] = np.arange(8) * 30
    >>> find_frame(plane)
    (0.25, 0.0, 0.0, 0.0)
    """
    rows = _flat(grey.min(axis=1), grey.max(axis=1))
    columns = _flat(grey.min(axis=0), grey.max(axis=0))
    return (*_ends(rows), *_ends(columns))


def _flat(low: npt.NDArray[np.uint8], high: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    return np.asarray(high.astype(np.int16) - low <= FLAT)


def _ends(is_flat: npt.NDArray[np.bool_]) -> tuple[float, float]:
    if is_flat.all():
        return 0.0, 0.0
    first = int(np.argmin(is_flat))
    last = int(np.argmin(is_flat[::-1]))
    return first / len(is_flat), last / len(is_flat)
