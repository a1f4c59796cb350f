"""Numbers that stand out from their peers, judged by median and median deviation."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TO_DEVIATION = 1.4826
"""Median absolute deviation → standard deviation of a normal distribution."""


def deviations(values: Floats, floor: float) -> Floats:
    """Return how many robust standard deviations each value lies above the median.

    Parameters
    ----------
    values
        Shape (N,).
    floor
        Smallest deviation that counts as one: where nearly all values agree, a speck of
        difference is no outlier.

    Returns
    -------
    Shape (N,); Iglewicz & Hoaglin 1993, How to Detect and Handle Outliers, with a floor.
    """
    if not values.size:
        return values
    centre = float(np.median(values))
    spread = TO_DEVIATION * float(np.median(np.abs(values - centre)))
    return np.asarray((values - centre) / max(spread, floor))
