"""A chest of analytic shapes, in mm in LPS about the middle of the lungs; every one is another."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scanwright.image import Floats
from scanwright.phantom.field import Field
from scanwright.phantom.shapes import Coordinate, Ellipsoid, fill, paint, ramp, tilted, upright
from scanwright.phantom.tubes import Tubes, chain, grow_tree

FAT, MUSCLE, MEDIASTINUM, BLOOD, LIVER = 0.92, 1.05, 0.99, 1.055, 1.06
"""Densities in g/cm³ (ICRU report 44; mediastinum: fat with vessels and nodes)."""

BONE_EXCESS = 0.72
"""Mean density of a rib or vertebra beyond the soft tissue in its place, in g/cm³."""


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
    heart, arch, bubble
        The heart, the knob of the aorta, and the air in the stomach.
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
    arch: Ellipsoid
    bubble: Ellipsoid
    breasts: tuple[Ellipsoid, ...]
    ribs_mm: float
    slope_mm: float
    shift_mm: float

    def half_axes(self, z: Coordinate) -> tuple[Field, Field]:
        """Return half width and half depth of the rib cage at heights `z`."""
        rise = np.clip((z + 45) / np.float32(self.apex_mm + 45), 0, 1).astype(np.float32)
        round_top = np.sqrt(np.maximum(1 - rise**3.2, 1e-4)).astype(np.float32)
        return (
            np.float32(self.half_width_mm) * round_top,
            np.float32(self.half_depth_mm) * (np.float32(0.35) + np.float32(0.65) * round_top),
        )

    def cage_depth(self, x: Coordinate, y: Coordinate, z: Coordinate) -> Field:
        """Return about how many mm points lie inside the rib cage."""
        wide, deep = self.half_axes(z)
        depth: Field = (1 - np.sqrt((x / wide) ** 2 + (y / deep) ** 2)) * np.minimum(wide, deep)
        return depth

    def lung_depth(self, x: Coordinate, y: Coordinate, z: Coordinate) -> Field:
        """Return about how many mm points lie inside aerated lung."""
        side = x - np.float32(self.shift_mm)
        middle = np.float32(19) + 9 * ramp(z, 30, 115) + 6 * ramp(y, 20, 75)
        middle = middle + 9 * np.exp(-(((z - 5) / np.float32(26)) ** 2))
        depth = np.minimum(self.cage_depth(x, y, z) - 3, np.abs(side) - middle)
        depth = np.minimum(depth, self.above_diaphragm(x, y, z))
        depth = np.minimum(depth, -self.heart.depth(x, y, z))
        lungs: Field = np.minimum(depth, -self.arch.depth(x, y, z))
        return lungs

    def above_diaphragm(self, x: Coordinate, y: Coordinate, z: Coordinate) -> Field:
        """Return the height of points above the diaphragm, in mm."""
        right, left = self.dome_mm
        peak = np.where(x < 0, np.float32(right), np.float32(left))
        wide, deep = np.float32(0.56 * self.half_width_mm), np.float32(1.05 * self.half_depth_mm)
        fall = ((np.abs(x) - np.float32(0.5 * self.half_width_mm)) / wide) ** 2
        fall = 42 * fall + 46 * ((y + 8) / deep) ** 2
        height: Field = (z - peak + fall) * np.float32(0.8)
        return height

    def body_depth(self, x: Coordinate, y: Coordinate, z: Coordinate) -> Field:
        """Return about how many mm points lie under the skin."""
        cover = np.float32(sum(self.wall_mm))
        wide = self.half_width_mm + cover + 85 * ramp(z, self.shoulder_mm, self.shoulder_mm + 70)
        deep = np.float32(self.half_depth_mm + 0.8 * float(cover)) - 18 * ramp(z, 60, 160)
        trunk = (1 - np.sqrt((x / wide) ** 2 + (y / deep) ** 2)) * np.float32(deep)
        slope = np.float32(self.apex_mm + 42) - z - np.float32(0.42) * (np.abs(x) - 62)
        neck = (1 - np.sqrt((x / 60) ** 2 + ((y - 5) / 58) ** 2)) * 58
        depth: Field = np.maximum(np.minimum(trunk, slope), neck)
        for breast in self.breasts:
            depth = np.maximum(depth, breast.depth(x, y, z))
        return depth

    def density(self, x: Coordinate, y: Coordinate, z: Coordinate, edge_mm: float) -> Field:
        """Return the density of everything but bones and lung vessels.

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
        muscle, _ = self.wall_mm
        values: Field = np.float32(FAT) * fill(self.body_depth(x, y, z), edge_mm)
        thick = np.float32(muscle) * (1 + ramp(z, -20, 90))
        cage = self.cage_depth(x, y, z)
        wall = np.minimum(cage + thick, self.body_depth_floor(x, y, z))
        values = paint(values, fill(wall, edge_mm), MUSCLE)
        values = paint(values, fill(cage, edge_mm), MEDIASTINUM)
        below = np.minimum(cage, -self.above_diaphragm(x, y, z))
        values = paint(values, fill(below, edge_mm), LIVER)
        values = paint(values, fill(self.lung_depth(x, y, z), edge_mm), self.lung_density)
        values = paint(values, fill(self.heart.depth(x, y, z), edge_mm), BLOOD)
        values = paint(values, fill(self.arch.depth(x, y, z), edge_mm), BLOOD)
        values = paint(values, fill(self.bubble.depth(x, y, z), edge_mm), 0.001)
        airway = self._airway_depth(x, y, z)
        return paint(values, fill(airway, edge_mm), 0.001)

    def body_depth_floor(self, x: Coordinate, y: Coordinate, z: Coordinate) -> Field:
        """Return how deep points lie under the skin's inner layer, in mm."""
        depth: Field = self.body_depth(x, y, z) - 4
        return depth

    def _airway_depth(self, x: Coordinate, y: Coordinate, z: Coordinate) -> Field:
        carina = np.float32(28)
        away = np.float32(0.75) * np.maximum(carina - z, 0)
        off = np.abs(x - np.float32(self.shift_mm)) - away
        tube = np.float32(8) - np.sqrt(off**2 + (y - 12) ** 2)
        ends = np.minimum(z - (carina - 42), np.float32(self.apex_mm + 60) - z)
        depth: Field = np.minimum(tube, ends)
        return depth


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
    wide, deep = 132 * size * rng.normal(1, 0.04), 88 * size * rng.normal(1, 0.06)
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
        arch=Ellipsoid((shift + 19, 10, 44 * size), (17, 26, 18), upright()),
        bubble=Ellipsoid(
            (rng.uniform(45, 75), -15, left - 42), _air(rng), tilted(rng.uniform(-15, 15))
        ),
        breasts=_draw_breasts(rng, wide, deep + 0.8 * sum(wall)) if sex == "F" else (),
        ribs_mm=rng.uniform(5.6, 7.2),
        slope_mm=rng.uniform(62, 92),
        shift_mm=shift,
    )


