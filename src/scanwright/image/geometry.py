"""Where an array lies in the world: spacing, directions and origin of its index axes.

Axes are listed slow → fast, as in the array: (Z, Y, X) or (Y, X). World points are in mm in the
patient frame LPS (x to the patient's left, y to the back, z to the head), as in DICOM.
"""

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import numpy.typing as npt

from scanwright.base import GeometryError

Floats = npt.NDArray[np.float64]
"""Double-precision numbers."""

UNIT_TOLERANCE = 1e-3
"""How far a direction may be from unit length; DICOM writes cosines with few digits."""


class Frame(Enum):
    """What the geometry's numbers refer to."""

    PATIENT = "patient"
    """Positions in mm in the patient frame LPS."""
    DETECTOR = "detector"
    """Spacing in mm on a detector or in a plane; no position in the patient."""
    PIXELS = "pixels"
    """No physical size is known; spacing is 1 per index step."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Position of a regular grid of rank D = 1, 2 or 3.

    Parameters
    ----------
    spacing_mm
        D lengths > 0, one per index axis, slow → fast.
    directions
        Shape (3, D): column a is the unit vector, in LPS, along which index a grows. Columns are
        independent; they need not be orthogonal (a tilted gantry shears the grid).
    origin_lps
        Centre of the element with index 0, in mm.
    frame
        What these numbers refer to.

    Raises
    ------
    GeometryError
        A length is not positive and finite, or the directions do not span D dimensions.
    """

    spacing_mm: tuple[float, ...]
    directions: Floats = field(repr=False)
    origin_lps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    frame: Frame = Frame.PATIENT

    def __post_init__(self) -> None:
        spacing = tuple(float(length) for length in self.spacing_mm)
        origin = tuple(float(value) for value in self.origin_lps)
        # Adding 0 makes -0 to 0: equal geometries must hash alike.
        directions = np.array(self.directions, dtype=np.float64) + 0.0
        directions.setflags(write=False)
        object.__setattr__(self, "spacing_mm", spacing)
        object.__setattr__(self, "origin_lps", origin)
        object.__setattr__(self, "directions", directions)
        self._check()

    def _check(self) -> None:
        if not 1 <= self.rank <= 3:
            raise GeometryError("A grid has 1, 2 or 3 axes.", got=self.rank)
        if not all(np.isfinite(length) and length > 0 for length in self.spacing_mm):
            raise GeometryError(
                "Spacing must be positive.", got=self.spacing_mm, legal="finite lengths > 0 mm"
            )
        if len(self.origin_lps) != 3 or not np.all(np.isfinite(self.origin_lps)):
            raise GeometryError(
                "The origin must be a point.", got=self.origin_lps, legal="3 finite numbers"
            )
        if self.directions.shape != (3, self.rank) or not np.all(np.isfinite(self.directions)):
            raise GeometryError(
                "Directions have the wrong shape.",
                got=self.directions.shape,
                legal=(3, self.rank),
            )
        lengths = np.linalg.norm(self.directions, axis=0)
        if np.any(np.abs(lengths - 1) > UNIT_TOLERANCE):
            raise GeometryError(
                "Directions must be unit vectors.", got=lengths.tolist(), legal="lengths of 1"
            )
        if np.linalg.matrix_rank(self.directions, tol=1e-3) < self.rank:
            raise GeometryError("Directions are not independent.", got=self.directions.tolist())

    @classmethod
    def pixels(cls, rank: int) -> "Geometry":
        """Make the geometry of a plain picture: unit steps, no physical size."""
        return cls((1.0,) * rank, axis_directions(rank), frame=Frame.PIXELS)

    @classmethod
    def detector(cls, spacing_mm: tuple[float, ...]) -> "Geometry":
        """Make the geometry of a projection or a plane of known pixel size, position unknown."""
        return cls(spacing_mm, axis_directions(len(spacing_mm)), frame=Frame.DETECTOR)

    @classmethod
    def axial(
        cls,
        spacing_mm: tuple[float, ...],
        origin_lps: tuple[float, float, float] = (0.0, 0.0, 0.0),
    ) -> "Geometry":
        """Make a patient-frame grid whose axes are S, P, L (or P, L in 2-D)."""
        return cls(spacing_mm, axis_directions(len(spacing_mm)), origin_lps)

    @property
    def rank(self) -> int:
        """Number of index axes."""
        return len(self.spacing_mm)

    @property
    def is_physical(self) -> bool:
        """Whether spacing is in mm."""
        return self.frame is not Frame.PIXELS

    @property
    def is_orthogonal(self) -> bool:
        """Whether the axes are at right angles within 0.06 degrees."""
        gram = self.directions.T @ self.directions
        return bool(np.all(np.abs(gram - np.diag(np.diag(gram))) < 1e-3))

    @property
    def axes(self) -> str:
        """Letters of the patient direction nearest to each index axis, slow → fast ("SPL")."""
        letters = (("L", "R"), ("P", "A"), ("S", "I"))
        named = []
        for column in self.directions.T:
            nearest = int(np.argmax(np.abs(column)))
            named.append(letters[nearest][0 if column[nearest] > 0 else 1])
        return "".join(named)

    @property
    def affine(self) -> Floats:
        """Matrix of shape (3, D + 1): world = affine @ (index..., 1)."""
        columns = self.directions * np.array(self.spacing_mm)
        return np.concatenate([columns, np.array(self.origin_lps)[:, None]], axis=1)

    def to_world(self, index: npt.ArrayLike) -> Floats:
        """Map indices, shape (..., D), to points in mm, shape (..., 3)."""
        points = np.asarray(index, dtype=np.float64)
        world: Floats = points @ self.affine[:, :-1].T + np.array(self.origin_lps)
        return world

    def to_index(self, world: npt.ArrayLike) -> Floats:
        """Map points in mm, shape (..., 3), to (fractional) indices, shape (..., D).

        A point off the plane of a 2-D grid is projected onto it.
        """
        offset = np.asarray(world, dtype=np.float64) - np.array(self.origin_lps)
        index: Floats = offset @ np.linalg.pinv(self.affine[:, :-1]).T
        return index

    def is_close(self, other: "Geometry", tolerance_mm: float = 1e-3) -> bool:
        """Whether two grids lie alike: origins and index steps within `tolerance_mm`."""
        return (
            self.rank == other.rank
            and self.frame is other.frame
            and bool(np.allclose(self.affine, other.affine, rtol=0, atol=tolerance_mm))
        )

    def cropped(self, start: tuple[int, ...]) -> "Geometry":
        """Return the grid whose index 0 is this grid's index `start` (which may be negative)."""
        return self._moved(self.to_world(start))

    def flipped(self, axis: int, size: int) -> "Geometry":
        """Return the grid after reversing an index axis of length `size`."""
        last = [0] * self.rank
        last[axis] = size - 1
        directions = self.directions.copy()
        directions[:, axis] *= -1
        origin = self.to_world(last)
        return Geometry(self.spacing_mm, directions, _point(origin), self.frame)

    def permuted(self, order: tuple[int, ...]) -> "Geometry":
        """Return the grid with index axes in another order."""
        spacing = tuple(self.spacing_mm[axis] for axis in order)
        return Geometry(spacing, self.directions[:, list(order)], self.origin_lps, self.frame)

    def resized(self, old: tuple[int, ...], new: tuple[int, ...]) -> "Geometry":
        """Return the grid that covers the same extent (edge to edge) with `new` elements."""
        ratio = np.array(old, dtype=np.float64) / np.array(new, dtype=np.float64)
        spacing = tuple((np.array(self.spacing_mm) * ratio).tolist())
        origin = self.to_world((ratio - 1) / 2)
        return Geometry(spacing, self.directions, _point(origin), self.frame)

    def _moved(self, origin: Floats) -> "Geometry":
        return Geometry(self.spacing_mm, self.directions, _point(origin), self.frame)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Geometry)
            and self.spacing_mm == other.spacing_mm
            and self.origin_lps == other.origin_lps
            and self.frame is other.frame
            and np.array_equal(self.directions, other.directions)
        )

    def __hash__(self) -> int:
        return hash((self.spacing_mm, self.origin_lps, self.frame, self.directions.tobytes()))


def axis_directions(rank: int) -> Floats:
    """Return directions, shape (3, rank), of a grid whose axes are (S, P, L), the last `rank`."""
    return np.eye(3)[:, ::-1][:, 3 - rank :].copy()


def _point(values: Floats) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])
