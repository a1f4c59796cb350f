"""A frontal chest X-ray: rays from the focus through the chest, scatter, quanta, and display."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scanwright.image import Array, Floats
from scanwright.phantom.attenuation import transmit, tube_spectrum
from scanwright.phantom.chest import Chest
from scanwright.phantom.tubes import Tubes, deposit

FOCUS_MM = 1800.0
"""Distance from the tube's focus to the detector."""

GAP_MM = 170.0
"""Distance from the middle of the chest to the detector."""

DEEPEST = 4095
"""Largest value of a 12-bit detector."""


@dataclass(frozen=True, slots=True)
class XraySetting:
    """How one exposure is made and shown.

    Parameters
    ----------
    peak_kv, filter_mm
        Tube voltage, and filter of aluminium.
    quanta
        Photons that reach an element with nothing in between.
    scatter
        Scattered over direct photons, averaged over the picture, behind the grid.
    blur
        Standard deviation of the detector's point spread, in elements.
    field_mm
        Edge of the square detector.
    gamma, sharpen
        Of the display: the curve's bend, and how much fine detail is raised.
    offset_mm
        Displacement of the patient, (right to left, foot to head).
    turn_degrees
        Tilt of the picture.
    """

    peak_kv: float
    filter_mm: float
    quanta: float
    scatter: float
    blur: float
    field_mm: float
    gamma: float
    sharpen: float
    offset_mm: tuple[float, float]
    turn_degrees: float


@dataclass(frozen=True, slots=True)
class Beam:
    """Cone of rays from the focus to each detector element.

    Parameters
    ----------
    size
        Elements along each edge.
    setting
        Field, displacement and tilt.
    """

    size: int
    setting: XraySetting

    @property
    def spacing_mm(self) -> float:
        """Edge of a detector element."""
        return self.setting.field_mm / self.size

    @property
    def focus(self) -> Floats:
        """Place of the focus; the beam runs from back to front."""
        return np.array([0.0, FOCUS_MM - GAP_MM, 0.0])

    def detector(self) -> tuple[Floats, Floats]:
        """Return x and z of each element, shape (Y, X), on the detector plane, tilted."""
        u, v = self._straight()
        turn = np.deg2rad(self.setting.turn_degrees)
        return u * np.cos(turn) - v * np.sin(turn), u * np.sin(turn) + v * np.cos(turn)

    def _straight(self) -> tuple[Floats, Floats]:
        place = (np.arange(self.size, dtype=np.float64) - (self.size - 1) / 2) * self.spacing_mm
        across, down = self.setting.offset_mm
        return place[None, :] - across, -place[:, None] - down

    def directions(self) -> Floats:
        """Return the unit vectors of the rays, shape (Y, X, 3)."""
        x, z = self.detector()
        rays = np.stack([x, np.full(x.shape, -FOCUS_MM), z], axis=-1)
        unit: Floats = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
        return unit

    def place(self, points: Floats) -> tuple[Floats, Floats]:
        """Cast points, shape (N, 3), onto the detector.

        Returns
        -------
        Index units, shape (N, 2), and the magnification of each, shape (N,).
        """
        grow = FOCUS_MM / (self.focus[1] - points[:, 1])
        x, z = points[:, 0] * grow, points[:, 2] * grow
        turn = np.deg2rad(self.setting.turn_degrees)
        u, v = x * np.cos(turn) + z * np.sin(turn), z * np.cos(turn) - x * np.sin(turn)
        across, down = self.setting.offset_mm
        middle = (self.size - 1) / 2
        column = (u + across) / self.spacing_mm + middle
        row = -(v + down) / self.spacing_mm + middle
        return np.stack([row, column], axis=1), grow

    def soft_path(self, chest: Chest, step_mm: float) -> Floats:
        """Return the soft tissue on each ray, shape (Y, X), in g/cm², summed in steps."""
        from scipy.ndimage import map_coordinates

        cover = chest.half_depth_mm + sum(chest.wall_mm) + 4
        front = cover + max((breast.radii[1] / 3 for breast in chest.breasts), default=0.0)
        y = np.arange(-front, cover, step_mm, dtype=np.float32)
        u, v = (part.astype(np.float32) for part in self._straight())
        shrink = ((self.focus[1] - y) / FOCUS_MM).astype(np.float32)
        density = chest.density(u[..., None] * shrink, y, v[..., None] * shrink, step_mm)
        path = density.sum(axis=-1) * (step_mm / 10)
        # Straight rays let coordinates stay flat, which is fast; the tilt is made afterwards.
        x, z = self.detector()
        index = [(v[0, 0] - z) / self.spacing_mm, (x - u[0, 0]) / self.spacing_mm]
        tilted = map_coordinates(path, index, order=3, mode="nearest")
        slanted: Floats = tilted / np.abs(self.directions()[..., 1])
        return slanted

    def path(self, tubes: Tubes) -> Floats:
        """Return the tubes' mass on each ray, in g/cm²."""
        points, mass = tubes.masses(0.65 * self.spacing_mm)
        index, grow = self.place(points)
        area_cm2 = (self.spacing_mm / grow / 10) ** 2
        return deposit(index, mass / area_cm2, (self.size, self.size))


def expose(soft: Floats, bone: Floats, setting: XraySetting, rng: Generator) -> Floats:
    """Count the photons behind matter.

    Parameters
    ----------
    soft, bone
        Shape (Y, X): g/cm² on each ray.
    setting
        The exposure.
    rng
        Source of the quantum noise.

    Returns
    -------
    Shape (Y, X): photons per element, as a share of `setting.quanta`: Poisson noise on direct
    and scattered ones.
    """
    from scipy.ndimage import gaussian_filter

    spectrum = tube_spectrum(setting.peak_kv, setting.filter_mm)
    direct = transmit(spectrum, soft, bone)
    wide = 0.12 * soft.shape[0]
    scattered = gaussian_filter(np.minimum(direct, 0.5), wide, mode="nearest")
    scattered *= setting.scatter * float(np.median(direct)) / max(float(scattered.mean()), 1e-12)
    blurred = gaussian_filter(direct, setting.blur, mode="nearest") + scattered
    counted: Floats = rng.poisson(blurred * setting.quanta) / setting.quanta
    return counted


def present(exposure: Floats, setting: XraySetting) -> Array:
    """Turn photons into a picture: logarithm, detail raised, a window, a curve; bone is bright.

    Returns
    -------
    12-bit numbers, shape (Y, X), unsigned.
    """
    from scipy.ndimage import gaussian_filter

    grey = -np.log(np.maximum(exposure, 0.3 / setting.quanta))
    coarse = gaussian_filter(grey, 0.03 * len(grey), mode="nearest")
    base = gaussian_filter(grey, 0.12 * len(grey), mode="nearest")
    grey = grey + setting.sharpen * (grey - coarse) - 0.5 * (base - np.median(base))
    middle = grey[len(grey) // 8 : -len(grey) // 8, len(grey) // 8 : -len(grey) // 8]
    low, high = np.percentile(middle, (1.0, 97.0))
    share = np.clip((grey - low) / (high - low), -0.08, 1.6) + 0.08
    share = (1 - np.exp(-1.1 * share)) / (1 - np.exp(-1.1 * 1.68))
    shown: Array = np.round(DEEPEST * share**setting.gamma).astype(np.uint16)
    return shown
