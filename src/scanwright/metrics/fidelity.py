"""How an image changed: structural similarity, and how sharp its edges are."""

import numpy as np
import numpy.typing as npt

from scanwright.base import ShapeError
from scanwright.image import Array, Floats

WINDOW = 7
"""Edge of the window of structural similarity."""
EDGE_PERCENTILE = 99.0
"""The steepest hundredth of an image is its edges."""


def structural_similarity(truth: Array, guess: Array, span: float | None = None) -> float:
    """Return the mean structural similarity of two images, 1 for equal ones.

    Parameters
    ----------
    truth, guess
        Shape (*space) with 2 or 3 axes. What is no number in either counts as 0 in both.
    span
        Range of the values; that of `truth` when not given.

    Raises
    ------
    ShapeError
        The shapes differ.

    Notes
    -----
    Z. Wang et al., Image quality assessment, IEEE TIP 13:600, 2004, with a square window of 7
    elements (fewer along short axes: the smallest one decides), as scikit-image has it.
    """
    from skimage.metrics import structural_similarity as similarity

    if truth.shape != guess.shape:
        raise ShapeError("The images differ in size.", got=guess.shape, legal=truth.shape)
    is_number = np.isfinite(truth) & np.isfinite(guess)
    one, other = (np.where(is_number, array, 0).astype(np.float64) for array in (truth, guess))
    width = float(np.ptp(one)) if span is None else span
    if width == 0:
        return 1.0 if np.array_equal(one, other) else 0.0
    edge = min(WINDOW, *one.shape)
    edge -= 1 - edge % 2
    if edge < 3:
        return float(1 - min(1.0, np.abs(one - other).mean() / width))
    return float(similarity(one, other, data_range=width, win_size=edge))


def edge_sharpness(values: Array, span: float | None = None) -> float:
    """Return the steepness of an image's edges: how much of its range one element's step covers.

    The 99th percentile of the gradient's magnitude after a Gaussian of one element, which keeps
    noise from passing for edges, over the range.

    Parameters
    ----------
    values
        Shape (*space); what is no number counts as the median.
    span
        Range of the values; from the 1st to the 99th percentile when not given.
    """
    from scipy.ndimage import gaussian_gradient_magnitude

    known = values[np.isfinite(values)]
    if known.size == 0:
        return 0.0
    whole: Floats = np.where(np.isfinite(values), values, np.median(known)).astype(np.float64)
    low, high = np.percentile(known, (1, 99))
    width = float(high - low) if span is None else span
    if width == 0:
        return 0.0
    steep: npt.NDArray[np.float64] = gaussian_gradient_magnitude(whole, 1.0, mode="nearest")
    return float(np.percentile(steep, EDGE_PERCENTILE) / width)
