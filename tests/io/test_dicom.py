"""Tests of opening DICOM objects, odd ones included."""

import io
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
)

from scanwright.base import FileError
from scanwright.image import Image, Modality
from scanwright.io import ReadLimits, frame_order, open_tags, probe, read, recognise
from scanwright.io.dicom import Dicom
from tests.io.builders import make_dicom, noise

PIXELS = noise((6, 5), "int16")


@pytest.mark.parametrize(("implicit", "little"), [(True, True), (False, True), (False, False)])
def test_a_bare_data_set_is_recognised_and_read(
    implicit: bool, little: bool, tmp_path: Path
) -> None:
    ds = make_dicom(tmp_path / "a.dcm", PIXELS)
    del ds.file_meta
    ds.PixelData = PIXELS.astype("<i2" if little else ">i2").tobytes()
    path = tmp_path / "bare"
    ds.save_as(path, implicit_vr=implicit, little_endian=little, enforce_file_format=False)
    assert path.read_bytes()[128:132] != b"DICM"
    assert recognise(path) == "dicom"
    assert np.array_equal(read(path).array[0], PIXELS)
    assert probe(path).agrees(read(path))


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_uncompressed_syntaxes_are_read(syntax: pydicom.uid.UID, tmp_path: Path) -> None:
    ds = make_dicom(tmp_path / "a.dcm", PIXELS)
    ds.file_meta.TransferSyntaxUID = syntax
    little = syntax is not ExplicitVRBigEndian
    ds.PixelData = PIXELS.astype("<i2" if little else ">i2").tobytes()
    path = tmp_path / "b.dcm"
    implicit = syntax is ImplicitVRLittleEndian
    pydicom.dcmwrite(path, ds, implicit_vr=implicit, little_endian=little)
    image = read(path)
    assert np.array_equal(image.array[0], PIXELS)
    assert image.array.dtype.isnative
    assert probe(path).agrees(image)


def test_a_deflated_bomb_is_refused_unopened(tmp_path: Path) -> None:
    ds = make_dicom(tmp_path / "a.dcm", PIXELS)
    ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    path = tmp_path / "b.dcm"
    ds.PixelData = bytes(3 << 20)
    for whole in (True, False):  # with a preamble, and without
        ds.save_as(path, enforce_file_format=whole)
        assert path.stat().st_size < 20000
        for action in (probe, read):
            with pytest.raises(FileError, match="unpacks to more than the limit"):
                action(path, ReadLimits(max_bytes=2 << 20))


def test_attributes_of_a_deflated_bomb_are_not_opened(tmp_path: Path) -> None:
    ds = make_dicom(tmp_path / "a.dcm", PIXELS)
    assert open_tags(tmp_path / "a.dcm", ("Rows", "Columns")).Rows == PIXELS.shape[-2]
    assert "PixelData" not in open_tags(tmp_path / "a.dcm", ("Rows", "Columns"))
    ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    ds.PixelData = bytes(3 << 20)
    ds.save_as(tmp_path / "b.dcm")
    with pytest.raises(FileError, match="unpacks to more than the limit"):
        open_tags(tmp_path / "b.dcm", ("Rows",), ReadLimits(max_bytes=2 << 20))
    (tmp_path / "c.dcm").write_bytes(b"nothing of the kind")
    with pytest.raises(FileError, match="cannot be read"):
        open_tags(tmp_path / "c.dcm", ("Rows",))


def test_a_single_frame_is_the_only_plane(tmp_path: Path) -> None:
    make_dicom(tmp_path / "a.dcm", PIXELS)
    assert frame_order(tmp_path / "a.dcm") == (0,)


def test_deep_nesting_ends_in_an_error(tmp_path: Path) -> None:
    stream = io.BytesIO()
    item = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    sequence = struct.pack("<HH2sHL", 0x0008, 0x1115, b"SQ", 0, 0xFFFFFFFF)
    stream.write((sequence + item) * 5000)
    path = tmp_path / "a.dcm"
    path.write_bytes(stream.getvalue())
    for action in (probe, read):
        with pytest.raises(FileError):
            action(path)


@pytest.mark.parametrize(
    ("code", "modality"),
    [
        ("CR", Modality.XRAY),
        ("MG", Modality.XRAY),
        ("CT", Modality.CT),
        ("MR", Modality.MRI),
        ("US", Modality.ULTRASOUND),
        ("PT", Modality.OTHER),
        ("", Modality.UNKNOWN),
    ],
)
def test_modalities_are_named(code: str, modality: Modality, tmp_path: Path) -> None:
    make_dicom(tmp_path / "a.dcm", PIXELS, Modality=code)
    assert read(tmp_path / "a.dcm").modality is modality


