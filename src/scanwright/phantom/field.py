"""Random fields that are smooth on a stated scale: the raw material of tissue and of shape."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

Field = npt.NDArray[np.floating[Any]]  # Any: single precision, but for small or summed ones
"""Numbers on a grid."""


def smooth_field(
    size: tuple[int, ...], spacing_mm: Sequence[float], scale_mm: float, rng: Generator
) -> Field:
    """Draw a Gaussian field whose correlation is exp(-r² / (4 scale²)).

    Parameters
    ----------
    size
        Number of elements per axis; an axis of one element is left out of the filter.
    spacing_mm
        Distance of neighbours per axis.
    scale_mm
        Standard deviation of the Gaussian by which white noise is blurred.
    rng
        Source of randomness.

    Returns
    -------
    Mean 0 and standard deviation 1 over the grid. The field is periodic.
    """
    square = _frequency_square(size, spacing_mm)
    return _filtered(np.exp(-2 * np.pi**2 * scale_mm**2 * square), size, rng)


def banded_field(
    size: tuple[int, ...], spacing_mm: Sequence[float], wavelength_mm: float, rng: Generator
) -> Field:
    """Draw a Gaussian field whose waves all have nearly one length, in all directions.

    Its zero set is a labyrinth of evenly spaced curves, like the folds of a cortex.

    Parameters
    ----------
    size, spacing_mm, rng
        As for `smooth_field`.
    wavelength_mm
        Mean length of a wave; the band is a quarter of it wide.

    Returns
    -------
    Mean 0 and standard deviation 1 over the grid. The field is periodic.
    """
    frequency = np.sqrt(_frequency_square(size, spacing_mm))
    middle = 1 / wavelength_mm
    return _filtered(np.exp(-0.5 * ((frequency - middle) / (0.25 * middle)) ** 2), size, rng)


def _frequency_square(
    size: tuple[int, ...], spacing_mm: Sequence[float]
) -> npt.NDArray[np.float64]:
    total = np.zeros([1] * len(size))
    for axis, (count, step) in enumerate(zip(size, spacing_mm, strict=True)):
        last = axis == len(size) - 1
        waves = np.fft.rfftfreq(count, step) if last else np.fft.fftfreq(count, step)
        shape = [1] * len(size)
        shape[axis] = len(waves)
        total = total + (waves**2).reshape(shape)
    return total


def _filtered(gain: npt.NDArray[np.float64], size: tuple[int, ...], rng: Generator) -> Field:
    from scipy import fft

    noise = rng.standard_normal(size, dtype=np.float32)
    waves = fft.rfftn(noise) * gain.astype(np.float32)
    waves[(0,) * len(size)] = 0
    field: Field = fft.irfftn(waves, s=size).astype(np.float32, copy=False)
    spread = float(field.std())
    return field / spread if spread > 0 else field
