"""The segments of a DICOM Segmentation as regions, frame by frame, whatever grid they are on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scanwright.base import InputError
from scanwright.data.dicom_seg import SURE
from scanwright.data.index import reason_of
from scanwright.data.sr_item import InstanceReference, datasets_in, text_in, whole_numbers_in
from scanwright.data.sr_region import PlaneRegion, SpaceRegion
from scanwright.data.sr_shape import Shape
from scanwright.image import Array, Edges, Floats
from scanwright.io import DEFAULT_LIMITS, check_stored_bytes, open_tags, reading

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

KEYWORDS = (
    "SOPInstanceUID",
    "FrameOfReferenceUID",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "BitsAllocated",
    "SegmentationType",
    "MaximumFractionalValue",
    "ReferencedSeriesSequence",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
)
LABEL_MAP = "LABELMAP"
FRACTIONAL = "FRACTIONAL"


@dataclass(frozen=True, slots=True)
class SegmentPiece:
    """What one frame shows of one segment.

    Parameters
    ----------
    frame, segment
        Counted from 1.
    region
        The box around it.
    """

    frame: int
    segment: int
    region: PlaneRegion | SpaceRegion


def read_pieces(path: Path) -> tuple[SegmentPiece, ...] | str:
    """Read the boxes around all segments of a segmentation in each frame, or why it cannot be."""
    try:
        with reading(path):
            return tuple(_pieces(open_tags(path, KEYWORDS), path))
    except InputError as error:
        return reason_of(error)


def instance_of(path: Path) -> str:
    """Return the SOP Instance UID of a DICOM object; empty where it cannot be read."""
    try:
        return text_in(open_tags(path, KEYWORDS[:1]), KEYWORDS[0])
    except InputError:
        return ""


def _pieces(ds: "Dataset", path: Path) -> Iterator[SegmentPiece]:
    from pydicom.pixels import iter_pixels

    size = (int(ds.Rows), int(ds.Columns))
    DEFAULT_LIMITS.check((1, *size), "uint16", path)
    _check_whole(ds, size, path)
    kind = text_in(ds, "SegmentationType")
    least = SURE * int(ds.get("MaximumFractionalValue") or 1) if kind == FRACTIONAL else 1
    shared = datasets_in(ds, "SharedFunctionalGroupsSequence")[:1]
    groups = datasets_in(ds, "PerFrameFunctionalGroupsSequence")
    series = datasets_in(ds, "ReferencedSeriesSequence")
    series_uid = text_in(series[0], "SeriesInstanceUID") if len(series) == 1 else ""
    frame_uid = text_in(ds, "FrameOfReferenceUID")
    for number, (group, pixels) in enumerate(zip(groups, iter_pixels(path), strict=False), start=1):
        for segment, inside in _segments(group, shared, pixels, kind, least):
            edges = _edges(inside)
            plane = _plane((group, *shared))
            if plane is not None:
                shape = _corners(edges, plane)
                yield SegmentPiece(number, segment, SpaceRegion(shape, frame_uid, series_uid))
                continue
            for source in _sources((group, *shared)):
                yield SegmentPiece(number, segment, PlaneRegion(source, edges, size))


def _check_whole(ds: "Dataset", size: tuple[int, int], path: Path) -> None:
    """Refuse a file that ends too early: a decoder would fill frames of single bits with others."""
    syntax = ds.file_meta.TransferSyntaxUID
    if not syntax.is_compressed and not syntax.is_deflated:
        bits = size[0] * size[1] * int(ds.get("NumberOfFrames") or 1) * int(ds.BitsAllocated)
        check_stored_bytes((bits + 7) // 8, path.stat().st_size, path)


def _segments(
    group: "Dataset", shared: tuple["Dataset", ...], pixels: Array, kind: str, least: float
) -> Iterator[tuple[int, Array]]:
    """Give the number of each segment that a frame shows, and where it is."""
    if kind == LABEL_MAP:
        for value in np.unique(pixels).tolist():
            if value:
                yield int(value), pixels == value
        return
    for one in (group, *shared):
        for macro in datasets_in(one, "SegmentIdentificationSequence"):
            inside = pixels >= least
            if inside.any():
                for segment in whole_numbers_in(macro, "ReferencedSegmentNumber"):
                    yield segment, inside


def _edges(inside: Array) -> Edges:
    """Return the box around what is inside, in pixels from the outer edge of the first."""
    edges = []
    for axis in (1, 0):
        places = np.flatnonzero(inside.any(axis=axis))
        edges.append([places[0], places[-1] + 1])
    return np.array(edges, dtype=np.float64)


def _plane(groups: tuple["Dataset", ...]) -> Floats | None:
    """Return the matrix, shape (3, 3), from (row, column, 1) in pixels to mm; None without one."""
    position = _macro(groups, "PlanePositionSequence", "ImagePositionPatient", 3)
    cosines = _macro(groups, "PlaneOrientationSequence", "ImageOrientationPatient", 6)
    spacing = _macro(groups, "PixelMeasuresSequence", "PixelSpacing", 2)
    if position is None or cosines is None or spacing is None:
        return None
    down, right = cosines[3:] * spacing[0], cosines[:3] * spacing[1]
    # Positions are of the first pixel's centre, half a pixel from its outer edge.
    return np.stack([down, right, position - (down + right) / 2], axis=1)


def _macro(groups: tuple["Dataset", ...], sequence: str, keyword: str, count: int) -> Floats | None:
    for group in groups:
        for macro in datasets_in(group, sequence):
            value = macro.get(keyword)
            if value is not None and len(value) == count:
                numbers = np.array([float(one) for one in value])
                if np.isfinite(numbers).all():
                    return numbers
    return None


def _corners(edges: Edges, plane: Floats) -> Shape:
    (top, bottom), (left, right) = edges.tolist()
    corners = np.array(
        [[top, left, 1], [top, right, 1], [bottom, right, 1], [bottom, left, 1]], dtype=np.float64
    )
    return Shape(corners @ plane.T, np.zeros((0, 3)))


def _sources(groups: tuple["Dataset", ...]) -> list[InstanceReference]:
    """Return the images from which a frame was derived."""
    return [
        InstanceReference(
            text_in(source, "ReferencedSOPInstanceUID"),
            whole_numbers_in(source, "ReferencedFrameNumber"),
        )
        for group in groups
        for image in datasets_in(group, "DerivationImageSequence")
        for source in datasets_in(image, "SourceImageSequence")
    ]
