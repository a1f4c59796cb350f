"""Images made from DICOM files written as DICOM again: derived objects of the same study."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scanwright.base import replacing
from scanwright.image import Frame, Geometry, Image, Modality
from scanwright.io.dicom_write import SOP_CLASSES, write_dicom, write_dicom_series
from scanwright.io.tags import DicomTags, derive_uid

if TYPE_CHECKING:
    from pydicom import Dataset

KEPT = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "PatientAge",
    "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "StudyDescription",
    "AccessionNumber", "ReferringPhysicianName", "BodyPartExamined", "ViewPosition", "Laterality",
    "ImageLaterality", "LossyImageCompression", "LossyImageCompressionRatio",
    "LossyImageCompressionMethod", "Manufacturer", "InstitutionName", "PatientPosition",
    "AcquisitionDate", "AcquisitionTime", "ContentDate", "ContentTime",
)  # fmt: skip
"""Attributes of the source that hold for what is made from it."""
DESCRIPTION_CHARACTERS = 1024
"""Longest Derivation Description (PS3.5, 6.2, ST)."""


def derive_dicom(image: Image, path: Path, source: Path, words: str) -> None:
    """Write a 2-D image that was made from a DICOM file, whole or not at all.

    The object belongs to the source's patient and study, and to a series of its own; it names its
    source, and is marked DERIVED and SECONDARY (PS3.3, C.7.6.1.1.2). Equal sources and words give
    equal identifiers.

    Parameters
    ----------
    image
        Shape (1, Y, X) of integers, or colour where `write_dicom` takes it.
    words
        How it was made, for the Derivation Description.

    Raises
    ------
    FileError
        DICOM cannot hold the image, or a file cannot be read or written.
    """
    origin = _origin(source)
    tags = _tags(image, origin, str(origin.get("SOPInstanceUID", source)), words)
    with tempfile.TemporaryDirectory() as place:
        written = Path(place) / "one.dcm"
        write_dicom(image, written, tags)
        _save_derived(written, path, [origin], words)


def derive_dicom_series(
    image: Image, folder: Path, sources: Sequence[Path], words: str
) -> tuple[Path, ...]:
    """Write a volume that was made from a DICOM series as a derived series.

    Parameters
    ----------
    image
        Shape (1, Z, Y, X) of integers, in the patient frame.
    folder
        Made if missing; files are named 0001.dcm onwards along the first axis.
    sources
        Files of the source, at least one.

    Returns
    -------
    The files written.

    Raises
    ------
    FileError
        DICOM cannot hold the image, or a file cannot be read or written.
    """
    origins = [_origin(source) for source in sources]
    tags = _tags(image, origins[0], str(origins[0].get("SeriesInstanceUID", sources[0])), words)
    with tempfile.TemporaryDirectory() as place:
        written = write_dicom_series(image, place, tags)
        paths = tuple(folder / one.name for one in written)
        for index, (made, path) in enumerate(zip(written, paths, strict=True)):
            same_plane = _same_plane(image.geometry, index, origins)
            _save_derived(made, path, same_plane or origins[:1], words)
    return paths


def _origin(source: Path) -> Dataset:
    import pydicom

    return pydicom.dcmread(source, stop_before_pixels=True, force=True)


def _tags(image: Image, origin: Dataset, name: str, words: str) -> DicomTags:
    code = str(origin.get("Modality", ""))
    lost_unit = image.modality is Modality.CT and image.unit != "HU"
    study = str(origin.get("StudyInstanceUID", "")) or derive_uid("study", name)
    return DicomTags(
        patient_id=str(origin.get("PatientID", "")),
        study_uid=study,
        series_uid=derive_uid("enhanced", name, words),
        modality="OT" if lost_unit or code not in SOP_CLASSES else code,
        frame_uid=str(origin.get("FrameOfReferenceUID", "")),
        instance_number=int(origin.get("InstanceNumber", 0) or 1) if image.rank == 2 else 1,
        series_number=900,
        series_description="enhanced",
        burned_in=str(origin.get("BurnedInAnnotation", "") or "YES"),
    )


def _save_derived(written: Path, path: Path, origins: list[Dataset], words: str) -> None:
    import pydicom
    from pydicom import Dataset

    ds = pydicom.dcmread(written)
    for keyword in KEPT:
        if keyword in origins[0]:
            ds[keyword] = origins[0][keyword]
    third = list(ds.get("ImageType", []))[2:]
    ds.ImageType = ["DERIVED", "SECONDARY", *third]
    ds.DerivationDescription = words[:DESCRIPTION_CHARACTERS]
    if "BurnedInAnnotation" not in origins[0]:
        del ds.BurnedInAnnotation  # what nobody said is not known
    ds.SourceImageSequence = []
    for origin in origins:
        if "SOPInstanceUID" in origin and "SOPClassUID" in origin:
            item = Dataset()
            item.ReferencedSOPClassUID = origin.SOPClassUID
            item.ReferencedSOPInstanceUID = origin.SOPInstanceUID
            ds.SourceImageSequence.append(item)
    with replacing(path) as temporary:
        ds.save_as(temporary, enforce_file_format=True)


def _same_plane(geometry: Geometry, index: int, origins: list[Dataset]) -> list[Dataset]:
    """Return the source files whose plane holds a slice, by their place along its normal."""
    import numpy as np

    if geometry.frame is not Frame.PATIENT:
        return []
    normal = np.cross(geometry.directions[:, 2], geometry.directions[:, 1])
    place = float(normal @ geometry.to_world((index, 0, 0)))
    near = abs(float(normal @ geometry.directions[:, 0])) * geometry.spacing_mm[0] / 2
    positions = [
        (abs(float(normal @ np.array(one.ImagePositionPatient, dtype=float)) - place), one)
        for one in origins
        if one.get("ImagePositionPatient")
    ]
    return [one for distance, one in positions if distance < near]
