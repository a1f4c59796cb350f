"""Images in grey, for the pictures that go beside answers."""

from math import ceil, prod

import numpy as np

from scanwright.image import Array, Floats, Image

SHARES = (0.5, 99.5)
"""Percentiles of an image that become black and white."""
MOST_ELEMENTS = 4_000_000
"""Elements from which the percentiles are taken."""


def grey_window(image: Image) -> tuple[float, float]:
    """Return the values that become black and white; of large images a regular part is looked at.

    Examples
    --------
    >>> grey_window(Image.from_array(np.arange(1001.0).reshape(1, 7, 143)))
    (5.0, 995.0)
    """
    step = ceil((prod(image.size) / MOST_ELEMENTS) ** (1 / image.rank))
    part = image.array[(slice(None), *(slice(None, None, step),) * image.rank)]
    low, high = np.percentile(part.mean(axis=0, dtype=np.float64), SHARES)
    return float(low), float(high)


def in_grey(channels: Array, window: tuple[float, float]) -> Floats:
    """Return the mean of channels, shape (C, *space), as grey from 0 to 255, shape (*space)."""
    low, high = window
    grey = channels.mean(axis=0, dtype=np.float64)
    return np.asarray(np.clip((grey - low) / max(high - low, 1e-12), 0, 1) * 255)
