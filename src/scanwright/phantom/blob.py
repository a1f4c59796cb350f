"""Lesions as star-shaped solids: an ellipsoid whose surface waves, cut or projected by formula."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scanwright.image import Floats
from scanwright.phantom.field import Field
from scanwright.phantom.shapes import draw_rotation

NEAR = 0.6
"""Distance from the surface, in radii, within which depth takes the waves into account."""


@dataclass(frozen=True, slots=True)
class Blob:
    """The points c + Rᵀ (s r(n) radii ∘ n) for 0 <= s < 1 and unit vectors n.

    Its surface waves: r(n) = 1 + Σ_k a_k cos(w_k · n + φ_k).

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

    def depth(self, x: Field, y: Field, z: Field) -> Field:
        """Return about how many mm a point lies inside: exactly 0 on the surface, negative out."""
        axes = []
        for row in self.rotation / np.array(self.radii)[:, None]:
            parts = [float(part) for part in row]
            offset = (x - self.centre[0]) * parts[0] + (y - self.centre[1]) * parts[1]
            axes.append(offset + (z - self.centre[2]) * parts[2])
        length = np.sqrt(axes[0] ** 2 + axes[1] ** 2 + axes[2] ** 2)
        surface = np.ones_like(length)
        # Waves cost time and matter only where the surface may be near.
        near = length < 1 + np.abs(self.heights).sum() + NEAR
        safe = np.maximum(length[near], 1e-6)
        surface[near] = self._radius(
            axes[0][near] / safe, axes[1][near] / safe, axes[2][near] / safe
        )
        depth: Field = ((surface - length) * min(self.radii)).astype(np.float32)
        return depth

    def _radius(self, one: Field, two: Field, three: Field) -> Field:
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
    count = 6 if roughness > 0 else 0
    share = np.arange(count) / 5
    waves = rng.normal(0, 1, (count, 3)) * (1.5 + 5.5 * share)[:, None]
    heights = rng.uniform(0.5, 1, count) * (1 - 0.4 * share)
    if count > 0:
        heights *= roughness / heights.sum()
    return Blob(centre, radii, rotation, waves, heights, rng.uniform(0, 2 * np.pi, count))
