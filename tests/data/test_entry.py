from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from scanwright.base import FileError
from scanwright.data import Entry, read_case
from scanwright.data.reference import FileReference, SeriesReference, shown
from scanwright.image import ClassTarget, Modality
from tests.data.builders import make_png, make_series, pixels


def test_a_file_is_read_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    path = make_png(tmp_path / "a.png", 7)
    entry = Entry(
        "a",
        FileReference(path),
        ClassTarget("x"),
        patient="P1",
        site="A",
        subgroups={"sex": "F"},
        modality=Modality.XRAY,
    )
    case = read_case(entry)
    assert np.array_equal(case.image.array, pixels(7))
    assert case.image.modality is Modality.XRAY
    assert (case.name, case.patient, case.site, case.source) == ("a", "P1", "A", str(path))
    assert (case.target, dict(case.subgroups)) == (ClassTarget("x"), {"sex": "F"})


def test_what_the_file_says_of_its_modality_is_kept_when_nothing_else_is_said(
    tmp_path: Path,
) -> None:
    files = make_series(tmp_path, 1, "P1")
    reference = SeriesReference(files)
    assert read_case(Entry("a", reference)).image.modality is Modality.CT
    assert reference.source == f"{tmp_path} (3 files)"
    assert reference.files == files


def test_a_file_that_is_gone_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        read_case(Entry("a", FileReference(tmp_path / "a.png")))


def test_an_entry_cannot_be_changed() -> None:
    entry = Entry("a", FileReference(Path("a.png")), subgroups={"sex": "F"})
    with pytest.raises(FrozenInstanceError):
        entry.name = "b"  # type: ignore[misc]  # the point of the test
    with pytest.raises(TypeError):
        entry.subgroups["sex"] = "M"  # type: ignore[index]  # the point of the test


def test_a_path_of_any_bytes_can_be_shown() -> None:
    shown(Path(b"\xff.png".decode("utf-8", "surrogateescape"))).encode("utf-8")
