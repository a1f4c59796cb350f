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
    """

    names: tuple[str, ...]
    series_uid: str
    study_uid: str


@dataclass(frozen=True, slots=True)
class SegReference(OneFile):
    """The segments of a DICOM Segmentation, one channel each."""

    def read(self) -> Image:
        """Read all segments as channels of 0 and 1; frames that were left out are empty.

        Raises
        ------
        FileError
            The object cannot be read, or its frames form no volume.
        """
        import highdicom as hd

        try:
            volume = hd.seg.segread(self.path).get_volume()
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
    names = tuple(_name(segment) for segment in _sequence(ds, "SegmentSequence"))
    series = next(iter(_sequence(ds, "ReferencedSeriesSequence")), None)
    uid = "" if series is None else str(series.get("SeriesInstanceUID", ""))
    return SegHeader(names, uid, str(ds.get("StudyInstanceUID", "")))


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
