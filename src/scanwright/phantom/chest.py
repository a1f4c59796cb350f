"""A chest of analytic shapes, in mm in LPS about the middle of the lungs; every one is another."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scanwright.phantom.field import Field
from scanwright.phantom.shapes import (
    Ellipsoid,
    fill,
    paint,
    ramp,
    roundness,
    tilted,
    upright,
)
from scanwright.phantom.tubes import Tubes, chain, grow_tree

FAT, MUSCLE, MEDIASTINUM, BLOOD, LIVER = 0.92, 1.05, 0.95, 1.05, 1.06
"""Densities in g/cm³ (ICRU report 44; mediastinum: fat with vessels and nodes)."""


@dataclass(frozen=True, slots=True)
class Chest:
    """One chest.

    Parameters
    ----------
    half_width_mm, half_depth_mm
        Of the rib cage at its widest.
    apex_mm, dome_mm
        Heights z of the lungs' tops and of the (right, left) domes of the diaphragm.
    wall_mm
        Thickness of what covers the ribs: muscle, and fat beyond it.
    shoulder_mm
        Height z from which the shoulders widen the body; high when arms are raised.
    lung_density
        g/cm³.
    heart, knob, bubble
        The heart, the bulge of the aorta's arch, and the air in the stomach.
    breasts
        None, or two.
    ribs_mm
        Half-height of a rib.
    slope_mm
        How far a rib descends from back to front.
    shift_mm
        Sideways place of the mediastinum.
    """

    half_width_mm: float
    half_depth_mm: float
    apex_mm: float
    dome_mm: tuple[float, float]
    wall_mm: tuple[float, float]
    shoulder_mm: float
    lung_density: float
    heart: Ellipsoid
    knob: Ellipsoid
    bubble: Ellipsoid
    breasts: tuple[Ellipsoid, ...]
    ribs_mm: float
    slope_mm: float
    shift_mm: float

    def half_axes(self, z: Field) -> tuple[Field, Field]:
        """Return half width and half depth of the rib cage at heights `z`."""
        rise = np.clip((z + 45) / np.float32(self.apex_mm + 45), 0, 1).astype(np.float32)
        round_top = np.sqrt(np.maximum(1 - rise**3.2, 1e-4)).astype(np.float32)
        return (
            np.float32(self.half_width_mm) * round_top,
            np.float32(self.half_depth_mm) * (np.float32(0.35) + np.float32(0.65) * round_top),
        )

    def cage_depth(self, x: Field, y: Field, z: Field) -> Field:
        """Return about how many mm points lie inside the rib cage."""
        wide, deep = self.half_axes(z)
        depth: Field = (1 - roundness(x / wide, y / deep)) * np.minimum(wide, deep)
        return depth

    def lung_depth(self, x: Field, y: Field, z: Field) -> Field:
        """Return about how many mm points lie inside aerated lung."""
        return self._lungs(x, y, z, self.cage_depth(x, y, z), self.above_diaphragm(x, y, z))

    def above_diaphragm(self, x: Field, y: Field, z: Field) -> Field:
        """Return the height of points above the diaphragm, in mm."""
        right, left = self.dome_mm
        peak = np.where(x < 0, np.float32(right), np.float32(left))
        side = np.abs(x) - np.float32(0.5 * self.half_width_mm)
        fall = np.float32(42 / (0.56 * self.half_width_mm) ** 2) * side * side
        back = y + np.float32(8)
        bend = np.float32(46 / (1.05 * self.half_depth_mm) ** 2) * back * back
        height: Field = ((fall - peak + bend) + z) * np.float32(0.8)
        return height

    def body_depth(self, x: Field, y: Field, z: Field) -> Field:
        """Return about how many mm points lie under the skin."""
        cover = np.float32(sum(self.wall_mm))
        wide = self.half_width_mm + cover + 85 * ramp(z, self.shoulder_mm, self.shoulder_mm + 70)
        deep = np.float32(self.half_depth_mm + 0.8 * float(cover)) - 18 * ramp(z, 60, 160)
        trunk = (1 - roundness(x / wide, y / deep)) * deep
        slope = np.float32(self.apex_mm + 68) - z - np.float32(0.42) * np.abs(x)
        depth = np.minimum(trunk, slope)
        if float(z.max()) > self.apex_mm + 10:
            neck = roundness(x * np.float32(1 / 60), (y - 5) * np.float32(1 / 58))
            depth = np.maximum(depth, (1 - neck) * np.float32(58))
        for breast in self.breasts:
            depth = np.maximum(depth, breast.depth(x, y, z))
        return depth.astype(np.float32, copy=False)

    def density(self, x: Field, y: Field, z: Field, edge_mm: float) -> Field:
        """Return the density of everything but bones and vessels.

        Parameters
        ----------
        x, y, z
            Places, in mm; shapes that broadcast.
        edge_mm
            Distance of neighbouring places, over which surfaces are blended.

        Returns
        -------
        g/cm³ of matter that weakens X-rays like soft tissue; fat and lung count by density.
        """
        body, cage = self.body_depth(x, y, z), self.cage_depth(x, y, z)
        above = self.above_diaphragm(x, y, z)
        values: Field = np.float32(FAT) * fill(body, edge_mm)
        wall = np.minimum(cage + self._muscle_mm(x, y, z), body - np.float32(4))
        layers = (
            (wall, MUSCLE),
            (cage, MEDIASTINUM),
            (np.minimum(cage, -above), LIVER),
            (self._lungs(x, y, z, cage, above), self.lung_density),
            (np.minimum(self.heart.depth(x, y, z), above), BLOOD),
            (self.bubble.depth(x, y, z), 0.001),
        )
        for depth, density in layers:
            values = paint(values, fill(depth, edge_mm), density)
        return values

    def _lungs(self, x: Field, y: Field, z: Field, cage: Field, above: Field) -> Field:
        side = np.abs(x - np.float32(self.shift_mm))
        # The lungs nearly meet in front; vessels part them in the middle, the spine behind.
        front = np.float32(10) + 13 * ramp(y, -68, -30)
        hilum = np.exp(-(((z - 6) / np.float32(24)) ** 2))
        middle = front + np.maximum(10 * ramp(z, 30, 115), 8 * hilum)
        depth = np.minimum(np.minimum(cage - 3, above), side - middle)
        depth = np.minimum(depth, -self.heart.depth(x, y, z))
        lungs: Field = np.minimum(depth, -self.knob.depth(x, y, z))
        return lungs

    def _muscle_mm(self, x: Field, y: Field, z: Field) -> Field:
        # Thin in the flanks; pectorals in front, shoulder muscles up and behind, erectors.
        muscle = np.float32(self.wall_mm[0])
        high = ramp(z, -30, 80)
        back, front = ramp(y, 5, 60), ramp(-y, 15, 55)
        thick: Field = muscle * (np.float32(0.55) + high * (0.9 * back + 0.8 * front) + 0.7 * back)
        return thick


def draw_chest(rng: Generator, sex: str, arms_raised: bool) -> Chest:
    """Draw a chest, inspired to a random degree.

    Parameters
    ----------
    rng
        Source of randomness.
    sex
        "F" or "M": size, and breasts.
    arms_raised
        As for CT; hanging, as for a frontal X-ray, otherwise.
    """
    size = rng.normal(1.0 if sex == "M" else 0.93, 0.05)
    wide, deep = 126 * size * rng.normal(1, 0.04), 89 * size * rng.normal(1, 0.06)
    breath, shift = rng.normal(0, 9), rng.normal(0, 3)
    wall = (rng.uniform(11, 17), rng.uniform(6, 34))
    left = float(-74 - breath)
    dome = (left + rng.uniform(6, 18), left)
    return Chest(
        half_width_mm=wide,
        half_depth_mm=deep,
        apex_mm=132 * size,
        dome_mm=dome,
        wall_mm=wall,
        shoulder_mm=rng.uniform(105, 120) if arms_raised else rng.uniform(35, 60),
        lung_density=float(np.clip(rng.normal(0.23, 0.03), 0.15, 0.32)),
        heart=_draw_heart(rng, wide, left, shift),
        knob=Ellipsoid((shift + 21, 12, 44 * size), (16, 28, 17), upright()),
        bubble=Ellipsoid(
            (rng.uniform(45, 75), -15, left - 42), _air(rng), tilted(rng.uniform(-15, 15))
        ),
        breasts=_draw_breasts(rng, wide, deep + 0.8 * sum(wall)) if sex == "F" else (),
        ribs_mm=rng.uniform(5.6, 7.2),
        slope_mm=rng.uniform(88, 116),
        shift_mm=shift,
    )


def _draw_heart(rng: Generator, wide: float, dome: float, shift: float) -> Ellipsoid:
    half = 0.46 * wide * rng.normal(1.08, 0.09)
    centre = (shift + rng.uniform(15, 24), -22.0, dome + rng.uniform(24, 34))
    return Ellipsoid(centre, (1.12 * half, 44, 0.84 * half), tilted(rng.uniform(-42, -22)))


def _air(rng: Generator) -> tuple[float, float, float]:
    return rng.uniform(14, 32), rng.uniform(20, 34), rng.uniform(9, 20)


def _draw_breasts(rng: Generator, wide: float, front: float) -> tuple[Ellipsoid, ...]:
    radii = (rng.uniform(48, 66), rng.uniform(26, 52), rng.uniform(46, 66))
    height = rng.uniform(-62, -38)
    place = rng.uniform(0.5, 0.62) * wide
    return tuple(
        Ellipsoid((side * place, -0.78 * front, height + rng.normal(0, 4)), radii, upright())
        for side in (-1, 1)
    )


def vessels(chest: Chest, rng: Generator) -> Tubes:
    """Return the lungs' arteries and veins, with their density beyond lung tissue."""
    trees = []
    for side in (-1.0, 1.0):
        for height, back in ((12.0, 4.0), (-18.0, 18.0)):
            root = np.array([side * 30 + chest.shift_mm, back, height])
            heading = rng.normal(0, 0.55, (4, 3)) + np.array(
                [[0.8 * side, 0.2, 1.0], [side, -0.6, 0.1], [side, 0.6, -0.6], [0.6 * side, 0, -1]]
            )
            heading /= np.linalg.norm(heading, axis=1, keepdims=True)
            trees.append(grow_tree(root, heading, 4.6, 6, rng))
    start = np.concatenate([tree.start for tree in trees])
    end = np.concatenate([tree.end for tree in trees])
    radius = np.concatenate([tree.radius_mm for tree in trees])
    inside = chest.lung_depth(*end.T) > 2
    density = np.full(len(start), BLOOD - chest.lung_density)
    return Tubes(start, end, radius, density).chosen(inside)


