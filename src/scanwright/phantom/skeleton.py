"""Bones of a chest as curved rods: ribs, spine, clavicles, shoulders and breastbone."""

import numpy as np
from numpy.random import Generator

from scanwright.image import Floats
from scanwright.phantom.chest import Chest
from scanwright.phantom.shapes import roundness
from scanwright.phantom.tubes import Tubes, chain, join

BONE_EXCESS = 0.72
"""Mean density of a rib or vertebra beyond the soft tissue in its place, in g/cm³."""


def bones(chest: Chest, rng: Generator) -> tuple[Tubes, ...]:
    """Return ribs, spine, clavicles, shoulder blades, humeri and breastbone."""
    return (
        _ribs(chest, rng),
        *_spine(chest),
        _clavicles(chest, rng),
        *_shoulders(chest, rng),
        _breastbone(chest),
    )


def _ribs(chest: Chest, rng: Generator) -> Tubes:
    angle = np.linspace(0.2, 2.55, 40)
    top = chest.apex_mm - 8
    gap = rng.uniform(23.5, 26.5) * chest.apex_mm / 132
    made = []
    for number in range(11):
        back = top - gap * number
        turn = (1 - np.cos(angle)) / 2
        height = back - min(1.0, 0.5 + 0.1 * number) * chest.slope_mm * turn
        height = height + 5 * np.sin(np.minimum(angle * 2.4, np.pi))
        wide, deep = chest.half_axes(np.minimum(height, top - 14 + 3 * number))
        thick = rng.uniform(0.9, 1.1) * chest.ribs_mm
        for side in (-1, 1):
            far = roundness(np.sin(angle), np.cos(angle))
            x = side * (wide + 3) * np.sin(angle) / far
            y = (deep + 3) * np.cos(angle) / far
            points = np.stack([x, y, height + rng.normal(0, 0.8)], axis=1)
            last = 40 if number < 7 else 40 - 6 * (number - 6)
            made.append(chain(points[:last], (thick, 3.4), BONE_EXCESS, core=0.35))
    return join(made)


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
    return [join(made[1:]), made[0], _arches(chest, x, heights)]


def _spine_depth(chest: Chest, heights: Floats) -> Floats:
    return 0.72 * chest.half_depth_mm - 10 * np.clip((heights - 60) / 100, 0, 1)


def _arches(chest: Chest, x: Floats, heights: Floats) -> Tubes:
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
        size = np.tile((radius + 3.0, radius), (len(x), 1))
        made.append(Tubes(start, end, size, np.full(len(x), 0.3), 2, 0.6))
    return join(made)


def _clavicles(chest: Chest, rng: Generator) -> Tubes:
    share = np.linspace(0, 1, 24)
    made = []
    rise = rng.uniform(2, 28)
    for side in (-1, 1):
        x = side * (16 + 128 * share)
        y = -0.62 * chest.half_depth_mm + 50 * share - 9 * np.sin(2 * np.pi * share)
        z = chest.apex_mm - 26 + (rise + rng.normal(0, 3)) * share + 4 * np.sin(np.pi * share)
        made.append(chain(np.stack([x, y, z], axis=1), (6.4, 5.4), 0.9, core=0.3))
    return join(made)


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
