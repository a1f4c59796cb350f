"""Where a DICOM image lies: in the patient, on a detector, or nowhere known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from scanwright.base import FileError, GeometryError
from scanwright.image import Geometry
from scanwright.io.stack import stack_planes

if TYPE_CHECKING:
    from pydicom import Dataset

PLACE_KEYWORDS = (
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "ImagerPixelSpacing",
    "NominalScannedPixelSpacing",
    "SequenceOfUltrasoundRegions",
    "GridFrameOffsetVector",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
)
FLAT_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
"""In the order of trust: calibrated in the patient, on the detector, on the scanned film."""

TISSUE_PLANE = 1
"""Region Spatial Format "2D" (PS3.3 C.8.5.5.1.1)."""
CENTIMETRE = 3
"""Physical Units (PS3.3 C.8.5.5.1.15)."""
REGION_TOLERANCE = 0.01
"""Largest relative difference between the scales of several regions in one picture."""


def plane_of(ds: Dataset) -> tuple[Geometry, str]:
    """Return the place of a single frame, and the attribute that its spacing comes from.

    An attribute that is empty or holds no positive lengths counts as absent.
    """
    group = _frame_groups(ds, 0)
    spacing = _lengths(_value(group, "PixelSpacing"))
    position = _numbers(_value(group, "ImagePositionPatient"), 3)
    cosines = _numbers(_value(group, "ImageOrientationPatient"), 6)
    if spacing and position and cosines and any(cosines):
        return _plane(spacing, position, cosines), "PixelSpacing"
    region = _ultrasound_spacing(ds)
    if region is not None:
        return Geometry.detector(region), "SequenceOfUltrasoundRegions"
    for keyword in FLAT_SPACINGS:
        flat = _lengths(_value(group, keyword))
        if flat:
            return Geometry.detector(flat), keyword
    return Geometry.pixels(2), ""


def frames_of(ds: Dataset, count: int) -> tuple[list[int], Geometry]:
    """Return the order of frames along their normal, and the grid they form.

    Raises
    ------
    FileError
        The frames have no place in space: a film, or tiles.
    GeometryError
        They have, but form no regular grid.
    """
    offsets = _numbers(ds.get("GridFrameOffsetVector"), count)
    if offsets:
        planes = _shifted(plane_of(ds)[0], offsets)
    else:
        planes = [_frame_plane(ds, index) for index in range(count)]
    return stack_planes(planes, "the frames of one file")


def _frame_plane(ds: Dataset, index: int) -> Geometry:
    group = _frame_groups(ds, index)
    # Only what stands in the functional groups tells frames apart.
    position = _numbers(_value(group[:-1], "ImagePositionPatient"), 3)
    spacing = _lengths(_value(group, "PixelSpacing"))
    cosines = _numbers(_value(group, "ImageOrientationPatient"), 6)
    if not (position and spacing and cosines):
        raise FileError(
            "The file holds several frames that have no place in space.",
            got=f"{ds.get('NumberOfFrames')} frames",
            legal="one frame, or frames that form a volume",
            next="export the frames as single files",
        )
    return _plane(spacing, position, cosines)


def _shifted(first: Geometry, offsets: tuple[float, ...]) -> list[Geometry]:
    """Place the frames of a dose grid (PS3.3 C.8.8.3.2): offsets along the normal."""
    down, right = first.directions.T
    normal = np.cross(right, down)
    start = offsets[0] if offsets[0] == 0 else float(first.origin_lps @ normal)
    planes = []
    for offset in offsets:
        x, y, z = (np.array(first.origin_lps) + (offset - start) * normal).tolist()
        planes.append(Geometry(first.spacing_mm, first.directions, (x, y, z)))
    return planes


def _plane(spacing: tuple[float, ...], position: Iterable[float], cosines: Any) -> Geometry:
    # Any: six numbers. Orientation names the row's direction first, which is the fast axis here.
    directions = np.column_stack([cosines[3:], cosines[:3]])
    if abs(float(directions[:, 0] @ directions[:, 1])) > 1e-2:
        raise GeometryError("Rows and columns are not at right angles.", got=tuple(cosines))
    x, y, z = position
    return Geometry(spacing, directions, (x, y, z))


def _frame_groups(ds: Dataset, index: int) -> list[Dataset]:
    """Return the places to look for a frame's attributes, the nearest first."""
    groups = []
    for keyword, item in (
        ("PerFrameFunctionalGroupsSequence", index),
        ("SharedFunctionalGroupsSequence", 0),
    ):
        sequence = ds.get(keyword)
        if sequence and item < len(sequence):
            macros = sequence[item]
            for name in ("PlanePosition", "PlaneOrientation", "PixelMeasures"):
                macro = macros.get(f"{name}Sequence")
                if macro:
                    groups.append(macro[0])
    return [*groups, ds]


def _value(groups: Iterable[Dataset], keyword: str) -> object:
    for group in groups:
        value = group.get(keyword)
        if value is not None:
            return value
    return None


def _numbers(value: object, count: int) -> tuple[float, ...]:
    """Return `count` finite numbers, or nothing."""
    if value is None or isinstance(value, str) or not isinstance(value, Iterable):
        return ()
    try:
        numbers = tuple(float(number) for number in value)
    except (TypeError, ValueError):
        return ()
    return numbers if len(numbers) == count and bool(np.all(np.isfinite(numbers))) else ()


def _lengths(value: object) -> tuple[float, ...]:
    numbers = _numbers(value, 2)
    return numbers if all(number > 0 for number in numbers) else ()


def _ultrasound_spacing(ds: Dataset) -> tuple[float, float] | None:
    """Return (Y, X) in mm where all calibrated regions have one scale."""
    scales = []
    for region in ds.get("SequenceOfUltrasoundRegions") or ():
        units = (region.get("PhysicalUnitsXDirection"), region.get("PhysicalUnitsYDirection"))
        deltas = (region.get("PhysicalDeltaY"), region.get("PhysicalDeltaX"))
        if region.get("RegionSpatialFormat") != TISSUE_PLANE or units != (CENTIMETRE, CENTIMETRE):
            continue
        lengths = _lengths([abs(delta) * 10 for delta in deltas if delta is not None])
        if lengths:
            scales.append(lengths)
    if not scales or not np.allclose(scales, scales[0], rtol=REGION_TOLERANCE, atol=0):
        return None
    return scales[0][0], scales[0][1]
