"""Magnetic resonance: the spin-echo signal, the coil's field, and noise in k-space."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from scanwright.image import Floats
from scanwright.phantom.field import Field, smooth_field


@dataclass(frozen=True, slots=True)
class MriSetting:
    """How one series is measured.

    Parameters
    ----------
    tesla
        Field strength: T1 grows with it.
    repetition_ms, echo_ms, inversion_ms
        TR, TE and TI; no inversion pulse where TI is 0.
    bias
        Standard deviation of the logarithm of the coil's sensitivity over the picture.
    noise
        Standard deviation of the noise in the real and in the imaginary part, as a share of the
        signal of white matter.
    field_mm, thickness_mm
        Edge of the square, and distance of slices.
    """

    tesla: float
    repetition_ms: float
    echo_ms: float
    inversion_ms: float
    bias: float
    noise: float
    field_mm: float
    thickness_mm: float


def spin_echo(
    t1_ms: npt.ArrayLike, t2_ms: npt.ArrayLike, protons: npt.ArrayLike, setting: MriSetting
) -> Floats:
    """Return the signal of a spin echo, with or without a preceding inversion.

    Without: PD (1 - exp(-TR/T1)) exp(-TE/T2). With, as a magnitude:
    PD |1 - 2 exp(-TI/T1) + exp(-TR/T1)| exp(-TE/T2), both for TE much shorter than TR
    (Bernstein, King and Zhou 2004, sections 14.3 and 14.2).

    Parameters
    ----------
    t1_ms, t2_ms
        Relaxation times, > 0; shapes that broadcast.
    protons
        Proton density relative to water.
    setting
        TR, TE and TI.
    """
    t1, t2 = np.asarray(t1_ms, float), np.asarray(t2_ms, float)
    recovered = 1 - np.exp(-setting.repetition_ms / t1)
    if setting.inversion_ms > 0:
        recovered = np.abs(
            1 - 2 * np.exp(-setting.inversion_ms / t1) + np.exp(-setting.repetition_ms / t1)
        )
    signal: Floats = np.asarray(protons, float) * recovered * np.exp(-setting.echo_ms / t2)
    return signal


def coil_bias(
    size: tuple[int, ...], spacing_mm: tuple[float, ...], spread: float, rng: Generator
) -> Field:
    """Draw a coil's sensitivity: positive, smooth over centimetres, 1 on average.

    Parameters
    ----------
    size, spacing_mm
        The grid.
    spread
        Standard deviation of the sensitivity's logarithm.
    rng
        Source of randomness.
    """
    field = np.zeros(size, dtype=np.float32)
    for axis, (count, step) in enumerate(zip(size, spacing_mm, strict=True)):
        shape = [1] * len(size)
        shape[axis] = count
        place = ((np.arange(count) - (count - 1) / 2) * step / 90).astype(np.float32)
        slope, bow = rng.normal(0, 1), rng.normal(0.3, 0.6)
        field = field + (slope * place + bow * place**2).reshape(shape).astype(np.float32)
    field = field + 0.5 * smooth_field(size, spacing_mm, 45.0, rng)
    deviation = float(field.std())
    bias: Field = np.exp(spread * (field - field.mean()) / (deviation or 1.0))
    return bias


def acquire(signal: Floats | Field, size: int, noise: float, rng: Generator) -> Floats:
    """Measure the middle of k-space, with noise, and show the magnitude.

    Parameters
    ----------
    signal
        Shape (..., Y, X), square and at least as fine as the result; axes before are slices.
    size
        Elements along each edge of the result.
    noise
        Standard deviation, in the units of the signal, of the real and of the imaginary part of
        an element: the magnitude is Rician (Gudbjartsson and Patz 1995).
    rng
        Source of noise.

    Returns
    -------
    Shape (..., size, size).
    """
    from scipy import fft

    fine = signal.shape[-1]
    space = fft.fftshift(fft.fft2(signal), axes=(-2, -1))
    first = fine // 2 - size // 2
    middle = space[..., first : first + size, first : first + size] / fine**2
    # Centres of fine and coarse elements differ by half of what an element is wider: a ramp of
    # phase moves them together.
    wave = np.arange(size) - size // 2
    ramp = np.exp(1j * np.pi * wave * (fine / size - 1) / fine)
    middle = middle * ramp[:, None] * ramp
    # A sum of size² unit-variance numbers over size: white noise of spread `noise` per element.
    spread = noise / size
    grain = rng.standard_normal((2, *middle.shape)) * spread
    middle = middle + grain[0] + 1j * grain[1]
    image = fft.ifft2(fft.ifftshift(middle, axes=(-2, -1))) * size**2
    magnitude: Floats = np.abs(image)
    return magnitude
