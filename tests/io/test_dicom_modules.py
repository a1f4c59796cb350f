"""Tests of the attributes that single modalities need."""

from pathlib import Path

import pydicom
import pytest

from scanwright.image import Geometry, Image, Modality
from scanwright.io import write_dicom
from tests.io.builders import noise, tags


def written(image: Image, path: Path, **facts: object) -> pydicom.Dataset:
    write_dicom(image, path / "a.dcm", tags(**facts))
    return pydicom.dcmread(path / "a.dcm")


def test_ultrasound_is_calibrated_in_centimetres(tmp_path: Path) -> None:
    image = Image(noise((1, 20, 31), "uint8"), Geometry.detector((0.2, 0.1)), Modality.ULTRASOUND)
    (region,) = written(image, tmp_path).SequenceOfUltrasoundRegions
    assert (region.PhysicalDeltaX, region.PhysicalDeltaY) == pytest.approx((0.01, 0.02))
    assert (region.RegionLocationMaxX1, region.RegionLocationMaxY1) == (30, 19)
    bare = Image(image.array, Geometry.pixels(2), Modality.ULTRASOUND)
    assert "SequenceOfUltrasoundRegions" not in written(bare, tmp_path)


@pytest.mark.parametrize(("part", "code"), [("CHEST", "51185008"), ("TOE", "38266002")])
def test_digital_x_rays_name_their_region_in_code(part: str, code: str, tmp_path: Path) -> None:
    image = Image(noise((1, 20, 31), "uint16"), Geometry.detector((0.2, 0.1)), Modality.XRAY)
    ds = written(image, tmp_path, body_part=part, laterality="L")
    assert ds.AnatomicRegionSequence[0].CodeValue == code
    assert ds.ImageLaterality == "L"
    assert [float(length) for length in ds.ImagerPixelSpacing] == [0.2, 0.1]


def test_facts_of_the_image_stand_in_for_what_is_not_said(tmp_path: Path) -> None:
    about = {"body_part": "HAND", "view_position": "LL", "laterality": "R"}
    image = Image(noise((1, 20, 31), "uint16"), Geometry.pixels(2), Modality.XRAY, about=about)
    ds = written(image, tmp_path)
    assert (ds.BodyPartExamined, ds.ViewPosition, ds.Laterality) == ("HAND", "LL", "R")
    assert written(image, tmp_path, body_part="FOOT").BodyPartExamined == "FOOT"


@pytest.mark.parametrize(("part", "said"), [("CHEST", False), ("KNEE", True), ("", True)])
def test_body_parts_without_sides_have_none(part: str, said: bool, tmp_path: Path) -> None:
    image = Image(noise((1, 20, 31), "uint16"), Geometry.pixels(2), Modality.XRAY)
    ds = written(image, tmp_path, body_part=part, laterality="L")
    assert ("Laterality" in ds) is said