def test_what_steers_preprocessing_is_kept_and_nothing_that_identifies(tmp_path: Path) -> None:
    make_dicom(
        tmp_path / "a.dcm",
        PIXELS,
        PatientName="Doe^Jane",
        PatientID="secret-1",
        InstitutionName="Secret Hospital",
        WindowCenter=[40, 600],
        WindowWidth=[400, 1500],
        BodyPartExamined="CHEST",
        ViewPosition="AP",
        ImageLaterality="L",
        Laterality="R",
        PixelPaddingValue=-2000,
        BurnedInAnnotation="YES",
    )
    image = read(tmp_path / "a.dcm")
    assert dict(image.about) == {
        "window_center": 40,
        "window_width": 400,
        "photometric": "MONOCHROME2",
        "body_part": "CHEST",
        "view_position": "AP",
        "laterality": "L",
        "padding_value": -2000,
        "burned_in_annotation": "YES",
    }
    assert "ecret" not in repr(image)


@pytest.mark.parametrize(
    ("age", "years"),
    [("042Y", 42), ("006M", 0.5), ("010D", 10 / 365.25), ("", None), ("old", None), ("Y", None)],
)
def test_identity_is_in_the_header(age: str, years: float | None, tmp_path: Path) -> None:
    facts = {"PatientID": " P7 ", "PatientSex": "F", "SeriesDescription": "Thorax à plat"}
    facts["FrameOfReferenceUID"] = "2.25.7"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom's, at writing an illegal age
        make_dicom(tmp_path / "a.dcm", PIXELS, PatientAge=age, **facts)
    header = probe(tmp_path / "a.dcm")
    assert (header.patient_id, header.sex, header.age_years) == ("P7", "F", years)
    assert header.study_uid.startswith("2.25.")
    assert header.series_uid.startswith("2.25.")
    assert header.instance_uid.startswith("2.25.")
    assert header.frame_uid == "2.25.7"


def test_errors_name_no_patient(tmp_path: Path) -> None:
    make_dicom(tmp_path / "a.dcm", PIXELS, PatientName="Doe^Jane", PatientID="secret-1")
    content = (tmp_path / "a.dcm").read_bytes()
    (tmp_path / "a.dcm").write_bytes(content[:-9])
    with pytest.raises(FileError) as caught:
        read(tmp_path / "a.dcm")
    assert "Doe" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("attributes", "word"),
    [
        ({"Modality": "SEG"}, "segmentation"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]}, "mosaic"),
    ],
)
def test_what_is_no_single_image_is_refused(
    attributes: dict[str, object], word: str, tmp_path: Path
) -> None:
    make_dicom(tmp_path / "a.dcm", PIXELS, **attributes)
    for action in (probe, read):
        with pytest.raises(FileError, match=word):
            action(tmp_path / "a.dcm")


def test_a_declared_giant_is_refused_at_once(tmp_path: Path) -> None:
    make_dicom(tmp_path / "a.dcm", PIXELS, Rows=65535, Columns=65535, NumberOfFrames=100000)
    for action in (probe, read):
        with pytest.raises(FileError, match="larger than the limit"):
            action(tmp_path / "a.dcm")


def test_probe_sees_missing_pixels_by_the_size_of_the_file(tmp_path: Path) -> None:
    make_dicom(tmp_path / "a.dcm", noise((600, 500)))
    content = (tmp_path / "a.dcm").read_bytes()
    (tmp_path / "a.dcm").write_bytes(content[: len(content) // 2])
    with pytest.raises(FileError, match="ends too early"):
        probe(tmp_path / "a.dcm")


@pytest.mark.parametrize("head", [b"", b"\x08\x00", b"ID3\x04" * 40, zlib.compress(bytes(999))])
def test_other_beginnings_are_not_taken_for_dicom(head: bytes) -> None:
    assert not Dicom.signature(head)


def outcome(action: object, path: Path) -> object:
    """Return what an action gives, or the clear word that it ends in."""
    try:
        return action(path)
    except FileError as error:
        return error


@pytest.mark.slow
def test_every_real_file_ends_as_an_image_or_a_clear_word(shared_data: object) -> None:
    read_well = 0
    for path in sorted(shared_data("dicom").rglob("*")):
        if path.is_dir():
            continue
        header, image = outcome(probe, path), outcome(read, path)
        if isinstance(image, Image):
            assert header.agrees(image), path
            read_well += 1
        else:
            assert image.details()["where"].startswith(str(path.parent)), path
    assert read_well >= 300
