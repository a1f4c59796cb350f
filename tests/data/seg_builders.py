"""DICOM series with DICOM Segmentations of them."""

from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
from highdicom.seg import SegmentAlgorithmTypeValues, SegmentationTypeValues
from pydicom.sr.codedict import codes

from scanwright.image import Array
from scanwright.io import derive_uid
from tests.data.builders import make_series


def make_seg(folder: Path, name: str, masks: dict[str, Array], seed: int = 0) -> Path:
    """Write a series of 3 × 8 × 9 and a segmentation of it, one segment for each mask."""
    files = make_series(folder / name, seed, f"patient of {name}")
    slices = [pydicom.dcmread(file) for file in files]
    # highdicom wants modules that a secondary object need not have.
    segments = [
        hd.seg.SegmentDescription(
            number,
            label,
            codes.SCT.Organ,
            codes.SCT.Organ,
            SegmentAlgorithmTypeValues.MANUAL,
        )
        for number, label in enumerate(masks, start=1)
    ]
    order = np.argsort([float(one.ImagePositionPatient[2]) for one in slices])
    slices = [slices[place] for place in order]
    seg = hd.seg.Segmentation(
        slices,
        np.stack(list(masks.values()), axis=-1).astype(np.uint8),
        SegmentationTypeValues.BINARY,
        segments,
        series_instance_uid=derive_uid(f"seg series {name}"),
        series_number=9,
        sop_instance_uid=derive_uid(f"seg {name}"),
        instance_number=1,
        manufacturer="scanwright tests",
        manufacturer_model_name="none",
        software_versions="0",
        device_serial_number="0",
    )
    path = folder / f"{name}_seg.dcm"
    seg.save_as(path)
    return path


def make_flat_seg(
    path: Path,
    image: Path,
    masks: dict[str, Array],
    kind: SegmentationTypeValues = SegmentationTypeValues.BINARY,
) -> Path:
    """Write a segmentation of an X-ray, one segment for each mask of shape (Y, X)."""
    segments = [
        hd.seg.SegmentDescription(
            number, label, codes.SCT.Organ, codes.SCT.Organ, SegmentAlgorithmTypeValues.MANUAL
        )
        for number, label in enumerate(masks, start=1)
    ]
    seg = hd.seg.Segmentation(
        [pydicom.dcmread(image)],
        np.stack(list(masks.values()), axis=-1)[None].astype(np.uint8),
        kind,
        segments,
        series_instance_uid=derive_uid("seg series", path.name),
        series_number=9,
        sop_instance_uid=derive_uid("seg", path.name),
        instance_number=1,
        manufacturer="scanwright tests",
        manufacturer_model_name="none",
        software_versions="0",
        device_serial_number="0",
    )
    seg.save_as(path)
    return path


def stack(*blocks: tuple[int, int]) -> Array:
    """Return a mask, shape (3, 8, 9), with a square in some slices: (slice, column)."""
    mask = np.zeros((3, 8, 9), np.uint8)
    for plane, column in blocks:
        mask[plane, 2:5, column : column + 3] = 1
    return mask
