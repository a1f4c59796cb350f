"""DICOM Segmentation objects: which series they are of, what they outline, and their voxels."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scanwright.base import FileError, InputError
from scanwright.data.reference import OneFile
from scanwright.image import Floats, Geometry, Image

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SEG_CLASSES = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
"""Segmentation Storage and Label Map Segmentation Storage (PS3.4, B.5)."""
HEADER_TAGS = ["SOPClassUID", "SegmentSequence", "ReferencedSeriesSequence", "StudyInstanceUID"]
SURE = 0.5
"""From this probability or share of an element on a fractional segmentation counts as inside."""


@dataclass(frozen=True, slots=True)
class SegHeader:
    """What a segmentation says of itself.

    Parameters
    ----------
    names
        Label of each segment, in the order of the channels once read.
    series_uid
        Series that it outlines; empty where it does not say.
    study_uid
        Study of both.
    instance_uids
        Images that it outlines; empty where it does not say.
    """

    names: tuple[str, ...]
    series_uid: str
    study_uid: str
    instance_uids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SegReference(OneFile):
    """The segments of a DICOM Segmentation, one channel each."""

    def read(self) -> Image:
        """Read all segments as channels of 0 and 1; frames that were left out are empty.

        Frames without a place in the patient, as of an X-ray, are read as one plane.

        Raises
        ------
        FileError
            The object cannot be read, or its frames form no volume.
        """
        import highdicom as hd

        try:
            seg = hd.seg.segread(self.path)
            if not _is_placed(seg):
                return _flat(seg, self.path)
            volume = seg.get_volume()
        except InputError:
            raise
        # What pydicom and highdicom raise on damaged objects is of many classes.
        except Exception as error:
            raise FileError(
                "The DICOM segmentation cannot be read as a volume.",
                got=f"{type(error).__name__}: {error}",
                where=self.path,
            ) from error
        array = np.moveaxis(np.atleast_3d(volume.array), -1, 0)
        inside = array >= SURE if array.dtype.kind == "f" else array > 0
        return Image(inside.astype(np.uint8), _geometry(np.asarray(volume.affine, np.float64)))


def read_seg_header(path: Path) -> SegHeader | None:
    """Read what a segmentation says of itself; None where the file is none."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        ds = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=HEADER_TAGS)
    except (InvalidDicomError, OSError, ValueError, EOFError):
        return None
    if str(ds.get("SOPClassUID", "")) not in SEG_CLASSES:
        return None
    names = tuple(_name(segment) for segment in _segments(ds))
    series = next(iter(_sequence(ds, "ReferencedSeriesSequence")), None)
    uid = "" if series is None else str(series.get("SeriesInstanceUID", ""))
    return SegHeader(names, uid, str(ds.get("StudyInstanceUID", "")), _outlined(ds))


def _segments(ds: "Dataset") -> list["Dataset"]:
    """Return the segments, without the background that a label map may describe as number 0."""
    every = _sequence(ds, "SegmentSequence")
    return [segment for segment in every if str(segment.get("SegmentNumber", "")) != "0"]


def _outlined(ds: "Dataset") -> frozenset[str]:
    """Return the images that a segmentation says it outlines."""
    return frozenset(
        str(instance.get("ReferencedSOPInstanceUID", ""))
        for series in _sequence(ds, "ReferencedSeriesSequence")
        for instance in _sequence(series, "ReferencedInstanceSequence")
    )


def _is_placed(ds: "Dataset") -> bool:
    """Whether the frames, or their tiles, have a place."""
    groups = [
        group
        for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
        for group in _sequence(ds, keyword)
    ]
    places = ("PlanePositionSequence", "PlanePositionSlideSequence")
    return not groups or any(place in group for group in groups for place in places)


def _flat(ds: "Dataset", path: Path) -> Image:
    """Return the segments of one image that has no place in the patient."""
    outlined = _outlined(ds)
    if len(outlined) > 1:
        raise FileError(
            "The DICOM segmentation outlines several images that form no volume.",
            got=f"{len(outlined)} images",
            legal="a segmentation for each image",
            where=path,
        )
    frames = np.asarray(ds.pixel_array).reshape(-1, int(ds.Rows), int(ds.Columns))
    numbers = [int(segment.SegmentNumber) for segment in _segments(ds)]
    channels = np.zeros((len(numbers), *frames.shape[1:]), dtype=np.uint8)
    if str(ds.get("SegmentationType", "")) == "LABELMAP":
        channels |= np.stack([(frames == number).any(axis=0) for number in numbers])
        return Image(channels, Geometry.pixels(2))
    is_fractional = str(ds.get("SegmentationType", "")) == "FRACTIONAL"
    least = SURE * int(ds.MaximumFractionalValue) if is_fractional else 1
    (shared,) = _sequence(ds, "SharedFunctionalGroupsSequence")
    for frame, group in zip(frames, _sequence(ds, "PerFrameFunctionalGroupsSequence"), strict=True):
        for one in (group, shared):
            for macro in _sequence(one, "SegmentIdentificationSequence"):
                channels[numbers.index(int(macro.ReferencedSegmentNumber))] |= frame >= least
    return Image(channels, Geometry.pixels(2))


def _sequence(ds: "Dataset", keyword: str) -> Iterator["Dataset"]:
    yield from ds.get(keyword) or ()


def _name(segment: "Dataset") -> str:
    label = str(segment.get("SegmentLabel", "")).strip()
    return label or f"segment {segment.get('SegmentNumber', '')}"


def _geometry(affine: Floats) -> Geometry:
    """Return the grid of a matrix, shape (4, 4), whose columns step along the array's axes."""
    columns = affine[:3, :3]
    spacing = np.linalg.norm(columns, axis=0)
    x, y, z = affine[:3, 3].tolist()
    return Geometry(tuple(spacing.tolist()), columns / spacing, (x, y, z))
