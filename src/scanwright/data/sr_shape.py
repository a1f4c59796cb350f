"""Shapes that a DICOM report draws, and how far they reach (PS3.3, C.18.6.1.2 and C.18.9.1.2)."""

from dataclasses import dataclass, field

import numpy as np

from scanwright.image import Floats

CLOSED = frozenset({"POLYGON", "CIRCLE", "ELLIPSE", "ELLIPSOID"})
"""Graphic types that enclose something whatever their coordinates are."""
NO_AREA = 1e-7
"""Breadth, as part of the length, below which points lie on a line."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A polygon, or a centre with conjugate half diameters: an ellipse (2) or ellipsoid (3).

    Parameters
    ----------
    points
        Corners, or the centre alone; shape (N, A).
    radii
        Half diameters, shape (M, A); M is 0 for a polygon.
    """

    points: Floats = field(repr=False)
    radii: Floats = field(repr=False)

    @property
    def is_flat(self) -> bool:
        """Whether it lies in a plane, as all but ellipsoids do."""
        return len(self.radii) < 3

    @property
    def bounds(self) -> Floats:
        """Low and high end along each axis, shape (A, 2).

        The points c + Σ uₖ rₖ with |u| = 1 reach √Σ rₖ² from c along each axis; that holds for any
        conjugate half diameters, so for the image of an ellipse under any affine map.
        """
        reach = np.sqrt((self.radii**2).sum(axis=0))
        return np.stack([self.points.min(axis=0) - reach, self.points.max(axis=0) + reach], axis=1)

    @property
    def normal(self) -> Floats:
        """The unit vector across its plane, shape (3,); of points in a plane but for rounding."""
        spread = self.radii if len(self.radii) else self.points - self.points.mean(axis=0)
        normal: Floats = np.linalg.eigh(spread.T @ spread)[1][:, 0]
        return normal

    def moved(self, matrix: Floats, offset: Floats) -> "Shape":
        """Return its image under x → matrix x + offset; matrix has shape (B, A)."""
        return Shape(self.points @ matrix.T + offset, self.radii @ matrix.T)


def shape_of(graphic: str, numbers: Floats, rank: int) -> Shape | None:
    """Return the shape that coordinates draw; None where they enclose nothing.

    Parameters
    ----------
    graphic
        Graphic type.
    numbers
        Point after point, `rank` numbers each.

    Examples
    --------
    >>> shape_of("CIRCLE", np.array([5.0, 4, 5, 6]), 2).bounds.tolist()
    [[3.0, 7.0], [2.0, 6.0]]
    >>> shape_of("POINT", np.array([5.0, 4]), 2)
    """
    if not len(numbers) or len(numbers) % rank or not np.isfinite(numbers).all():
        return None
    points = numbers.reshape(-1, rank)
    if graphic in ("POLYLINE", "POLYGON"):
        shape = Shape(points, np.zeros((0, rank)))
    elif graphic == "CIRCLE" and rank == 2 and len(points) == 2:
        radius = float(np.linalg.norm(points[1] - points[0]))
        shape = Shape(points[:1], radius * np.eye(2))
    elif len(points) == {"ELLIPSE": 4, "ELLIPSOID": 6}.get(graphic, 0):
        # Both ends of each axis, one axis after the other.
        shape = Shape(points.mean(axis=0)[None], (points[1::2] - points[::2]) / 2)
    else:
        return None
    return shape if _has_area(shape) else None


def is_closed(graphic: str, numbers: Floats, rank: int) -> bool:
    """Whether coordinates enclose something by their type, or end where they begin."""
    if graphic in CLOSED:
        return True
    return len(numbers) >= 4 * rank and np.array_equal(numbers[:rank], numbers[-rank:])


def _has_area(shape: Shape) -> bool:
    spread = shape.radii if len(shape.radii) else shape.points - shape.points.mean(axis=0)
    if len(spread) < 2:
        return False
    lengths = np.linalg.svd(spread, compute_uv=False)
    needed = len(shape.radii) or 2
    return bool(lengths[needed - 1] > NO_AREA * lengths[0] > 0)
