"""Small images, and DICOM files with any attributes, for the tests of files."""

from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from scanwright.image import Array, Geometry, Image, Modality
from scanwright.io import DicomTags, derive_uid

CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"


def noise(shape: tuple[int, ...], dtype: str = "int16", high: int = 200, seed: int = 0) -> Array:
    """Return random numbers from 0 to `high`, not included."""
    numbers = np.random.default_rng(seed).integers(0, high, shape)
    return numbers.astype(dtype)


def turned(rank: int = 3, shear: float = 0.0) -> Geometry:
    """Return a grid in the patient frame with odd directions."""
    directions = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]
    directions[:, 0] += shear * directions[:, 1]
    directions /= np.linalg.norm(directions, axis=0)
    return Geometry((2.5, 0.75, 0.5)[3 - rank :], directions[:, 3 - rank :], (1.5, -20.25, 300.125))


def tags(**changes: object) -> DicomTags:
    """Return tags of a made-up patient."""
    facts = {"patient_id": "P1", "study_uid": derive_uid("s"), "series_uid": derive_uid("r")}
    return DicomTags(**(facts | changes))


def make_dicom(path: Path, pixels: Array, **attributes: object) -> pydicom.Dataset:
    """Write a bare uncompressed object: grey (Y, X) or (frames, Y, X), colour (Y, X, 3).

    Attributes of None are left out.
    """
    ds = pydicom.Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = CT_CLASS
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = derive_uid(str(path))
    ds.StudyInstanceUID, ds.SeriesInstanceUID = derive_uid("study"), derive_uid("series")
    ds.Modality = "OT"
    colour = pixels.ndim == 3 and pixels.shape[-1] == 3
    plane = pixels.shape[:2] if colour or pixels.ndim == 2 else pixels.shape[1:]
    if pixels.ndim == 3 and not colour:
        ds.NumberOfFrames = len(pixels)
    ds.Rows, ds.Columns = plane
    ds.SamplesPerPixel = 3 if colour else 1
    ds.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        ds.PlanarConfiguration = 0
    bits = pixels.dtype.itemsize * 8
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = bits, bits, bits - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    data = pixels.tobytes()
    ds.add_new("PixelData", "OB" if bits == 8 else "OW", data + b"\0" * (len(data) % 2))
    for keyword, value in attributes.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    if "BitsStored" in attributes and "HighBit" not in attributes:
        ds.HighBit = ds.BitsStored - 1
    ds.save_as(path, enforce_file_format=True)
    return ds


def make_slices(folder: Path, heights: list[float], **attributes: object) -> list[Path]:
    """Write axial CT slices at the given heights in mm, slice i filled with i."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index, height in enumerate(heights):
        path = folder / f"{index:03d}.dcm"
        facts = {
            "Modality": "CT",
            "ImagePositionPatient": [-10.0, -20.0, height],
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "PixelSpacing": [0.5, 0.25],
            "InstanceNumber": len(heights) - index,
        }
        make_dicom(path, np.full((6, 5), index, np.int16), **(facts | attributes))
        paths.append(path)
    return paths


def ct_volume(size: tuple[int, int, int] = (4, 6, 5)) -> Image:
    """Return a CT volume whose geometry DICOM's decimal strings hold exactly."""
    geometry = Geometry.axial((2.5, 0.75, 0.5), (-10.5, -20.25, 300.125))
    array = noise((1, *size), high=2000) - np.int16(1000)
    return Image(array, geometry, Modality.CT, "HU")
