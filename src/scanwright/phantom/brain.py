"""A head in axial slices: scalp, skull, folded cortex, white matter, deep grey and ventricles."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scanwright.phantom.field import Field, banded_field, smooth_field
from scanwright.phantom.shapes import fill, paint, ramp

TISSUES = (
    "air",
    "fat",
    "bone",
    "marrow",
    "muscle",
    "csf",
    "grey",
    "white",
    "deep",
    "lesion",
    "oedema",
)
"""Materials of a head, in the order of the maps."""

T1_MS = {
    "air": (1000.0, 1000.0), "fat": (260.0, 380.0), "bone": (400.0, 500.0),
    "marrow": (500.0, 600.0), "muscle": (1010.0, 1420.0), "csf": (4200.0, 4300.0),
    "grey": (1120.0, 1400.0),
    "white": (640.0, 840.0), "deep": (900.0, 1150.0), "lesion": (1500.0, 1850.0),
    "oedema": (1150.0, 1400.0),
}  # fmt: skip
"""T1 at 1.5 and at 3 tesla (Stanisz et al. 2005; Bojorquez et al. 2017, rounded)."""

T2_MS = {
    "air": 50.0, "fat": 85.0, "bone": 1.0, "marrow": 60.0, "muscle": 42.0, "csf": 1800.0,
    "grey": 98.0, "white": 74.0, "deep": 82.0, "lesion": 150.0, "oedema": 140.0,
}  # fmt: skip
"""T2, nearly the same at both field strengths (same sources)."""

PROTONS = {
    "air": 0.0, "fat": 0.6, "bone": 0.06, "marrow": 0.45, "muscle": 0.8, "csf": 1.0, "grey": 0.83,
    "white": 0.7, "deep": 0.78, "lesion": 0.86, "oedema": 0.84,
}  # fmt: skip
"""Proton density relative to water."""


Triple = tuple[float, float, float]
"""A place, or three half-axes, in mm."""


@dataclass(frozen=True, slots=True)
class Brain:
    """One head.

    Parameters
    ----------
    half_width_mm, half_length_mm, half_height_mm
        Half-axes of the brain (left to right, front to back, up and down).
    centre_mm
        Place of the brain's middle in the field, (x, y).
    turn_degrees
        Rotation of the head about its long axis.
    scalp_mm, skull_mm
        Thickness of fat with skin, and of bone.
    sulcus_mm, cortex_mm
        Width of the folds' clefts, and thickness of grey matter.
    fold_mm
        Distance of neighbouring folds.
    ventricle
        Size of the ventricles, 1 in the middle of life.
    bend
        Amplitude of the head's departure from an ellipsoid, in mm.
    """

    half_width_mm: float
    half_length_mm: float
    half_height_mm: float
    centre_mm: tuple[float, float]
    turn_degrees: float
    scalp_mm: float
    skull_mm: float
    sulcus_mm: float
    cortex_mm: float
    fold_mm: float
    ventricle: float
    bend: float

    def own_frame(self, x: Field, y: Field) -> tuple[Field, Field]:
        """Map places in the field to the head's own axes."""
        turn = np.float32(np.deg2rad(self.turn_degrees))
        u, v = x - np.float32(self.centre_mm[0]), y - np.float32(self.centre_mm[1])
        return u * np.cos(turn) + v * np.sin(turn), v * np.cos(turn) - u * np.sin(turn)


def draw_brain(rng: Generator, sex: str, age_years: float) -> Brain:
    """Draw a head; clefts and ventricles widen with age."""
    size = rng.normal(1.0 if sex == "M" else 0.96, 0.035)
    old = float(np.clip((age_years - 30) / 50, 0, 1))
    return Brain(
        half_width_mm=67 * size * rng.normal(1, 0.03),
        half_length_mm=84 * size * rng.normal(1, 0.03),
        half_height_mm=68 * size,
        centre_mm=(rng.normal(0, 6), rng.normal(0, 6)),
        turn_degrees=rng.normal(0, 5),
        scalp_mm=rng.uniform(4, 8),
        skull_mm=rng.uniform(5, 8.5),
        sulcus_mm=rng.uniform(0.9, 1.5) + 0.9 * old,
        cortex_mm=rng.uniform(2.6, 3.3) - 0.4 * old,
        fold_mm=rng.uniform(17, 22),
        ventricle=rng.uniform(0.7, 1.15) + 0.55 * old,
        bend=rng.uniform(0.6, 1.7),
    )


def head_maps(
    brain: Brain,
    x: Field,
    y: Field,
    z: Field,
    spacing_mm: tuple[float, ...],
    rng: Generator,
) -> dict[str, Field]:
    """Return the share of each tissue in every element.

    Parameters
    ----------
    brain
        The head.
    x, y, z
        Places in mm, shapes (1, 1, X), (1, Y, 1), (Z, 1, 1); z about the brain's middle.
    spacing_mm
        Distance of neighbours, (Z, Y, X).
    rng
        Source of the folds.

    Returns
    -------
    Shape (Z, Y, X) each; they add up to 1.
    """
    size = (z.shape[0], y.shape[1], x.shape[2])
    edge = spacing_mm[-1]
    u, v = brain.own_frame(x, y)
    bent = np.float32(brain.bend) * smooth_field(size, spacing_mm, 32.0, rng)
    surface = _egg_depth(brain, u, v, z) + bent
    folds = banded_field(size, spacing_mm, brain.fold_mm, rng)
    wander = smooth_field(size, spacing_mm, 9.0, rng)
    maps = {name: np.zeros(size, dtype=np.float32) for name in TISSUES}
    maps["air"] += 1
    _outside(maps, brain, surface, wander, edge)
    cleft = np.minimum(_sulcus(brain, surface, folds, wander), _fissure(u, v, z, wander))
    cleft = np.minimum(cleft, np.maximum(surface, 0))
    _inside(maps, surface, cleft, brain, edge)
    _deep(maps, brain, u + 1.5 * wander, v + 1.5 * bent, z, edge)
    return maps


