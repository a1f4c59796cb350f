"""Temperature scaling: one number that makes probabilities honest and changes no ranking."""

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError
from scanwright.image import Floats
from scanwright.metrics.statistic import Integers, check_classes, check_labels

COLDEST, HOTTEST = 0.05, 20.0
"""Limits of the temperature: on cases that are all right (or all noise) the best fit runs away."""

STEPS = 100


def fit_temperature(truth: npt.ArrayLike, logits: npt.ArrayLike) -> float:
    """Find the temperature T that makes softmax(logits / T) fit the truth best.

    The negative log-likelihood is convex in 1 / T, so that Newton steps guarded by bisection
    find the one minimum. Guo et al. 2017, ICML, section 4.2. Fit it on validation cases.

    Parameters
    ----------
    truth
        Shape (N,): class indices.
    logits
        Shape (N, K); logarithms of probabilities serve as well.

    Returns
    -------
    T, between 0.05 and 20; above 1 the network was too sure.
    """
    indices, values = check_classes(truth, logits)
    return _fit(indices, values)


def fit_labels_temperature(truth: npt.ArrayLike, logits: npt.ArrayLike) -> float:
    """Find the one temperature for several labels, sigmoid(logits / T); both shape (N, K)."""
    claims, values = check_labels(truth, logits)
    flat = values.reshape(-1)
    pairs = np.stack([np.zeros_like(flat), flat], axis=1)  # softmax of (0, z) is sigmoid of z
    return _fit(claims.reshape(-1).astype(np.int64), pairs)


def scale_classes(logits: npt.ArrayLike, temperature: float) -> Floats:
    """Return softmax(logits / T) along the last axis, shape (N, K)."""
    _check(temperature)
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    return np.exp(scaled - np.logaddexp.reduce(scaled, axis=-1, keepdims=True))


def scale_labels(logits: npt.ArrayLike, temperature: float) -> Floats:
    """Return sigmoid(logits / T), the same shape."""
    _check(temperature)
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    return np.exp(-np.logaddexp(0.0, -scaled))


def _fit(truth: Integers, logits: Floats) -> float:
    if len(truth) == 0:
        raise InputError("A temperature is fitted on cases; there are none.")
    # Only differences of logits count; this keeps the exponentials small.
    centred = logits - logits.max(axis=1, keepdims=True)
    low, high = 1 / HOTTEST, 1 / COLDEST
    if _slope(truth, centred, low)[0] >= 0:
        return HOTTEST
    if _slope(truth, centred, high)[0] <= 0:
        return COLDEST
    sharpness = 1.0
    for _ in range(STEPS):
        slope, bend = _slope(truth, centred, sharpness)
        low, high = (low, sharpness) if slope > 0 else (sharpness, high)
        step = sharpness - slope / bend if bend > 0 else low
        moved = step if low < step < high else (low + high) / 2
        if abs(moved - sharpness) < 1e-12 * sharpness:
            break
        sharpness = moved
    return float(1 / sharpness)


def _slope(truth: Integers, logits: Floats, sharpness: float) -> tuple[float, float]:
    """Return first and second derivative of the mean loss with respect to 1 / T."""
    share = scale_classes(logits, 1 / sharpness)
    mean = (share * logits).sum(axis=1)
    spread = (share * logits**2).sum(axis=1) - mean**2
    true = logits[np.arange(len(truth)), truth]
    return float((mean - true).mean()), float(spread.mean())


def _check(temperature: float) -> None:
    if not temperature > 0:
        raise InputError("A temperature is above 0.", got=temperature)
