"""Pulse-echo ultrasound: scatterers, a point spread, attenuation, gain, envelope and display."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from scanwright.image import Array, Floats
from scanwright.phantom.field import Field

SOUND_MM_PER_US = 1.54
"""Speed of sound in soft tissue."""

SAMPLES_PER_WAVE = 3.2
"""Samples along depth per wavelength of the received wave, above Nyquist for the band used."""


@dataclass(frozen=True, slots=True)
class UltrasoundSetting:
    """A probe and how it is set.

    Parameters
    ----------
    frequency_mhz
        Middle of the pulse's band.
    bandwidth
        Full width of the band at half height, as a share of the frequency.
    focus_mm
        Depth of the narrowest beam.
    aperture_mm
        Width of the active aperture.
    depth_mm
        Depth shown.
    radius_mm
        Radius of a curved probe; 0 for a linear one.
    width
        Width shown at the probe: mm for a linear, degrees for a curved one.
    gain_db_per_mm
        Time-gain compensation.
    range_db
        Dynamic range of the display.
    gain_db
        Overall gain: raises (or lowers) what is mid-grey.
    noise_db
        Electronic noise below the mean echo at the probe.
    """

    frequency_mhz: float
    bandwidth: float
    focus_mm: float
    aperture_mm: float
    depth_mm: float
    radius_mm: float
    width: float
    gain_db_per_mm: float
    range_db: float
    gain_db: float
    noise_db: float

    @property
    def wavelength_mm(self) -> float:
        """Length of the sound wave."""
        return SOUND_MM_PER_US / self.frequency_mhz

    @property
    def step_mm(self) -> float:
        """Distance of samples along depth; an echo travels it twice."""
        return self.wavelength_mm / 2 / SAMPLES_PER_WAVE


@dataclass(frozen=True, slots=True)
class Tissue:
    """Acoustic maps on the lines of a scan.

    Parameters
    ----------
    echo
        Shape (depth, lines): amplitude of scattering, relative.
    loss
        Same shape: attenuation in dB/cm/MHz, one way.
    edges
        Same shape: amplitude of specular reflection per sample, relative.
    """

    echo: Field
    loss: Field
    edges: Field


def line_grid(setting: UltrasoundSetting, lines: int) -> tuple[Field, Field]:
    """Return depth (mm, shape (S, 1)) and lateral place (mm or degrees, shape (1, lines))."""
    samples = int(np.ceil(setting.depth_mm / setting.step_mm))
    depth = (np.arange(samples) + 0.5) * setting.step_mm
    across = ((np.arange(lines) + 0.5) / lines - 0.5) * setting.width
    return depth[:, None].astype(np.float32), across[None].astype(np.float32)


def line_pitch_mm(setting: UltrasoundSetting, lines: int, depth_mm: Floats | float) -> Floats:
    """Return the distance of neighbouring lines at a depth."""
    depth = np.asarray(depth_mm, dtype=np.float64)
    if setting.radius_mm == 0:
        return np.full(depth.shape, setting.width / lines)
    pitch: Floats = np.deg2rad(setting.width / lines) * (setting.radius_mm + depth)
    return pitch


def received(tissue: Tissue, setting: UltrasoundSetting, rng: Generator) -> Array:
    """Return the analytic signal of every line: its real part is the radio-frequency echo.

    Scatterers of random sign and strength are convolved with a pulse along depth and with a beam
    across, whose width grows away from the focus; both ways through the tissue weaken the echo.

    Parameters
    ----------
    tissue
        Shape (S, lines).
    setting
        Probe and depth.
    rng
        Source of scatterers.

    Returns
    -------
    Complex, shape (S, lines), before gain and noise.
    """
    scatterers = rng.standard_normal(tissue.echo.shape, dtype=np.float32)
    scatterers *= tissue.echo
    scatterers += tissue.edges
    scatterers *= one_way_share(tissue.loss, setting) ** 2
    return _beam(_pulse(scatterers, setting), setting)


def one_way_share(loss: Field, setting: UltrasoundSetting) -> Field:
    """Return the amplitude that is left at each depth: loss in dB/cm/MHz, summed on the way."""
    decibels = np.cumsum(loss, axis=0) * np.float32(setting.frequency_mhz * setting.step_mm / 10)
    share: Field = np.exp(decibels * np.float32(-np.log(10) / 20))
    return share


def poor_contact(tissue: Tissue, setting: UltrasoundSetting, rng: Generator) -> Tissue:
    """Weaken some lines at the skin, by gel that is missing or hair: shadows from the top."""
    lines = tissue.loss.shape[1]
    place = (np.arange(lines) + 0.5) / lines - 0.5
    decibels = np.zeros(lines)
    for _ in range(rng.poisson(1.3)):
        width, middle = rng.uniform(0.02, 0.09), rng.uniform(-0.6, 0.6)
        decibels += rng.uniform(4, 14) * np.exp(-0.5 * ((place - middle) / width) ** 2)
    rows = max(1, round(0.5 / setting.step_mm))
    loss = tissue.loss.copy()
    both_ways = 2 * setting.frequency_mhz * setting.step_mm / 10 * rows
    loss[:rows] += (decibels / both_ways).astype(np.float32)
    return replace(tissue, loss=loss)


def compensate(signal: Array, setting: UltrasoundSetting, rng: Generator) -> Array:
    """Add the receiver's noise, then raise the gain with depth, by `gain_db_per_mm`."""
    spread = 10 ** (-setting.noise_db / 20)
    grain = rng.standard_normal((2, *signal.shape), dtype=np.float32) * np.float32(spread)
    depth = (np.arange(len(signal), dtype=np.float32) + 0.5) * np.float32(setting.step_mm)
    gain = 10 ** (depth * np.float32(setting.gain_db_per_mm / 20))
    amplified: Array = (signal + grain[0] + 1j * grain[1]) * gain[:, None]
    return amplified


