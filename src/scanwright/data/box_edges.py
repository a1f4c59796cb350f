"""From boxes as given to edges in index units of their image, cut to it, faults told."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scanwright.base import GeometryError
from scanwright.data.box_flaw import BoxFault
from scanwright.data.box_given import GivenBoxes
from scanwright.image import Edges, Frame, Geometry, moved_edges

LEAST_CUT = 0.01
"""Parts of a pixel by which a box may reach beyond its image by rounding alone."""
IN_PLANE = 1e-3
"""How far the axes of a plane may lean out of x and y, as cosines."""


def index_edges(given: GivenBoxes, size: Sequence[int], geometry: Geometry) -> Edges:
    """Return the edges of boxes in index units of their image, not cut to it.

    Parameters
    ----------
    size
        Of the image, slow → fast.
    geometry
        Where the image lies.

    Raises
    ------
    GeometryError
        The boxes have another number of axes than the image, or are in mm and the image has no
        physical size, or x and y do not tell a place in its plane.
    """
    rank = given.edges.shape[1]
    if rank != len(size):
        raise GeometryError(
            "The boxes have another number of axes than the image.",
            got=f"boxes of {rank} axes, an image of {len(size)}",
        )
    if given.unit == "pixels":
        return given.edges - 0.5
    if given.unit == "shares":
        return given.edges * np.array(size, dtype=np.float64)[:, None] - 0.5
    _check_physical(geometry)
    return _balls(given.edges, geometry) if given.is_round else _world_boxes(given.edges, geometry)


def fit_edges(
    edges: Edges, size: Sequence[int]
) -> tuple[Edges, npt.NDArray[np.bool_], dict[int, BoxFault]]:
    """Cut boxes to their image.

    Parameters
    ----------
    edges
        In index units, shape (N, D, 2).

    Returns
    -------
    The edges after the cut, shape (N, D, 2); which of them are left, shape (N,); and the place of
    each box that is not as it was → why.
    """
    highest = np.array(size, dtype=np.float64)[:, None] - 0.5
    is_number = np.isfinite(edges).all(axis=(1, 2))
    has_area = (edges[:, :, 0] < edges[:, :, 1]).all(axis=1)
    cut = np.clip(edges, -0.5, highest)
    is_inside = (cut[:, :, 0] < cut[:, :, 1]).all(axis=1)
    is_cut = (np.abs(cut - edges) > LEAST_CUT).any(axis=(1, 2))
    faults: dict[int, BoxFault] = {}
    # The first fault of a box is the one that is told.
    for fault, does_hold in (
        (BoxFault.NOT_A_NUMBER, ~is_number),
        (BoxFault.EMPTY, ~has_area),
        (BoxFault.OUTSIDE, ~is_inside),
        (BoxFault.CUT, is_cut),
    ):
        for place in np.flatnonzero(does_hold).tolist():
            faults.setdefault(place, fault)
    is_left: npt.NDArray[np.bool_] = np.logical_and.reduce([is_number, has_area, is_inside])
    return cut, is_left, faults


def _check_physical(geometry: Geometry) -> None:
    if not geometry.is_physical:
        raise GeometryError("The boxes are in mm, but the image has no physical size.")
    if geometry.rank == 2 and np.abs(geometry.directions[2]).max() > IN_PLANE:
        raise GeometryError("The boxes are in mm of x and y, but the plane is not axial.")


def _world_boxes(edges: Edges, geometry: Geometry) -> Edges:
    """Return the smallest upright boxes on a grid around boxes that are upright in the world."""
    # The index axes of this grid are z, y and x of the world, in mm.
    return moved_edges(edges, Geometry.axial((1.0,) * geometry.rank), geometry)


def _balls(edges: Edges, geometry: Geometry) -> Edges:
    """Return the boxes around balls, given by the boxes around them in the world.

    Along an index axis the image of a ball reaches as far from its centre as its radius times the
    length of that axis' row of the inverse matrix.
    """
    centres, radii = edges.mean(axis=2), (edges[:, 0, 1] - edges[:, 0, 0]) / 2
    world = Geometry.axial((1.0,) * geometry.rank).to_world(centres)
    inverse = np.linalg.pinv(geometry.affine[:, :-1])
    reach = radii[:, None] * np.linalg.norm(inverse, axis=1)
    middle = geometry.to_index(world)
    return np.stack([middle - reach, middle + reach], axis=2)


def is_in_space(geometry: Geometry) -> bool:
    """Whether a grid has a place in the patient, so that mm and indices may be told apart."""
    return geometry.rank == 3 and geometry.frame is Frame.PATIENT
