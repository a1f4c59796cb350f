"""Lesions as star-shaped solids: an ellipsoid whose surface waves, cut or projected by formula."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scanwright.image import Floats
from scanwright.phantom.field import Field
from scanwright.phantom.shapes import Coordinate, draw_rotation


@dataclass(frozen=True, slots=True)
class Blob:
    """The points c + Rᵀ (s r(n) radii ∘ n), 0 <= s < 1, where r(n) = 1 + Σ_k a_k cos(w_k · n + φ_k).

    Parameters
    ----------
    centre
        (x, y, z) in mm.
    radii
        Three half-axes in mm, before waving.
    rotation
        Shape (3, 3): rows are the unit vectors of the half-axes.
    waves
        Shape (K, 3): w, in radians over the unit sphere; longer vectors give finer waves.
    heights, phases
        Shape (K,): a and φ; the absolute heights add up to less than 1.
    """

    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    rotation: Floats
    waves: Floats
    heights: Floats
    phases: Floats

    @property
    def reach_mm(self) -> float:
        """Radius of a sphere about the centre that holds the blob."""
        return float(max(self.radii) * (1 + np.abs(self.heights).sum()))

    @property
    def volume_mm3(self) -> float:
        """∫ r³ / 3 dΩ times the half-axes, over 20,000 even directions."""
        count = 20_000
        number = np.arange(count) + 0.5
        height = 1 - 2 * number / count
        turn = number * np.pi * (3 - np.sqrt(5))
        ring = np.sqrt(1 - height**2)
        directions = np.stack([ring * np.cos(turn), ring * np.sin(turn), height])
        radius = self._radius(directions[0], directions[1], directions[2])
        return float(4 / 3 * np.pi * (radius.astype(np.float64) ** 3).mean() * np.prod(self.radii))

    def depth(self, x: Coordinate, y: Coordinate, z: Coordinate) -> Field:
        """Return about how many mm a point lies inside: exactly 0 on the surface, negative out."""
        axes = []
        for row, radius in zip(self.rotation, self.radii, strict=True):
            offset = (x - self.centre[0]) * row[0] + (y - self.centre[1]) * row[1]
            axes.append((offset + (z - self.centre[2]) * row[2]) / radius)
        length = np.sqrt(axes[0] ** 2 + axes[1] ** 2 + axes[2] ** 2)
        safe = np.maximum(length, 1e-6)
        surface = self._radius(axes[0] / safe, axes[1] / safe, axes[2] / safe)
        depth: Field = ((surface - length) * min(self.radii)).astype(np.float32)
        return depth

    def _radius(self, one: Coordinate, two: Coordinate, three: Coordinate) -> Coordinate:
        radius = np.ones(np.broadcast_shapes(one.shape, two.shape, three.shape))
        for wave, height, phase in zip(self.waves, self.heights, self.phases, strict=True):
            radius += height * np.cos(wave[0] * one + wave[1] * two + wave[2] * three + phase)
        return radius


def draw_blob(
    centre: tuple[float, float, float],
    radii: tuple[float, float, float],
    roughness: float,
    rng: Generator,
    *,
    upright: bool = False,
) -> Blob:
    """Draw a lesion's shape.

    Parameters
    ----------
    centre, radii
        In mm.
    roughness
        Sum of the waves' heights: 0 for an ellipsoid, 0.5 for a jagged surface.
    rng
        Source of orientation and waves.
    upright
        Whether the half-axes lie along x, y and z.
    """
    rotation = np.eye(3) if upright else draw_rotation(rng)
    waves = rng.normal(0, 1, (6, 3)) * np.array([1.5, 2.0, 3.0, 4.0, 5.5, 7.0])[:, None]
    heights = rng.uniform(0.5, 1, 6) * np.array([1, 1, 0.9, 0.8, 0.7, 0.6])
    heights *= roughness / heights.sum()
    return Blob(centre, radii, rotation, waves, heights, rng.uniform(0, 2 * np.pi, 6))
