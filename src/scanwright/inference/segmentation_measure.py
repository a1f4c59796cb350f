"""How large what was outlined is: volume, area and diameter of every name."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.image import Floats, Geometry
from scanwright.inference.outlines import Mask, Outlines

MM3_PER_ML = 1000.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes by name; a table is empty where the grid has no such thing."""

    volumes_ml: dict[str, float]
    areas_mm2: dict[str, float]
    diameters_mm: dict[str, float]


def element_mm(geometry: Geometry) -> float:
    """Return an element's volume in mm³, or its area in mm² in a plane; sheared grids included."""
    edges = geometry.affine[:, :-1]
    return float(math.sqrt(abs(np.linalg.det(edges.T @ edges))))


def measure(outlines: Outlines, geometry: Geometry) -> Sizes:
    """Measure every name of a label map.

    Returns
    -------
    Volumes in three dimensions, areas in two; diameters are the greatest distance between the
    centres of two elements. Nothing where the geometry has no physical size.
    """
    if not geometry.is_physical:
        return Sizes({}, {}, {})
    amounts: dict[str, float] = {}
    diameters: dict[str, float] = {}
    for name in outlines.scheme.names:
        mask = outlines.mask(name)
        amounts[name] = float(np.count_nonzero(mask)) * element_mm(geometry)
        diameters[name] = _diameter(mask, geometry)
    if geometry.rank == 3:
        volumes = {name: amount / MM3_PER_ML for name, amount in amounts.items()}
        return Sizes(volumes, {}, diameters)
    return Sizes({}, amounts if geometry.rank == 2 else {}, diameters)


def _diameter(mask: Mask, geometry: Geometry) -> float:
    points = _ends(mask)
    if len(points) < 2:
        return 0.0
    return _greatest_distance(geometry.to_world(points))


def _ends(mask: Mask) -> npt.NDArray[np.int64]:
    """Return the first and the last element of every row; no others can be farthest apart."""
    lines = mask[None]  # a row has an index, in one dimension too
    filled = np.argwhere(lines.any(axis=-1))
    rows = lines[tuple(filled.T)]
    first = rows.argmax(axis=1)
    last = mask.shape[-1] - 1 - rows[:, ::-1].argmax(axis=1)
    ends = [np.column_stack([filled, end]) for end in (first, last)]
    return np.unique(np.concatenate(ends)[:, 1:], axis=0)


def _greatest_distance(points: Floats) -> float:
    """Return the greatest distance among points (N, 3); only corners of their hull matter."""
    from scipy.spatial.distance import pdist

    return float(pdist(_corners(points)).max())


def _corners(points: Floats) -> Floats:
    """Return the corners of the convex hull of points, in as many dimensions as they fill."""
    from scipy.spatial import ConvexHull

    middle = points - points.mean(axis=0)
    _, spans, axes = np.linalg.svd(middle, full_matrices=False)
    flat = middle @ axes[spans > 1e-6 * spans[0]].T
    if flat.shape[1] == 1:
        return points[[int(flat.argmin()), int(flat.argmax())]]
    return np.asarray(points[ConvexHull(flat).vertices])
