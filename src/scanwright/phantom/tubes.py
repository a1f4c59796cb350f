"""Ribs, vessels and other curved rods as straight pieces, and the points that carry their mass."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from scanwright.image import Floats

GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))
"""Turn from point to point of a sunflower, which fills a disc evenly (Vogel 1979)."""


@dataclass(frozen=True, slots=True)
class Tubes:
    """Straight pieces of elliptic section.

    Parameters
    ----------
    start, end
        Shape (N, 3): ends of each axis, in mm, (x, y, z) in LPS.
    radius_mm
        Shape (N, 2): half-axes of the section, the first along the world axis `up` as far as
        the piece's direction allows.
    density
        Shape (N,): mass per volume in g/cm³, beyond that of the surroundings.
    up
        World axis that the first half-axis follows: 0 for x, 1 for y, 2 for z.
    core
        Mass of the core relative to the rim, 1 for a solid rod.
    """

    start: Floats
    end: Floats
    radius_mm: Floats
    density: Floats
    up: int = 2
    core: float = 1.0

    @property
    def mass_g(self) -> float:
        """Total mass."""
        length = np.linalg.norm(self.end - self.start, axis=1)
        area = np.pi * self.radius_mm[:, 0] * self.radius_mm[:, 1]
        return float((length * area * self.density).sum() / 1000)

    def between(self, low_mm: float, high_mm: float) -> "Tubes":
        """Return the pieces that reach into a slab of heights z."""
        reach = self.radius_mm.max(axis=1)
        bottom = np.minimum(self.start[:, 2], self.end[:, 2]) - reach
        top = np.maximum(self.start[:, 2], self.end[:, 2]) + reach
        return self.chosen((top > low_mm) & (bottom < high_mm))

    def chosen(self, keep: npt.NDArray[np.bool_]) -> "Tubes":
        """Return the pieces for which `keep`, shape (N,), is true."""
        return Tubes(
            self.start[keep],
            self.end[keep],
            self.radius_mm[keep],
            self.density[keep],
            self.up,
            self.core,
        )

    def masses(self, step_mm: float) -> tuple[Floats, Floats]:
        """Spread the mass over points about `step_mm` apart.

        Returns
        -------
        Points, shape (M, 3), and the mass in g at each, shape (M,); the masses add up to
        `mass_g`.
        """
        if len(self.start) == 0:
            return np.zeros((0, 3)), np.zeros(0)
        axis = self.end - self.start
        length = np.maximum(np.linalg.norm(axis, axis=1), 1e-9)
        count = np.maximum(np.ceil(length / step_mm), 1).astype(np.intp)
        piece = np.repeat(np.arange(len(length)), count)
        first = np.repeat(np.cumsum(count) - count, count)
        along = (np.arange(len(piece)) - first + 0.5) / count[piece]
        centre = self.start[piece] + along[:, None] * axis[piece]  # (A, 3)
        across, share = self._section(step_mm)
        one, two = _frames(axis / length[:, None], self.up)
        one *= self.radius_mm[:, :1]
        two *= self.radius_mm[:, 1:]
        points = (
            centre[:, None]
            + one[piece][:, None] * across[None, :, :1]
            + two[piece][:, None] * across[None, :, 1:]
        )  # (A, S, 3)
        area = np.pi * self.radius_mm[:, 0] * self.radius_mm[:, 1]
        mass = (length * area * self.density / 1000 / count)[piece]
        return points.reshape(-1, 3), (mass[:, None] * share).ravel()

    def _section(self, step_mm: float) -> tuple[Floats, Floats]:
        area = float(np.pi * (self.radius_mm[:, 0] * self.radius_mm[:, 1]).max())
        count = int(np.clip(np.ceil(area / step_mm**2), 5, 400))
        number = np.arange(count)
        radius = np.sqrt((number + 0.5) / count)
        turn = number * GOLDEN_ANGLE
        across = np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)
        share = np.where(radius > 0.8, 1.0, self.core)
        return across, share / share.sum()


def chain(
    points: Floats,
    radius_mm: tuple[float, float],
    density: float,
    *,
    up: int = 2,
    core: float = 1.0,
) -> Tubes:
    """Make one rod along a curve given by its points, shape (N, 3)."""
    pieces = len(points) - 1
    return Tubes(
        points[:-1],
        points[1:],
        np.tile(np.array(radius_mm, dtype=np.float64), (pieces, 1)),
        np.full(pieces, density),
        up,
        core,
    )


def grow_tree(
    root: Floats, directions: Floats, radius_mm: float, generations: int, rng: Generator
) -> Tubes:
    """Grow branching vessels, each piece parting into two.

    Parameters
    ----------
    root
        Shape (3,): where all trunks begin.
    directions
        Shape (T, 3): unit vectors along which the trunks leave.
    radius_mm
        Radius of the trunks; a branch keeps 2^(-1/3) of its parent's (Murray's law, 1926).
    generations
        Number of partings plus one.
    rng
        Source of randomness.
    """
    place = np.tile(root, (len(directions), 1))
    heading = directions
    starts, ends, radii = [], [], []
    for generation in range(generations):
        radius = radius_mm * 2 ** (-generation / 3)
        length = (4.5 * radius + 6) * rng.uniform(0.75, 1.3, (len(place), 1))
        middle = place + heading * length / 2
        bent = _unit(heading + rng.normal(0, 0.16, heading.shape))
        tip = middle + bent * length / 2
        starts += [place, middle]
        ends += [middle, tip]
        radii += [np.full(len(place), radius), np.full(len(place), radius * 0.93)]
        side = _unit(np.cross(bent, rng.standard_normal(bent.shape)))
        angle = rng.uniform(0.3, 0.6, (len(place), 1))
        heading = np.concatenate([_unit(bent + angle * side), _unit(bent - 0.8 * angle * side)])
        place = np.concatenate([tip, tip])
    thick = np.concatenate(radii)
    return Tubes(
        np.concatenate(starts),
        np.concatenate(ends),
        np.stack([thick, thick], axis=1),
        np.ones(len(thick)),
    )


def deposit(index: Floats, mass: Floats, size: Sequence[int]) -> Floats:
    """Share point masses among the nearest elements of a grid, linearly along each axis.

    Parameters
    ----------
    index
        Shape (M, D): places in index units, slow → fast; what falls outside is lost.
    mass
        Shape (M,).
    size
        Elements per axis.

    Returns
    -------
    Mass per element, shape `size`.
    """
    rank = len(size)
    inside = np.all((index > -1) & (index < np.array(size)), axis=1)
    index, mass = index[inside] + 1, mass[inside]
    low = index.astype(np.intp)
    part = index - low
    padded = [count + 2 for count in size]
    steps = np.cumprod([1, *padded[:0:-1]])[::-1]
    base = low @ steps
    total: Floats = np.zeros(int(np.prod(padded)), dtype=np.float64)
    for corner in range(2**rank):
        uppers = [corner >> axis & 1 for axis in range(rank)]
        weight: Floats = mass
        for axis, upper in enumerate(uppers):
            weight = weight * (part[:, axis] if upper else 1 - part[:, axis])
        place = base + int(np.dot(uppers, steps))
        total += np.bincount(place, weight, minlength=len(total))
    return total.reshape(padded)[(slice(1, -1),) * rank]


def join(parts: Sequence[Tubes]) -> Tubes:
    """Put tubes that share `up` and `core` into one."""
    return Tubes(
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
        np.concatenate([part.radius_mm for part in parts]),
        np.concatenate([part.density for part in parts]),
        parts[0].up,
        parts[0].core,
    )


def _frames(tangent: Floats, up: int) -> tuple[Floats, Floats]:
    reference = np.zeros_like(tangent)
    reference[:, up] = 1
    aligned = np.abs(tangent[:, up]) > 0.95
    reference[aligned] = np.roll(reference[aligned], 1, axis=1)
    along = (reference * tangent).sum(axis=1, keepdims=True)
    one = _unit(reference - along * tangent)
    return one, np.cross(tangent, one)


def _unit(vectors: Floats) -> Floats:
    lengths: Floats = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-12)
