"""Taking images that lie apart: each far from what is labelled and from those taken before."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from scanwright.image import Floats

BLOCK = 1 << 22
"""Distances held at once; bounds memory."""


class Space(Protocol):
    """Where candidates lie."""

    def first(self) -> Floats | None:
        """Return the squared distance to what is labelled, shape (N,); None where nothing is."""

    def squared(self, place: int) -> Floats:
        """Return the squared distance of every candidate to one of them, shape (N,)."""

    def typical(self) -> Floats:
        """Return the squared distance of every candidate to the middle of all, shape (N,)."""


@dataclass(frozen=True, slots=True)
class Places:
    """Candidates (N, F) and labelled images (L, F) as points."""

    points: Floats
    known: Floats

    def first(self) -> Floats | None:
        """Return the squared distance to the nearest labelled image."""
        if not len(self.known):
            return None
        return nearest_squared(self.points, self.known)

    def squared(self, place: int) -> Floats:
        """Return the squared distance to one candidate."""
        return np.asarray(((self.points - self.points[place]) ** 2).sum(axis=1))

    def typical(self) -> Floats:
        """Return the squared distance to the mean."""
        return np.asarray(((self.points - self.points.mean(axis=0)) ** 2).sum(axis=1))


@dataclass(frozen=True, slots=True)
class Changes:
    """Gradients of the last layer: the outer product of errors (N, K) and features (N, F).

    It is never formed: the product of two outer products is the product of the products.
    """

    errors: Floats
    features: Floats

    def first(self) -> Floats | None:
        """Return the squared length of each gradient: labelled images stand for none."""
        return self._squared_length()

    def squared(self, place: int) -> Floats:
        """Return the squared distance to one candidate's gradient."""
        shared = (self.errors @ self.errors[place]) * (self._biased() @ self._biased()[place])
        lengths = self._squared_length()
        return np.asarray(np.maximum(lengths + lengths[place] - 2 * shared, 0.0))

    def typical(self) -> Floats:
        """Return the squared length of each gradient."""
        return self._squared_length()

    def _squared_length(self) -> Floats:
        return np.asarray((self.errors**2).sum(axis=1) * (self._biased() ** 2).sum(axis=1))

    def _biased(self) -> Floats:
        """Return the features with the 1 that the layer's bias sees."""
        return np.concatenate([self.features, np.ones((len(self.features), 1))], axis=1)


@dataclass(slots=True)
class Apart:
    """Take what is far from everything labelled or taken, times a weight.

    Parameters
    ----------
    weights
        Shape (N,): what the distance of each candidate is multiplied with.
    rng
        Draws with a chance in proportion to the squared distance; without it the farthest is
        taken.
    """

    space: Space
    weights: Floats
    rng: np.random.Generator | None = None
    _nearest: Floats | None = field(init=False)

    def __post_init__(self) -> None:
        self._nearest = self.space.first()

    def gains(self) -> Floats:
        """Return the weighted distance, or the logarithm of the chance with its lot."""
        if self._nearest is None:
            # Nothing is labelled: begin in the middle, where most images are.
            typical = self.space.typical()
            return np.asarray(self.weights / (1 + typical / max(float(typical.mean()), 1e-12)))
        if self.rng is None:
            return np.asarray(self.weights * np.sqrt(self._nearest))
        chance = np.log(np.maximum(self.weights * self._nearest, 1e-300))
        return np.asarray(chance + self.rng.gumbel(size=len(chance)))

    def take(self, place: int) -> None:
        """Let a candidate count as labelled."""
        squared = self.space.squared(place)
        self._nearest = squared if self._nearest is None else np.minimum(self._nearest, squared)


def nearest_squared(points: Floats, known: Floats) -> Floats:
    """Return the squared distance of each point (N, F) to the nearest of known ones (L, F)."""
    lengths = (known**2).sum(axis=1)
    nearest = np.empty(len(points))
    step = max(1, BLOCK // max(1, len(known)))
    for begin in range(0, len(points), step):
        part = points[begin : begin + step]
        crossed = lengths - 2 * part @ known.T
        nearest[begin : begin + step] = (part**2).sum(axis=1) + crossed.min(axis=1)
    return np.maximum(nearest, 0.0)
