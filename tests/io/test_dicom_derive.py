"""Derived DICOM objects: of the same study, with identifiers of their own, naming their source."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from scanwright.base import FileError
from scanwright.image import Modality
from scanwright.io import (
    DicomTags,
    derive_dicom,
    derive_dicom_series,
    derive_uid,
    read,
    read_series,
    write_dicom,
    write_dicom_series,
)
from scanwright.phantom import CohortOptions, simulate_case

TAGS = DicomTags(
    "P1", derive_uid("study"), derive_uid("series"), patient_name="Doe^Jane", study_date="20260101"
)


@pytest.mark.parametrize("modality", list(Modality)[:4])
def test_a_picture_is_derived_and_comes_back(modality: Modality, tmp_path: Path) -> None:
    image = simulate_case(CohortOptions(modality=modality, size=48, cases=1), 0).case.image
    source, target = tmp_path / "a.dcm", tmp_path / "b.dcm"
    write_dicom(image, source, TAGS)
    changed = image.cropped((4, 6), (40, 36))
    derive_dicom(changed, target, source, "cropped by hand")
    old, new = pydicom.dcmread(source), pydicom.dcmread(target)
    assert list(new.ImageType)[:2] == ["DERIVED", "SECONDARY"]
    assert new.PatientName == "Doe^Jane"
    assert new.StudyInstanceUID == old.StudyInstanceUID
    assert new.SeriesInstanceUID != old.SeriesInstanceUID
    assert new.SOPInstanceUID != old.SOPInstanceUID
    assert new.file_meta.MediaStorageSOPInstanceUID == new.SOPInstanceUID
    assert new.SourceImageSequence[0].ReferencedSOPInstanceUID == old.SOPInstanceUID
    assert new.DerivationDescription == "cropped by hand"
    back = read(target)
    np.testing.assert_array_equal(back.array, changed.array)
    assert back.modality is modality
    assert back.geometry.spacing_mm == pytest.approx(changed.geometry.spacing_mm)
    if modality in (Modality.CT, Modality.MRI):
        assert back.geometry.is_close(changed.geometry)


def test_equal_sources_and_words_give_equal_identifiers(tmp_path: Path) -> None:
    image = simulate_case(CohortOptions(size=32, cases=1), 0).case.image
    write_dicom(image, tmp_path / "a.dcm", TAGS)
    uids = []
    for name, words in (("b", "one"), ("c", "one"), ("d", "two")):
        derive_dicom(image, tmp_path / f"{name}.dcm", tmp_path / "a.dcm", words)
        uids.append(pydicom.dcmread(tmp_path / f"{name}.dcm").SOPInstanceUID)
    assert uids[0] == uids[1] != uids[2]


def test_values_that_are_no_hounsfield_units_do_not_say_so(tmp_path: Path) -> None:
    image = simulate_case(CohortOptions(modality=Modality.CT, size=32, cases=1), 0).case.image
    write_dicom(image, tmp_path / "a.dcm", TAGS)
    grey = image.with_array((image.array // 16 + 64).astype(np.uint16), unit="")
    derive_dicom(grey, tmp_path / "b.dcm", tmp_path / "a.dcm", "equalised")
    assert pydicom.dcmread(tmp_path / "b.dcm").Modality == "OT"
    assert read(tmp_path / "b.dcm").unit == ""


def test_a_series_names_the_source_of_each_slice(tmp_path: Path) -> None:
    options = CohortOptions(modality=Modality.CT, size=32, cases=1, rank=3, slices=4)
    image = simulate_case(options, 0).case.image
    sources = write_dicom_series(image, tmp_path / "in", TAGS)
    written = derive_dicom_series(image, tmp_path / "out", sources[::-1], "nothing")
    back = read_series(written)
    np.testing.assert_array_equal(back.array, image.array)
    assert back.geometry.is_close(image.geometry)
    for source, made in zip(sources, written, strict=True):
        (item,) = pydicom.dcmread(made).SourceImageSequence
        assert item.ReferencedSOPInstanceUID == pydicom.dcmread(source).SOPInstanceUID


def test_burned_in_text_is_not_denied_where_nobody_said_so(tmp_path: Path) -> None:
    image = simulate_case(CohortOptions(size=32, cases=1), 0).case.image
    write_dicom(image, tmp_path / "a.dcm", TAGS)
    plain = pydicom.dcmread(tmp_path / "a.dcm")
    del plain.BurnedInAnnotation
    plain.save_as(tmp_path / "a.dcm")
    derive_dicom(image, tmp_path / "b.dcm", tmp_path / "a.dcm", "x")
    assert "BurnedInAnnotation" not in pydicom.dcmread(tmp_path / "b.dcm")


def test_what_dicom_cannot_hold_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    image = simulate_case(CohortOptions(size=32, cases=1), 0).case.image
    write_dicom(image, tmp_path / "a.dcm", TAGS)
    floats = image.with_array(image.array.astype(np.float32))
    with pytest.raises(FileError):
        derive_dicom(floats, tmp_path / "b.dcm", tmp_path / "a.dcm", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["a.dcm"]
