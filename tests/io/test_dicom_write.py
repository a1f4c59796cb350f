"""Tests of written DICOM objects: read back alike, and valid for an independent judge."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from scanwright.base import FileError
from scanwright.image import Frame, Geometry, Image, Modality
from scanwright.io import probe, read, write, write_dicom, write_dicom_series
from tests.io.builders import ct_volume, noise, tags, turned

DETECTOR = Geometry.detector((0.15, 0.2))
PLANE = Geometry.axial((0.75, 0.5), (-10.5, -20.25, 300.125))
PIXELS = Geometry.pixels(2)

OBJECTS = {
    "dx 12 bit": (Image(noise((1, 20, 31), "uint16", 4096), DETECTOR, Modality.XRAY), ""),
    "dx 8 bit": (Image(noise((1, 21, 31), "uint8"), DETECTOR, Modality.XRAY), ""),
    "cr 16 bit": (Image(noise((1, 20, 31), "uint16", 65536), DETECTOR, Modality.XRAY), "CR"),
    "cr odd length": (Image(noise((1, 21, 31), "uint8"), PIXELS, Modality.XRAY), ""),
    "ct": (Image(noise((1, 20, 31)) - np.int16(150), PLANE, Modality.CT, "HU"), ""),
    "mr": (Image(noise((1, 20, 31), "uint16"), PLANE, Modality.MRI), ""),
    "mr signed": (Image(noise((1, 20, 31)) - np.int16(99), PLANE, Modality.MRI), ""),
    "us": (Image(noise((1, 20, 31), "uint8", 256), DETECTOR, Modality.ULTRASOUND), ""),
    "us rgb": (Image(noise((3, 21, 31), "uint8", 256), PIXELS, Modality.ULTRASOUND), ""),
    "ct without place": (Image(noise((1, 20, 31)), PIXELS, Modality.CT, "HU"), ""),
    "capture": (Image(noise((1, 20, 31), "uint8"), DETECTOR, Modality.OTHER), ""),
    "capture rgb": (Image(noise((3, 20, 31), "uint8"), PIXELS, Modality.OTHER), ""),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_objects_are_read_back_alike(name: str, tmp_path: Path) -> None:
    image, code = OBJECTS[name]
    path = tmp_path / "a.dcm"
    write_dicom(image, path, tags(modality=code))
    assert read(path).is_equal(image)
    assert probe(path).agrees(image)


def errors_of(path: Path) -> list[str]:
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is absent: apt-get install dicom3tools")
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    assert lines, "the judge said nothing"
    return [line for line in lines if line.startswith("Error")]


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("part", ["CHEST", "HEAD", "BREAST", ""])
def test_objects_are_valid(name: str, part: str, tmp_path: Path) -> None:
    image, code = OBJECTS[name]
    path = tmp_path / "a.dcm"
    facts = tags(
        modality=code,
        sex="F",
        age_years=42.7,
        study_date="20200229",
        body_part=part,
        laterality="L" if part == "BREAST" else "",
        view_position="PA" if part == "CHEST" else "",
        institution="Klinik Süd",
        study_description="Study",
        series_description="Series",
        manufacturer="Maker",
        model="Model",
        patient_name="Test^Case",
    )
    write_dicom(replace(image, about={"window_center": 40, "window_width": 400}), path, facts)
    assert errors_of(path) == []
    write_dicom(image, path, tags(modality=code))
    assert errors_of(path) == []


@pytest.mark.parametrize("modality", [Modality.CT, Modality.MRI])
def test_series_are_valid(modality: Modality, tmp_path: Path) -> None:
    volume = replace(ct_volume(), modality=modality)
    for path in write_dicom_series(volume, tmp_path, tags(body_part="CHEST")):
        assert errors_of(path) == []


def test_what_was_said_is_found_again(tmp_path: Path) -> None:
    image, _ = OBJECTS["us"]
    path = tmp_path / "a.dcm"
    facts = tags(
        sex="M", age_years=3, series_description="Leber", institution="Süd", laterality="R"
    )
    write_dicom(replace(image, about={"window_center": 90.5, "window_width": 120}), path, facts)
    header, about = probe(path), read(path).about
    assert header.patient_id == "P1"
    assert (header.study_uid, header.series_uid) == (facts.study_uid, facts.series_uid)
    assert header.instance_uid == facts.instance_uid
    assert (header.sex, header.age_years) == ("M", 3)
    assert (header.series_description, header.institution) == ("Leber", "Süd")
    assert (about["window_center"], about["window_width"]) == (90.5, 120)
    assert (about["laterality"], about["photometric"]) == ("R", "MONOCHROME2")


def test_odd_directions_and_places_are_kept_to_the_last_digit_of_a_decimal_string(
    tmp_path: Path,
) -> None:
    image = Image(noise((1, 6, 5)), turned(2), Modality.MRI)
    write_dicom(image, tmp_path / "a.dcm", tags())
    assert read(tmp_path / "a.dcm").geometry.is_close(image.geometry, 1e-9)


def test_all_slices_of_a_series_share_study_series_and_frame(tmp_path: Path) -> None:
    paths = write_dicom_series(ct_volume(), tmp_path, tags())
    sets = [pydicom.dcmread(path) for path in paths]
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "BitsStored"):
        assert len({str(ds[keyword].value) for ds in sets}) == 1
    assert len({ds.SOPInstanceUID for ds in sets}) == len(paths)
    assert [ds.InstanceNumber for ds in sets] == [1, 2, 3, 4]
    assert {float(ds.SliceThickness) for ds in sets} == {2.5}


def test_floats_volumes_and_flat_series_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    flat = Image(noise((1, 4, 6, 5)), Geometry.pixels(3), Modality.CT)
    for image in (
        Image(noise((1, 6, 5), "float32"), PLANE, Modality.CT),
        ct_volume(),
        Image(noise((1, 6, 5), "uint16"), PIXELS, Modality.ULTRASOUND),
    ):
        with pytest.raises(FileError, match="cannot hold"):
            write_dicom(image, path, tags())
        with pytest.raises(FileError, match="cannot hold"):
            write(image, path)
    with pytest.raises(FileError, match="cannot hold"):
        write_dicom_series(flat, tmp_path / "series", tags())
    assert list(tmp_path.iterdir()) == []


def test_unknown_modalities_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="not written"):
        write_dicom(OBJECTS["us"][0], tmp_path / "a.dcm", tags(modality="NM"))


def test_writing_by_suffix_makes_a_lawful_object_of_any_2d_integers(tmp_path: Path) -> None:
    for name, (image, _) in OBJECTS.items():
        path = tmp_path / f"{name}.dcm"
        write(image, path)
        assert np.array_equal(read(path).array, image.array)
        assert errors_of(path) == []
    assert read(tmp_path / "capture.dcm").geometry.frame is Frame.DETECTOR