def _egg_depth(brain: Brain, u: Field, v: Field, z: Field) -> Field:
    height = np.clip(1 - (z / np.float32(brain.half_height_mm)) ** 2, 0.05, 1)
    girth = np.sqrt(height)
    wide = brain.half_width_mm * girth * (1 + 0.1 * np.tanh(v / np.float32(60)))
    far = brain.half_length_mm * girth
    level = (np.abs(u) / wide) ** 2.25 + (np.abs(v) / far) ** 2.25
    depth: Field = (1 - level ** (1 / 2.25)) * wide
    return depth


def put(maps: dict[str, Field], name: str, share: Field) -> None:
    """Replace part of every element by one tissue."""
    for other in maps:
        maps[other] *= 1 - share
    maps[name] += share


def _outside(
    maps: dict[str, Field], brain: Brain, surface: Field, wander: Field, edge: float
) -> None:
    skull = np.float32(brain.skull_mm) * (1 + 0.12 * wander)
    total = skull + np.float32(brain.scalp_mm)
    put(maps, "muscle", fill(surface + total + 1.6, edge))
    put(maps, "fat", fill(surface + total, edge))
    put(maps, "muscle", fill(np.minimum(surface + skull + 1.6, wander - 0.9), edge))
    put(maps, "bone", fill(surface + skull, edge))
    diploe = np.minimum(surface + skull - 1.9, -(surface + 2.0))
    put(maps, "marrow", fill(diploe, edge))
    put(maps, "csf", fill(surface + 0.6, edge))


def _sulcus(brain: Brain, surface: Field, folds: Field, wander: Field) -> Field:
    # A band-passed field of wavelength L climbs by sqrt(2) π / L per mm, on average.
    slope = np.float32(np.sqrt(2) * np.pi / brain.fold_mm)
    too_deep = np.maximum(surface - 15 - 4 * wander, 0) * np.float32(0.45)
    distance: Field = np.abs(folds) / slope + too_deep
    return distance


def _fissure(u: Field, v: Field, z: Field, wander: Field) -> Field:
    # The falx parts the halves in front, behind and on top; the corpus callosum joins them.
    bridge = np.maximum(33 - np.abs(v + 2) - 0.6 * np.maximum(z - 12, 0), 0)
    middle = np.abs(u + 0.8 * wander) + np.float32(0.35) * bridge
    side = np.abs(u)
    sylvian = np.abs(v + 8 + 3.5 * wander + 0.35 * (side - 45)) - np.float32(0.6)
    sylvian = sylvian + np.maximum(42 - side, 0) * np.float32(0.8)
    sylvian = sylvian + np.maximum(np.abs(z + 2) - 16, 0) * np.float32(0.5)
    distance: Field = np.minimum(middle, np.maximum(sylvian, 0))
    return distance


def _inside(
    maps: dict[str, Field], surface: Field, cleft: Field, brain: Brain, edge: float
) -> None:
    half = np.float32(brain.sulcus_mm / 2)
    brainy = np.minimum(cleft - half, surface - 1.2)
    put(maps, "grey", fill(brainy, edge))
    put(maps, "white", fill(brainy - np.float32(brain.cortex_mm), edge))


def _deep(maps: dict[str, Field], brain: Brain, u: Field, v: Field, z: Field, edge: float) -> None:
    side = np.abs(u)
    core = _ellipse(side, v, z, (0, 2, 0), (33, 40, 22))
    put(maps, "white", ramp(core, 0.0, 4.0))
    nuclei: tuple[tuple[Triple, Triple], ...] = (
        ((10, 10, -2), (8.5, 14, 10)),
        ((23.5, -5, 0), (5.5, 15, 11)),
        ((11.5, -20, 4), (5, 8, 11)),
    )
    for centre, radii in nuclei:
        put(maps, "deep", fill(_ellipse(side, v, z, centre, radii), edge))
    large = brain.ventricle
    horns: tuple[tuple[Triple, Triple, float], ...] = (
        ((7.5 + 2 * large, -19 - 2 * large, 9), (3.6 * large, 11 * large, 11), 0.35),
        ((6.5 + large, 0, 15), (4.2 * large, 24, 8 * large), 0.1),
        ((15 + 3 * large, 27, 8), (4.2 * large, 12 * large, 11), -0.6),
        ((0, 4, -4), (1.6 * large, 11, 9), 0.0),
    )
    for centre, radii, lean in horns:
        leaned = side + np.float32(lean) * (v - np.float32(centre[1]))
        put(maps, "csf", fill(_ellipse(leaned, v, z, centre, radii), edge))


def _ellipse(u: Field, v: Field, z: Field, centre: Triple, radii: Triple) -> Field:
    square = ((u - np.float32(centre[0])) / np.float32(radii[0])) ** 2
    square = square + ((v - np.float32(centre[1])) / np.float32(radii[1])) ** 2
    square = square + ((z - np.float32(centre[2])) / np.float32(radii[2])) ** 2
    depth: Field = (1 - np.sqrt(square)) * np.float32(min(radii[:2]))
    return depth


def laid_over(maps: dict[str, Field], name: str, share: Field) -> dict[str, Field]:
    """Return the maps with one more tissue laid over the others."""
    return {
        other: paint(values, share, 1.0 if other == name else 0.0) for other, values in maps.items()
    }
