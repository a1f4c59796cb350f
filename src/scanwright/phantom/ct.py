"""Computed tomography: projections, photon and electronic noise, filtered back-projection to HU."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scanwright.image import Floats
from scanwright.phantom.attenuation import MASS_ATTENUATION, Spectrum, transmit, tube_spectrum
from scanwright.phantom.field import Field

SUBBINS = 4
"""Values per detector bin to which a filtered projection is interpolated."""

FOOTPRINT = 2
"""Cells per element into which projections are first gathered."""

LOWEST_HU, HIGHEST_HU = -1024, 3071
"""Range of 12-bit CT numbers."""


@dataclass(frozen=True, slots=True)
class CtSetting:
    """How one series is scanned and reconstructed.

    Parameters
    ----------
    peak_kv, filter_mm
        Tube voltage, and filter of aluminium.
    quanta
        Photons per ray with nothing in between.
    electronic
        Standard deviation of the detector's own noise, in photons.
    angles
        Number of projections over half a turn.
    sharpness
        Share of the Nyquist frequency at which the kernel has fallen to half.
    field_mm
        Edge of the reconstructed square.
    thickness_mm
        Distance of slices.
    """

    peak_kv: float
    filter_mm: float
    quanta: float
    electronic: float
    angles: int
    sharpness: float
    field_mm: float
    thickness_mm: float


def project(image: Field | Floats, spacing_mm: float, angles: int, bin_mm: float) -> Floats:
    """Return the Radon transform of a square image over half a turn.

    Parameters
    ----------
    image
        Shape (Y, X): density per mm; the axis of rotation is its middle.
    spacing_mm
        Edge of an element.
    angles
        Number of parallel projections.
    bin_mm
        Width of a detector bin, a whole number of elements.

    Returns
    -------
    Shape (angles, bins): mean line integrals over each bin; projection k is seen along the
    direction (-sin, cos) of angle k π / angles, its bins ordered along (cos, sin).
    """
    from scipy.ndimage import convolve1d

    rows, columns = np.nonzero(image)
    per_bin = FOOTPRINT * round(bin_mm / spacing_mm)
    cell_mm = bin_mm / per_bin
    mass = image[rows, columns].astype(np.float64) * (spacing_mm**2 / cell_mm)
    unit = np.float32(spacing_mm / cell_mm)
    y = (rows - (image.shape[0] - 1) / 2).astype(np.float32) * unit
    x = (columns - (image.shape[1] - 1) / 2).astype(np.float32) * unit
    bins = bin_count(image.shape[0] * spacing_mm, bin_mm)
    cells = np.empty((angles, bins * per_bin))
    middle = np.float32((bins * per_bin - 1) / 2)
    for number, angle in enumerate(np.arange(angles) * np.pi / angles):
        place = x * np.float32(np.cos(angle)) + (y * np.float32(np.sin(angle)) + middle)
        low = place.astype(np.intp)
        upper = mass * (place - low)
        cells[number] = np.bincount(low, mass - upper, minlength=bins * per_bin)
        cells[number, 1:] += np.bincount(low, upper, minlength=bins * per_bin)[:-1]
    # A footprint of four boxes in a row: smooth enough that diagonal rows leave no moiré.
    box = np.ones(FOOTPRINT) / FOOTPRINT
    slope = np.convolve(box, box)
    cells = convolve1d(cells, np.convolve(slope, slope), axis=1, mode="constant")
    sinogram: Floats = cells.reshape(angles, bins, per_bin).mean(axis=2)
    return sinogram


def bin_count(field_mm: float, bin_mm: float) -> int:
    """Return how many bins cover the diagonal of a field."""
    return 2 * int(np.ceil(field_mm / bin_mm / np.sqrt(2) + 1))


def reconstruct(
    sinogram: Floats, bin_mm: float, size: int, field_mm: float, sharpness: float
) -> Floats:
    """Reconstruct by filtered back-projection.

    Parameters
    ----------
    sinogram
        Shape (angles, bins), as `project` returns it.
    bin_mm
        Width of a bin.
    size, field_mm
        Elements along each edge of the result, and its edge.
    sharpness
        Share of the Nyquist frequency at which the kernel has fallen to half.

    Returns
    -------
    Shape (Y, X): density per mm.
    """
    angles, bins = sinogram.shape
    fine = _upsampled(_filtered(sinogram, bin_mm, sharpness))
    place = (np.arange(size) - (size - 1) / 2) * (field_mm / size * SUBBINS / bin_mm)
    place = place.astype(np.float32)
    total = np.zeros((size, size), dtype=np.float32)
    middle = np.float32(bins * SUBBINS / 2)
    for row, angle in zip(fine, np.arange(angles) * np.pi / angles, strict=True):
        across = place * np.float32(np.cos(angle)) + middle
        seen = across[None, :] + (place * np.float32(np.sin(angle)))[:, None]
        total += row[seen.astype(np.intp)]
    density: Floats = total * np.float64(np.pi / angles)
    return density


def _filtered(sinogram: Floats, bin_mm: float, sharpness: float) -> Floats:
    from scipy import fft

    bins = sinogram.shape[1]
    length = fft.next_fast_len(2 * bins, real=True)
    distance = np.arange(length)
    distance = np.minimum(distance, length - distance)
    # The ramp sampled in space, which keeps the mean right (Kak and Slaney 1988, eq. 3.61).
    kernel = np.zeros(length)
    odd = distance % 2 == 1
    kernel[odd] = -1 / (np.pi * distance[odd] * bin_mm) ** 2
    kernel[0] = 1 / (4 * bin_mm**2)
    ramp = fft.rfft(kernel).real * bin_mm
    share = np.fft.rfftfreq(length) * 2
    window = np.cos(np.clip(share / sharpness, 0, 2) * np.pi / 4) ** 2
    filtered: Floats = fft.irfft(fft.rfft(sinogram, length, axis=1) * (ramp * window), length)
    return filtered[:, :bins]


def _upsampled(rows: Floats) -> Field:
    bins = rows.shape[1]
    fine = (np.arange(bins * SUBBINS) + 0.5) / SUBBINS - 0.5
    low = np.clip(np.floor(fine).astype(np.intp), 0, bins - 2)
    part = np.clip(fine - low, 0, 1)
    upsampled: Field = (rows[:, low] * (1 - part) + rows[:, low + 1] * part).astype(np.float32)
    return upsampled


def detect(passed: Floats, setting: CtSetting, rng: Generator) -> Floats:
    """Return the noisy share of photons that a detector reports for the true one."""
    photons = rng.poisson(passed * setting.quanta) + rng.normal(0, setting.electronic, passed.shape)
    shares: Floats = np.maximum(photons, 1.0) / setting.quanta
    return shares


def water_path(passed: Floats, spectrum: Spectrum) -> Floats:
    """Return how much water, in g/cm², lets these shares pass: corrects water's hardening."""
    path = np.linspace(0, 90, 1000)
    logs = np.zeros(path.shape)
    for share, weak in zip(spectrum.shares, MASS_ATTENUATION["water"], strict=True):
        logs += share * np.exp(-weak * path)
    corrected: Floats = np.interp(-np.log(passed), -np.log(logs), path)
    return corrected


def scan(soft: Field, bone: Field, size: int, setting: CtSetting, rng: Generator) -> Floats:
    """Scan one slice.

    Parameters
    ----------
    soft, bone
        Shape (Y, X): density in g/cm³ on a grid over the field, at least as fine as the result.
    size
        Elements along each edge of the result.
    setting
        The scanner's.
    rng
        Source of noise.

    Returns
    -------
    Shape (size, size): HU, not yet rounded.
    """
    fine_mm = setting.field_mm / soft.shape[0]
    bin_mm = setting.field_mm / size
    spectrum = tube_spectrum(setting.peak_kv, setting.filter_mm)
    paths = [project(part, fine_mm, setting.angles, bin_mm) / 10 for part in (soft, bone)]
    passed = detect(transmit(spectrum, paths[0], paths[1]), setting, rng)
    water = water_path(passed, spectrum) * 10
    density = reconstruct(water, bin_mm, size, setting.field_mm, setting.sharpness)
    return 1000 * (density - 1)
