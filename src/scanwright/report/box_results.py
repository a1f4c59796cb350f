"""The boxes of N cases, measured: which are true, which are shown, and where they lie."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from scanwright.base import ShapeError
from scanwright.image import Floats, Geometry
from scanwright.metrics import Bools, BoxMatches, box_counts

LEAST_OVERLAP = {1: 0.5, 2: 0.5, 3: 0.1}
"""Intersection over union from which a shown box counts as true, by rank: moved by a tenth of its
side along each axis a square keeps .68 of it, a cube .57, and small lesions are off by more."""


@dataclass(frozen=True, slots=True)
class BoxResults:
    """Boxes of N cases, matched.

    Parameters
    ----------
    matches
        Of all found boxes, those included that are too unsure to be shown.
    reported
        Shape (boxes,): those that reach the threshold of their class.
    geometries, sizes
        Of each case: the grid that its boxes lie on.
    least_overlap
        Intersection over union from which a box counts as true, for sensitivity, precision and
        false boxes.

    Raises
    ------
    ShapeError
        The parts do not fit each other.
    """

    matches: BoxMatches = field(repr=False)
    reported: Bools = field(repr=False)
    geometries: tuple[Geometry, ...] = field(repr=False)
    sizes: tuple[tuple[int, ...], ...] = field(repr=False)
    least_overlap: float = 0.5

    def __post_init__(self) -> None:
        found = (self.reported.shape, len(self.geometries), len(self.sizes))
        legal = (self.matches.scores.shape, self.matches.cases, self.matches.cases)
        if found != legal:
            raise ShapeError(
                "Each box is shown or not, each case has a grid.", got=found, legal=legal
            )
        self.matches.at(self.least_overlap)

    @property
    def rank(self) -> int:
        """Number of axes."""
        return self.geometries[0].rank

    @property
    def unit(self) -> str:
        """Of lengths: "mm", or "pixels" where no physical size is known."""
        return "mm" if all(one.is_physical for one in self.geometries) else "pixels"

    @property
    def state(self) -> npt.NDArray[np.int8]:
        """What became of each found box at the least overlap, as `BoxMatches.state`."""
        return np.asarray(self.matches.state[:, self.matches.at(self.least_overlap)])

    @property
    def is_found(self) -> Bools:
        """Which true boxes a shown one is on, shape (M,)."""
        partners = self.matches.partner[:, self.matches.at(self.least_overlap)]
        found = np.zeros(len(self.matches.truth_case), dtype=bool)
        found[partners[self.reported & (partners >= 0)]] = True
        return found

    @property
    def counts(self) -> tuple[Floats, Floats, Floats]:
        """True boxes, those found, and false ones of each case, shape (N,) each."""
        return box_counts(self.matches, self.reported, self.least_overlap)

    @property
    def truth_sides(self) -> Floats:
        """Mean side of each true box (D-th root of its volume), shape (M,), in `unit`."""
        spacing = np.array([one.spacing_mm for one in self.geometries])[self.matches.truth_case]
        edges = self.matches.truth_edges
        sides = np.maximum(edges[:, :, 1] - edges[:, :, 0], 0)
        if self.unit == "mm":
            sides = sides * spacing
        means: Floats = np.prod(sides, axis=1) ** (1 / self.rank)
        return means

    @property
    def truth_places(self) -> Floats:
        """Centre of each true box as shares of the image along each axis, shape (M, D)."""
        sizes = np.array(self.sizes, dtype=np.float64)[self.matches.truth_case]
        places: Floats = (self.matches.truth_edges.mean(axis=2) + 0.5) / sizes
        return places

    def subset(self, index: npt.NDArray[np.int64]) -> "BoxResults":
        """Return the cases of these places."""
        kept = np.zeros(self.matches.cases, dtype=bool)
        kept[index] = True
        return replace(
            self,
            matches=self.matches.subset(index),
            reported=self.reported[kept[self.matches.case]],
            geometries=tuple(self.geometries[place] for place in index),
            sizes=tuple(self.sizes[place] for place in index),
        )

    def alone(self, label: int) -> "BoxResults":
        """Return one class."""
        return replace(
            self,
            matches=self.matches.alone(label),
            reported=self.reported[self.matches.label == label],
        )
