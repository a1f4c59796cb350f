from pathlib import Path

import pytest

from scanwright.base import FileError, LabelError
from scanwright.data import IndexOptions, index_data, read_case
from scanwright.image import ClassTarget, Modality
from scanwright.io import probe
from tests.data.builders import make_dicom, make_png, make_series, make_table


def make_tree(root: Path) -> None:
    """Two radiographs of P1, one of P2, and a CT of P3."""
    make_dicom(root / "x" / "a.dcm", 1, "P1")
    make_dicom(root / "x" / "b.dcm", 2, "P1")
    make_dicom(root / "y" / "c.dcm", 3, "P2")
    make_series(root / "z", 4, "P3")


def test_a_table_by_patient_labels_every_image_of_the_patient(tmp_path: Path) -> None:
    make_tree(tmp_path)
    make_table(tmp_path / "labels.csv", "PatientID,label,site", ["P1,a,N", "P2,b,S", "P3,b,S"])
    index = index_data(tmp_path)
    assert index.layout == "dicom-tree"
    assert [(entry.name, entry.patient, entry.site) for entry in index.entries] == [
        ("x/a.dcm", "P1", "N"),
        ("x/b.dcm", "P1", "N"),
        ("y/c.dcm", "P2", "S"),
        ("z/0001.dcm", "P3", "S"),
    ]
    assert index.entries[0].modality is Modality.XRAY
    assert index.entries[0].spacing_mm == pytest.approx((0.5, 0.25))
    assert index.entries[3].size == (3, 8, 9)
    assert (index.files.used, index.files.found) == (6, 7)
    assert any("every image of a patient" in note for note in index.notes)
    assert read_case(index.entries[3]).target == ClassTarget("b")


@pytest.mark.parametrize(
    ("column", "attribute"),
    [
        ("StudyInstanceUID", "study_uid"),
        ("series_uid", "series_uid"),
        ("SOPInstanceUID", "instance_uid"),
    ],
)
def test_a_table_by_study_series_or_instance(tmp_path: Path, column: str, attribute: str) -> None:
    for name, patient in (("a", "P1"), ("b", "P1"), ("c", "P2")):
        make_dicom(tmp_path / f"{name}.dcm", ord(name), patient)
    uids = [getattr(probe(tmp_path / f"{name}.dcm"), attribute) for name in "abc"]
    rows = [f"{uid},{label}" for uid, label in zip(uids, "xyx", strict=True)]
    make_table(tmp_path / "labels.csv", f"{column},label", rows)
    index = index_data(tmp_path)
    assert [entry.target for entry in index.entries] == [
        ClassTarget("x"),
        ClassTarget("y"),
        ClassTarget("x"),
    ]
    assert [entry.patient for entry in index.entries] == ["P1", "P1", "P2"]


def test_the_table_may_lie_elsewhere_and_its_column_be_named(tmp_path: Path) -> None:
    make_tree(tmp_path / "data")
    table = make_table(tmp_path / "t.csv", "code,label", ["P1,a", "P2,b", "P3,b"])
    options = IndexOptions(labels=table, key_column="code")
    assert len(index_data(tmp_path / "data", options)) == 4
    with pytest.raises(LabelError, match="--column key=NAME"):
        index_data(tmp_path / "data", IndexOptions(labels=table))


def test_every_file_and_row_is_accounted_for(tmp_path: Path) -> None:
    make_tree(tmp_path)
    make_png(tmp_path / "picture.png", 9)
    (tmp_path / "x" / "cut.dcm").write_bytes((tmp_path / "x" / "a.dcm").read_bytes()[:600])
    make_table(tmp_path / "labels.csv", "PatientID,label", ["P1,a", "P3,", "P3,", "P9,b"])
    index = index_data(tmp_path)
    assert [entry.patient for entry in index.entries] == ["P1", "P1"]
    reasons = {Path(one.source).name: one.reason for one in index.skipped}
    assert reasons["c.dcm"] == "no row for its patient in labels.csv"
    assert reasons["labels.csv, line 5"] == "no patient of this identifier in the files"
    assert "cut.dcm" in reasons
    assert [entry.patient for entry in index.unlabelled] == ["P3"]
    other = {Path(one.source).name: one.reason for one in index.files.other}
    assert other["0002.dcm"] == "no label"
    assert {"picture.png", "labels.csv"} < set(other)
    assert index.files.found == 2 + len(index.skipped) + len(other)


def test_identifiers_that_no_file_has_are_refused(tmp_path: Path) -> None:
    make_tree(tmp_path)
    make_table(tmp_path / "labels.csv", "PatientID,label", ["X1,a", "X2,b"])
    with pytest.raises(LabelError, match="No identifier in the table"):
        index_data(tmp_path)


def test_two_labels_of_one_patient_are_refused_by_line(tmp_path: Path) -> None:
    make_tree(tmp_path)
    make_table(tmp_path / "labels.csv", "PatientID,label", ["P1,a", "P2,b", "P1,b"])
    with pytest.raises(LabelError, match="lines 2 and 4"):
        index_data(tmp_path)


def test_a_tree_without_dicom_is_refused(tmp_path: Path) -> None:
    make_png(tmp_path / "a.png", 1)
    make_table(tmp_path / "labels.csv", "PatientID,label", ["P1,a", "P2,b"])
    with pytest.raises(FileError, match="no DICOM image"):
        index_data(tmp_path)
