"""Images to valid DICOM objects, uncompressed, explicit VR little endian.

Computed radiography, digital X-ray, CT, MR and ultrasound objects, and secondary captures for
what has no place in a patient or no modality of its own (PS3.3, annex A).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scanwright.base import FileError, replacing
from scanwright.image import Floats, Frame, Geometry, Image
from scanwright.io.dicom_modules import add_modality_module
from scanwright.io.guard import refuse_to_hold
from scanwright.io.stored import Stored, store
from scanwright.io.tags import DicomTags, derive_uid, modality_code

if TYPE_CHECKING:
    from pydicom import Dataset

SOP_CLASSES = {
    "CR": "1.2.840.10008.5.1.4.1.1.1",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "US": "1.2.840.10008.5.1.4.1.1.6.1",
    "SC": "1.2.840.10008.5.1.4.1.1.7",
}
"""Storage SOP classes (PS3.4, B.5)."""
IN_PATIENT = ("CT", "MR")
IMPLEMENTATION = "2.25.217331846204398417402671823150386219781"
"""Implementation Class UID of this writer; a fixed, arbitrary number under 2.25."""


def write_dicom(image: Image, path: Path | str, tags: DicomTags) -> None:
    """Write a 2-D image of integers as one DICOM object, whole or not at all.

    Parameters
    ----------
    image
        Shape (1, Y, X), or (3, Y, X) of uint8 for ultrasound and secondary captures. CT is
        stored with a rescale intercept of -1024; other values are stored as they are.

    Raises
    ------
    FileError
        DICOM cannot hold the image (floats, volumes, colour X-ray), or it cannot be written.
    """
    path = Path(path)
    if image.rank != 2:
        raise refuse_to_hold(
            "A DICOM object",
            repr(image),
            "a 2-D image; write_dicom_series takes volumes",
            where=path,
        )
    code = modality_code(image, tags)
    stored = store(image.array, code, path)
    _save(_dataset(image, stored, tags), path)


def write_dicom_series(image: Image, folder: Path | str, tags: DicomTags) -> tuple[Path, ...]:
    """Write a volume of integers as a DICOM series, one object per plane of the first axis.

    Parameters
    ----------
    image
        Shape (1, Z, Y, X) in the patient frame.
    folder
        Made if missing; the files are named 0001.dcm onwards, in the order of the first axis.

    Returns
    -------
    The files written.

    Raises
    ------
    FileError
        DICOM cannot hold the image, or it cannot be written.
    """
    folder = Path(folder)
    if image.rank != 3 or image.geometry.frame is not Frame.PATIENT:
        raise refuse_to_hold(
            "A DICOM series", repr(image), "a volume in the patient frame", where=folder
        )
    code = modality_code(image, tags)
    whole = store(image.array, code, folder)
    paths = []
    for index in range(image.size[0]):
        plane = Image(
            image.array[:, index],
            _plane_geometry(image.geometry, index),
            image.modality,
            image.unit,
            image.channels,
            image.about,
        )
        ds = _dataset(plane, whole.plane(index), tags.numbered(index + 1))
        ds.SliceThickness = _decimal(_thickness(image.geometry))
        if code == "MR":
            ds.SpacingBetweenSlices = _decimal(_thickness(image.geometry))
        path = folder / f"{index + 1:04d}.dcm"
        _save(ds, path)
        paths.append(path)
    return tuple(paths)


def _plane_geometry(grid: Geometry, index: int) -> Geometry:
    x, y, z = grid.to_world((index, 0, 0)).tolist()
    return Geometry(grid.spacing_mm[1:], grid.directions[:, 1:], (x, y, z))


def _thickness(grid: Geometry) -> float:
    """Return the distance of neighbouring planes along their normal."""
    down, right = grid.directions[:, 1:].T
    normal: Floats = np.cross(right, down)
    return float(abs(grid.directions[:, 0] @ normal) * grid.spacing_mm[0])


def _dataset(image: Image, stored: Stored, tags: DicomTags) -> Dataset:
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    code = modality_code(image, tags)
    in_patient = image.geometry.frame is Frame.PATIENT
    kind = "SC" if code == "OT" or (code in IN_PATIENT and not in_patient) else code
    if kind not in SOP_CLASSES:
        raise FileError(
            "Objects of this modality are not written.",
            got=code,
            legal="CR, DX, CT, MR, US, OT",
            where="modality",
        )
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = SOP_CLASSES[kind]
    ds.file_meta.MediaStorageSOPInstanceUID = tags.instance_uid
    ds.file_meta.ImplementationClassUID = IMPLEMENTATION
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = SOP_CLASSES[kind]
    ds.SOPInstanceUID = tags.instance_uid
    ds.Modality = code
    _add_patient_and_study(ds, tags)
    _add_series_and_equipment(ds, tags)
    _add_place(ds, image, kind, tags)
    add_modality_module(ds, image, kind, tags)
    _add_window(ds, image)
    _add_pixels(ds, stored)
    return ds


def _add_patient_and_study(ds: Dataset, tags: DicomTags) -> None:
    ds.PatientName = tags.patient_name
    ds.PatientID = tags.patient_id
    ds.PatientBirthDate = ""
    ds.PatientSex = tags.sex if tags.sex in ("F", "M", "O") else ""
    if tags.age_years is not None:
        ds.PatientAge = f"{min(int(tags.age_years), 999):03d}Y"
    ds.StudyInstanceUID = tags.study_uid
    ds.StudyDate = tags.study_date
    ds.StudyTime = "000000" if tags.study_date else ""
    ds.ReferringPhysicianName = ""
    ds.StudyID = "1"
    ds.AccessionNumber = ""
    if tags.study_description:
        ds.StudyDescription = tags.study_description


def _add_series_and_equipment(ds: Dataset, tags: DicomTags) -> None:
    ds.SeriesInstanceUID = tags.series_uid
    ds.SeriesNumber = tags.series_number
    ds.InstanceNumber = tags.instance_number
    if tags.series_description:
        ds.SeriesDescription = tags.series_description
    ds.Manufacturer = tags.manufacturer
    if tags.model:
        ds.ManufacturerModelName = tags.model
    if tags.institution:
        ds.InstitutionName = tags.institution


def _add_place(ds: Dataset, image: Image, kind: str, tags: DicomTags) -> None:
    grid = image.geometry
    if grid.frame is Frame.PATIENT and kind in (*IN_PATIENT, "SC"):
        ds.ImagePositionPatient = [_decimal(value) for value in grid.origin_lps]
        cosines = grid.directions.T[::-1].ravel()  # the row's direction comes first
        ds.ImageOrientationPatient = [_decimal(float(value)) for value in cosines]
        ds.PixelSpacing = [_decimal(length) for length in grid.spacing_mm]
    if grid.frame is Frame.PATIENT or kind in IN_PATIENT:
        ds.FrameOfReferenceUID = tags.frame_uid or derive_uid(tags.study_uid, "frame")
        ds.PositionReferenceIndicator = ""
    if grid.frame is Frame.DETECTOR and kind in ("CR", "DX"):
        ds.ImagerPixelSpacing = [_decimal(length) for length in grid.spacing_mm]
    if grid.frame is Frame.DETECTOR and kind == "SC":
        ds.PixelSpacing = [_decimal(length) for length in grid.spacing_mm]


def _add_window(ds: Dataset, image: Image) -> None:
    center, width = image.about.get("window_center"), image.about.get("window_width")
    if isinstance(center, float | int) and isinstance(width, float | int) and width >= 1:
        ds.WindowCenter = _decimal(float(center))
        ds.WindowWidth = _decimal(float(width))


def _add_pixels(ds: Dataset, stored: Stored) -> None:
    channels, rows, columns = stored.array.shape
    ds.Rows, ds.Columns = rows, columns
    ds.SamplesPerPixel = channels
    ds.PhotometricInterpretation = "RGB" if channels == 3 else "MONOCHROME2"
    if channels == 3:
        ds.PlanarConfiguration = 0
    ds.BitsAllocated = stored.array.dtype.itemsize * 8
    ds.BitsStored = stored.bits
    ds.HighBit = stored.bits - 1
    ds.PixelRepresentation = 1 if stored.array.dtype.kind == "i" else 0
    if stored.intercept is not None:
        ds.RescaleIntercept = _decimal(float(stored.intercept))
        ds.RescaleSlope = "1"
        ds.RescaleType = "HU"
    order = ds.BitsAllocated > 8
    pixels = np.moveaxis(stored.array, 0, -1)
    data = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False).tobytes()
    ds.add_new("PixelData", "OW" if order else "OB", data + b"\0" * (len(data) % 2))


def _save(ds: Dataset, path: Path) -> None:
    with replacing(path) as temporary:
        ds.save_as(temporary, enforce_file_format=True)


def _decimal(value: float) -> str:
    """Write a number in the at most 16 characters of a decimal string (PS3.5, 6.2, DS)."""
    from pydicom.valuerep import format_number_as_ds

    text: str = format_number_as_ds(float(value) + 0.0)
    return text
