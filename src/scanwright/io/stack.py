"""Planes in the patient frame to one regular grid, or a word on why they are none."""

from collections.abc import Sequence

import numpy as np

from scanwright.base import GeometryError
from scanwright.image import Floats, Geometry

COSINE_TOLERANCE = 1e-4
"""Largest difference of direction cosines within one stack."""
SPACING_TOLERANCE = 1e-4
"""Largest relative difference of pixel spacing within one stack."""
GAP_TOLERANCE_MM = 0.01
GAP_TOLERANCE = 0.01
"""A slice may lie off its even place by this length, or this part of the gap, if that is more."""


def stack_planes(planes: Sequence[Geometry], where: object) -> tuple[list[int], Geometry]:
    """Find the order of planes along their normal, and the grid they form.

    Parameters
    ----------
    planes
        At least two grids of rank 2 in the patient frame.
    where
        What to name in an error.

    Returns
    -------
    The indices of `planes` along the normal, and a grid of rank 3 whose slowest axis steps from
    plane to plane. The step need not be at right angles to the planes: a tilted gantry shears it.

    Raises
    ------
    GeometryError
        Orientation or spacing differ, two planes coincide, or the gaps are uneven.
    """
    first = planes[0]
    _check_alike(planes, where)
    down, right = first.directions.T
    normal = np.cross(right, down)
    origins: Floats = np.array([plane.origin_lps for plane in planes])
    heights = origins @ normal
    order = np.argsort(heights, kind="stable").tolist()
    _check_distinct(heights[order], where)
    step = _even_step(origins[order], heights[order], where)
    length = float(np.linalg.norm(step))
    directions = np.column_stack([step / length, first.directions])
    x, y, z = origins[order[0]].tolist()
    return order, Geometry((length, *first.spacing_mm), directions, (x, y, z))


def _check_alike(planes: Sequence[Geometry], where: object) -> None:
    first = planes[0]
    for plane in planes[1:]:
        if not np.allclose(plane.directions, first.directions, rtol=0, atol=COSINE_TOLERANCE):
            raise GeometryError(
                "The slices are turned against each other.",
                got="several orientations",
                legal=f"direction cosines equal within {COSINE_TOLERANCE}",
                next="read the orientations as separate series",
                where=where,
            )
        if not np.allclose(plane.spacing_mm, first.spacing_mm, rtol=SPACING_TOLERANCE, atol=0):
            raise GeometryError(
                "The slices have different pixel sizes.",
                got=f"{first.spacing_mm} mm and {plane.spacing_mm} mm",
                legal="one pixel spacing",
                where=where,
            )


def _check_distinct(heights: Floats, where: object) -> None:
    gaps = np.diff(heights)
    same = int(np.sum(gaps < 1e-3))
    if same:
        raise GeometryError(
            "Several slices lie at the same place.",
            got=f"{same} of {len(heights)} repeat a position",
            legal="one slice for each position",
            next="separate the time points, echoes or copies",
            where=where,
        )


def _even_step(origins: Floats, heights: Floats, where: object) -> Floats:
    count = len(origins)
    step: Floats = (origins[-1] - origins[0]) / (count - 1)
    even = origins[0] + np.arange(count)[:, None] * step
    off = float(np.max(np.linalg.norm(origins - even, axis=1)))
    gaps = np.diff(heights)
    if off > max(GAP_TOLERANCE_MM, GAP_TOLERANCE * float(np.mean(gaps))):
        raise GeometryError(
            "The slices are not evenly spaced.",
            got=f"gaps of {np.min(gaps):.4g} to {np.max(gaps):.4g} mm, {off:.4g} mm off a line",
            legal=f"even within {GAP_TOLERANCE_MM} mm or {GAP_TOLERANCE:.0%} of the gap",
            next="look for missing slices, or choose another series",
            where=where,
        )
    return step