def compress(envelope: Floats | Field, setting: UltrasoundSetting) -> Field:
    """Return grey values 0 to 1: `range_db` of amplitude, mid-grey where it is 1 at gain 0."""
    decibels = 20 * np.log10(np.maximum(envelope, 1e-6))
    share: Field = np.clip((decibels + setting.gain_db) / setting.range_db + 0.55, 0, 1)
    return share


def scan_convert(envelope: Field, setting: UltrasoundSetting, size: int) -> tuple[Floats, Floats]:
    """Resample lines to a square picture.

    Parameters
    ----------
    envelope
        Shape (S, lines).
    setting
        Probe, depth and width.
    size
        Elements along each edge.

    Returns
    -------
    Amplitudes, shape (size, size), and where they were measured, the same shape: 1 inside the
    scanned field, 0 outside.
    """
    from scipy.ndimage import map_coordinates, uniform_filter1d

    depth, across = picture_grid(setting, size)
    row = depth / setting.step_mm - 0.5
    column = (across / setting.width + 0.5) * envelope.shape[1] - 0.5
    inside = (depth >= 0) & (depth <= setting.depth_mm) & (np.abs(across) <= setting.width / 2)
    pixel = spacing_mm(setting, size) / setting.step_mm
    smooth = uniform_filter1d(envelope, max(1, round(pixel)), axis=0, mode="nearest")
    values = map_coordinates(smooth, [row, column], order=1, mode="nearest")
    return values * inside, inside.astype(np.float64)


def spacing_mm(setting: UltrasoundSetting, size: int) -> float:
    """Return the edge of an element of a picture that just holds the scanned field."""
    return _extent_mm(setting) / size


def picture_grid(setting: UltrasoundSetting, size: int) -> tuple[Floats, Floats]:
    """Return depth in mm and lateral place (mm or degrees) of each element, shape (size, size)."""
    step = spacing_mm(setting, size)
    down = (np.arange(size)[:, None] + 0.5) * step
    across = (np.arange(size)[None, :] + 0.5 - size / 2) * step
    if setting.radius_mm == 0:
        return np.broadcast_to(down, (size, size)), np.broadcast_to(across, (size, size))
    half = np.deg2rad(setting.width / 2)
    down = down + setting.radius_mm * np.cos(half)
    return np.hypot(down, across) - setting.radius_mm, np.rad2deg(np.arctan2(across, down))


def flat_places(setting: UltrasoundSetting, depth: Field, across: Field) -> tuple[Field, Field]:
    """Return lateral place and depth in mm of scan places, as if the skin were flat.

    A curved probe is taken to bend the tissue along with its face: arcs at half the depth keep
    their length.
    """
    if setting.radius_mm > 0:
        across = np.deg2rad(across) * np.float32(setting.radius_mm + setting.depth_mm / 2)
    return across.astype(np.float32), depth.astype(np.float32)


def _extent_mm(setting: UltrasoundSetting) -> float:
    if setting.radius_mm == 0:
        return max(setting.depth_mm, setting.width)
    half = np.deg2rad(setting.width / 2)
    far = setting.radius_mm + setting.depth_mm
    return float(max(2 * far * np.sin(half), far - setting.radius_mm * np.cos(half)))


def _pulse(scatterers: Field, setting: UltrasoundSetting) -> Array:
    from scipy import fft

    length = fft.next_fast_len(len(scatterers) + 64)
    # In depth, the echo of a wave of length L repeats every L / 2.
    frequency = fft.fftfreq(length, setting.step_mm)
    middle = 2 / setting.wavelength_mm
    spread = setting.bandwidth * middle / 2.355
    gain = np.exp(-0.5 * ((frequency - middle) / spread) ** 2) * (frequency > 0)
    gain = gain / np.sqrt((gain**2).mean())
    waves = fft.fft(scatterers, length, axis=0)
    waves *= gain[:, None].astype(np.float32)
    signal: Array = fft.ifft(waves, axis=0)[: len(scatterers)]
    return signal


def beam_width_mm(setting: UltrasoundSetting, depth_mm: Floats) -> Floats:
    """Return the standard deviation of the two-way lateral beam profile at each depth.

    At the focus λ F / A (full width at half height, both ways about 0.9 of it); away from it the
    geometric cone of the aperture adds in squares.
    """
    narrow = 0.4 * setting.wavelength_mm * np.maximum(depth_mm, 8) / setting.aperture_mm
    cone = 0.16 * setting.aperture_mm * np.abs(1 - depth_mm / setting.focus_mm)
    cone = np.minimum(cone, 0.9)
    width: Floats = np.hypot(narrow, cone)
    return width


def _beam(signal: Array, setting: UltrasoundSetting) -> Array:
    from scipy import fft

    samples, lines = signal.shape
    depth = (np.arange(samples, dtype=np.float64) + 0.5) * setting.step_mm
    width = beam_width_mm(setting, depth) / line_pitch_mm(setting, lines, depth)
    frequency = fft.fftfreq(lines)
    gain = np.exp(-2 * (np.pi * width[:, None] * frequency) ** 2)
    gain /= np.sqrt((gain**2).mean(axis=1, keepdims=True))
    waves = fft.fft(signal, axis=1)
    waves *= gain.astype(np.float32)
    beamed: Array = fft.ifft(waves, axis=1)
    return beamed
