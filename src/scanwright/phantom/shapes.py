"""Ellipsoids and blobs: who is inside, how far the surface is, and how long a ray stays within."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from scanwright.image import Floats
from scanwright.phantom.field import Field


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """A solid ellipsoid.

    Parameters
    ----------
    centre
        (x, y, z) in mm, in LPS.
    radii
        Three half-axes in mm.
    rotation
        Shape (3, 3): rows are the unit vectors of the half-axes.
    """

    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    rotation: Floats

    @property
    def volume_mm3(self) -> float:
        """4π/3 times the half-axes."""
        return float(4 / 3 * np.pi * np.prod(self.radii))

    def depth(self, x: Field, y: Field, z: Field) -> Field:
        """Return about how many mm a point lies inside; negative outside, 0 on the surface."""
        square: Field = np.zeros((), dtype=np.float32)
        for row, radius in zip(self.rotation, self.radii, strict=True):
            along = sum(
                np.float32(part / radius) * (place - np.float32(middle))
                for part, place, middle in zip(row, (x, y, z), self.centre, strict=True)
                if abs(part) > 1e-9
            )
            square = square + along * along
        depth: Field = (1 - np.sqrt(square)) * np.float32(np.min(self.radii))
        return depth

    def contains(self, x: Field, y: Field, z: Field) -> npt.NDArray[np.bool_]:
        """Whether points lie inside."""
        return self.depth(x, y, z) > 0

    def chord_mm(self, source: Floats, direction: Floats) -> Floats:
        """Return the length that lines run inside.

        Parameters
        ----------
        source
            Shape (3,): a point on every line, in mm.
        direction
            Shape (..., 3): unit vectors.
        """
        scale = self.rotation / np.array(self.radii)[:, None]
        offset = scale @ (source - np.array(self.centre))
        heading = direction @ scale.T
        a = (heading**2).sum(axis=-1)
        b = heading @ offset
        c = float(offset @ offset) - 1
        root = np.maximum(b**2 - a * c, 0)
        chord: Floats = 2 * np.sqrt(root) / a
        return chord


def draw_rotation(rng: Generator) -> Floats:
    """Draw a rotation matrix, shape (3, 3), uniformly."""
    matrix, upper = np.linalg.qr(rng.standard_normal((3, 3)))
    matrix = matrix * np.sign(np.diag(upper))
    if np.linalg.det(matrix) < 0:
        matrix[0] *= -1
    rotation: Floats = matrix
    return rotation


def upright() -> Floats:
    """Return the rotation of shapes whose half-axes are x, y and z."""
    return np.eye(3)


def tilted(degrees: float) -> Floats:
    """Return the rotation of shapes tilted in the frontal plane, the first axis towards z."""
    turn = np.deg2rad(degrees)
    return np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])


def fill(depth: Field, edge_mm: float) -> Field:
    """Turn depths into the filled share of elements `edge_mm` wide, a straight ramp at the edge."""
    share: Field = np.clip(depth * np.float32(1 / edge_mm) + np.float32(0.5), 0, 1)
    return share


def paint(values: Field, share: Field, colour: Field | float) -> Field:
    """Lay a shape over what is there: values where `share` is 0, `colour` where it is 1."""
    painted: Field = values + share * (np.float32(colour) - values)
    return painted


def ramp(values: Field, low: float, high: float) -> Field:
    """Rise smoothly from 0 at `low` to 1 at `high`."""
    part = np.clip((values - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    risen: Field = part * part * (3 - 2 * part)
    return risen


def roundness(u: Field, v: Field) -> Field:
    """Return 1 on a rounded rectangle with half-axes 1, less inside, more outside, in proportion.

    Between a circle and a squircle (the level sets of u⁴ + v⁴), like a trunk's section.
    """
    one, two = u * u, v * v
    circle, squircle = one + two, np.sqrt(one * one + two * two)
    level: Field = np.sqrt(np.float32(0.7) * circle + np.float32(0.3) * squircle)
    return level
