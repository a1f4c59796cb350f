"""Which plane of an image each DICOM instance and frame is, and where regions lie in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from scanwright.data.probing import Found
from scanwright.data.reference import SeriesReference
from scanwright.data.sr_item import InstanceReference
from scanwright.data.sr_region import PlaneRegion, SpaceRegion
from scanwright.image import Edges, Floats, Frame, Geometry
from scanwright.io import Header, frame_order, stack_planes

OFF_PLANE_MM = 0.5
"""How far a region may lie off the plane of a single image that it was drawn on."""
NEAR_PLANE = 0.01
"""Part of a step off a plane, as rounding in a report leaves it, that counts as on it."""


@dataclass(frozen=True, slots=True)
class ImagePlanes:
    """An image and the planes that make it.

    Parameters
    ----------
    case
        The image.
    geometry
        Where all of it lies.
    planes
        SOP Instance UID → the plane that each of its frames is, in the order of the frames.
    """

    case: Found
    geometry: Geometry
    planes: Mapping[str, tuple[int, ...]] = field(repr=False)

    @property
    def frame_uid(self) -> str:
        """Frame of Reference UID; empty where the image has no place in the patient."""
        is_placed = self.geometry.frame is Frame.PATIENT
        return self.case.header.frame_uid if is_placed else ""

    def edges_of(self, region: PlaneRegion | SpaceRegion) -> Edges | None:
        """Return the box around a region, in pixels from the outer edge of the first.

        A flat region fills the planes that it lies in, half a step on either side.

        Returns
        -------
        Shape (D, 2), not cut to the image; None where the region is not in its planes.
        """
        if isinstance(region, PlaneRegion):
            return self._edges_in_planes(region)
        return self._edges_in_space(region) + 0.5 if self._may_hold(region) else None

    def _edges_in_planes(self, region: PlaneRegion) -> Edges | None:
        planes = self._planes_of(region.image)
        if not planes or (region.size and region.size != self.case.size[-2:]):
            return None
        if self.geometry.rank == 2:
            return region.edges
        through = np.array([[min(planes), max(planes) + 1]], dtype=np.float64)
        return np.concatenate([through, region.edges])

    def _planes_of(self, image: InstanceReference) -> list[int]:
        known = self.planes.get(image.uid, ())
        if not image.frames or len(known) == 1:
            return list(known)
        return [known[frame - 1] for frame in image.frames if 1 <= frame <= len(known)]

    def _may_hold(self, region: SpaceRegion) -> bool:
        if self.geometry.frame is not Frame.PATIENT:
            return False
        if self.geometry.rank == 3:
            return True
        # What a plane cuts out of a solid is not drawn on it.
        across = np.cross(*self.geometry.directions.T)
        offsets = (region.shape.points - np.array(self.geometry.origin_lps)) @ across
        return region.shape.is_flat and bool(np.abs(offsets).max() <= OFF_PLANE_MM)

    def _edges_in_space(self, region: SpaceRegion) -> Edges:
        """Return the box in index units."""
        inverse = np.asarray(np.linalg.pinv(self.geometry.affine[:, :-1]), dtype=np.float64)
        origin = np.array(self.geometry.origin_lps)
        edges = region.shape.moved(inverse, -inverse @ origin).bounds
        if region.shape.is_flat and self.geometry.rank == 3:
            axis = int(np.abs(self.geometry.directions.T @ region.shape.normal).argmax())
            edges[axis] = _thickened(edges[axis])
        return edges


def planes_of(case: Found, headers: Mapping[Path, Header]) -> ImagePlanes:
    """Return an image's planes.

    Parameters
    ----------
    headers
        Of each of its files.

    Raises
    ------
    GeometryError
        The slices of a series form no regular grid.
    FileError
        A file with several frames cannot be read.
    """
    files = case.reference.files
    uids = [headers[file].instance_uid for file in files]
    if isinstance(case.reference, SeriesReference):
        order, geometry = stack_planes([headers[file].geometry for file in files], case.first_file)
        planes = {uids[place]: (plane,) for plane, place in enumerate(order)}
        return ImagePlanes(case, geometry, planes)
    geometry = case.header.geometry
    if geometry.rank == 2:
        return ImagePlanes(case, geometry, {uids[0]: (0,)})
    order_of_frames = frame_order(files[0])
    place_of = np.argsort(order_of_frames, kind="stable")
    return ImagePlanes(case, geometry, {uids[0]: tuple(place_of.tolist())})


def _thickened(ends: Floats) -> Floats:
    """Return the ends of a flat region along the axis across it: at least one step apart."""
    middle = ends.mean()
    if abs(middle - round(middle)) <= NEAR_PLANE:
        middle = float(round(middle))
    reach = max(0.5, float(ends[1] - ends[0]) / 2)
    return np.array([middle - reach, middle + reach])