def _draw_heart(rng: Generator, wide: float, dome: float, shift: float) -> Ellipsoid:
    half = 0.44 * wide * rng.normal(1.08, 0.09)
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


def bones(chest: Chest, rng: Generator) -> tuple[Tubes, ...]:
    """Return ribs, spine, clavicles, shoulder blades, humeri and breastbone."""
    return (
        *_ribs(chest, rng),
        *_spine(chest),
        *_clavicles(chest, rng),
        *_shoulders(chest, rng),
        _breastbone(chest),
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
            trees.append(grow_tree(root, heading, 4.6, 7, rng))
    start = np.concatenate([tree.start for tree in trees])
    end = np.concatenate([tree.end for tree in trees])
    radius = np.concatenate([tree.radius_mm for tree in trees])
    inside = chest.lung_depth(*end.T) > 2
    density = np.full(len(start), BLOOD - chest.lung_density)
    return Tubes(start, end, radius, density).chosen(inside)


def _ribs(chest: Chest, rng: Generator) -> list[Tubes]:
    angle = np.linspace(0.2, 2.55, 40)
    top = chest.apex_mm - 8
    gap = rng.uniform(23.5, 26.5) * chest.apex_mm / 132
    made = []
    for number in range(11):
        back = top - gap * number
        turn = (1 - np.cos(angle)) / 2
        height = back - (0.45 + 0.055 * min(number, 10)) * chest.slope_mm * turn
        height = height + 5 * np.sin(np.minimum(angle * 2.4, np.pi))
        wide, deep = chest.half_axes(np.minimum(height, top - 14 + 3 * number))
        thick = rng.uniform(0.9, 1.1) * chest.ribs_mm
        for side in (-1, 1):
            x = side * (wide + 3) * np.sin(angle)
            y = (deep + 3) * np.cos(angle)
            points = np.stack([x, y, height + rng.normal(0, 0.8)], axis=1)
            last = 40 if number < 7 else 40 - 6 * (number - 6)
            made.append(chain(points[:last], (thick, 3.4), BONE_EXCESS, core=0.35))
    return made


def _spine(chest: Chest) -> list[Tubes]:
    gap = 25.0 * chest.apex_mm / 132
    heights = np.arange(chest.apex_mm + 75, -260, -gap)
    x = np.full(len(heights), chest.shift_mm * 0.2)
    made = []
    for half, offset, radii, density in (
        (0.4, 0.0, (13.0, 16.0), 0.12),
        (0.05, 0.4 * gap, (13.5, 17.5), 0.26),
        (0.05, -0.4 * gap, (13.5, 17.5), 0.26),
    ):
        y = _spine_depth(chest, heights)
        low = np.stack([x, y, heights + offset - half * gap], axis=1)
        high = np.stack([x, y, heights + offset + half * gap], axis=1)
        made.append(Tubes(low, high, np.tile(radii, (len(x), 1)), np.full(len(x), density), 1, 0.5))
    return made + _arches(chest, x, heights)


def _spine_depth(chest: Chest, heights: Floats) -> Floats:
    return 0.72 * chest.half_depth_mm - 10 * np.clip((heights - 60) / 100, 0, 1)


def _arches(chest: Chest, x: Floats, heights: Floats) -> list[Tubes]:
    back = _spine_depth(chest, heights)
    made = []
    for side, reach, far, radius, drop in (
        (-1, 11, 24, 3.6, 0), (1, 11, 24, 3.6, 0), (-1, 28, 26, 3.2, -1), (1, 28, 26, 3.2, -1),
        (0, 0, 52, 2.8, -16),
    ):  # fmt: skip
        start = np.stack([x + side * 11, back + 12, heights + 4], axis=1)
        if side == 0:
            start = np.stack([x, back + 26, heights], axis=1)
        end = np.stack([x + side * reach, back + far, heights + 4 + drop], axis=1)
        size = np.tile((radius + 1.2, radius), (len(x), 1))
        made.append(Tubes(start, end, size, np.full(len(x), 0.3), 2, 0.6))
    return made


def _clavicles(chest: Chest, rng: Generator) -> list[Tubes]:
    share = np.linspace(0, 1, 24)
    made = []
    rise = rng.uniform(2, 28)
    for side in (-1, 1):
        x = side * (16 + 128 * share)
        y = -0.62 * chest.half_depth_mm + 50 * share - 9 * np.sin(2 * np.pi * share)
        z = chest.apex_mm - 26 + (rise + rng.normal(0, 3)) * share + 4 * np.sin(np.pi * share)
        made.append(chain(np.stack([x, y, z], axis=1), (6.4, 5.4), 0.9, core=0.3))
    return made


def _shoulders(chest: Chest, rng: Generator) -> list[Tubes]:
    made = []
    wide = chest.half_width_mm
    raised = 0.0 if chest.shoulder_mm < 80 else 45.0
    for side in (-1, 1):
        lateral = wide + rng.uniform(2, 16)
        low = np.array([side * (lateral - 18), 62.0, 15.0 + raised])
        high = np.array([side * (lateral + 14), 48.0, chest.apex_mm - 22 + 0.3 * raised])
        share = np.linspace(0, 1, 12)[:, None]
        made.append(chain(low + share * (high - low), (3.2, 5.4), 0.55, up=0, core=0.5))
        plate = low + np.array([-side * 26.0, 6, 6]) + share * (high - low) * 0.9
        made.append(chain(plate, (24, 1.4), 0.3, up=0))
        head = high + np.array([side * 34.0, -14, 4])
        shaft = head + np.array([side * 14.0, 0, -150.0 if raised == 0 else 120.0])
        made.append(
            chain(
                head + np.linspace(-0.12, 0.08, 6)[:, None] * (shaft - head),
                (19, 19),
                0.4,
                up=0,
                core=0.6,
            )
        )
        made.append(chain(head + share * (shaft - head), (11, 11), 0.8, up=0, core=0.15))
    return made


def _breastbone(chest: Chest) -> Tubes:
    z = np.linspace(chest.apex_mm - 40, -60, 20)
    y = np.linspace(-0.72, -0.98, 20) * chest.half_depth_mm
    return chain(np.stack([np.zeros(20), y, z], axis=1), (17, 5), 0.25, up=0, core=0.5)