def great_vessels(chest: Chest, contrast: float) -> tuple[Tubes, ...]:
    """Return aorta, pulmonary trunk and caval vein, with their density beyond what is around.

    Parameters
    ----------
    chest
        Where they run.
    contrast
        Density, in g/cm³ of soft tissue, that an injected agent adds to blood.
    """
    excess = BLOOD + contrast - MEDIASTINUM
    top = 46 * chest.apex_mm / 132
    turn = np.linspace(0, np.pi, 14)
    arch = np.stack([-9 + 30 * turn / np.pi, -22 + 58 * turn / np.pi, top - 10 + 20 * np.sin(turn)])
    low = chest.dome_mm[1] + 30
    curves = (
        (np.array([[-4.0, -18, low + 20], [-9, -22, top - 12]]), 15.0),
        (arch.T, 13.0),
        (np.array([[21.0, 38, top - 8], [19, 46, 0], [14, 50, -240]]), 11.5),
        (np.array([[10.0, -34, low + 20], [22, -26, 16], [24, -4, 16]]), 12.5),
        (np.array([[20.0, -8, 14], [-10, -4, 8], [-42, 2, 2]]), 10.0),
        (np.array([[22.0, -4, 18], [42, 8, 14]]), 9.5),
        (np.array([[-24.0, -16, low + 20], [-25, -16, 70], [-22, -10, 118]]), 9.0),
        (np.array([[8.0, -6, top + 8], [22, -2, 130]]), 5.5),
        (np.array([[-2.0, -14, top + 6], [-14, -8, 125]]), 6.5),
    )
    moved = np.array([chest.shift_mm, 0, 0])
    return tuple(chain(points + moved, (radius, radius), excess) for points, radius in curves)


def airways(chest: Chest) -> tuple[Tubes, ...]:
    """Return windpipe and main bronchi: air, as a lack of the tissue around."""
    top = chest.apex_mm + 60
    curves = (
        (np.array([[0.0, 8, top], [0, 14, 30]]), 8.5),
        (np.array([[-3.0, 14, 30], [-28, 16, -4]]), 7.0),
        (np.array([[3.0, 14, 30], [34, 18, -8]]), 6.0),
    )
    moved = np.array([chest.shift_mm, 0, 0])
    return tuple(chain(points + moved, (radius, radius), -1.1) for points, radius in curves)
