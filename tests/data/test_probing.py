from pathlib import Path

import pytest

from scanwright.base import SILENT
from scanwright.data.probing import (
    case_name,
    group_cases,
    probe_files,
    subgroups_of,
    unique_names,
)
from scanwright.image import Geometry
from scanwright.io import Header, probe
from tests.data.builders import make_dicom, make_png, make_series


def test_images_bad_files_and_others_are_told_apart(tmp_path: Path) -> None:
    good = make_png(tmp_path / "a.png", 1)
    empty = tmp_path / "b.png"
    empty.touch()
    words = tmp_path / "c.txt"
    words.write_text("x")
    nothing = tmp_path / "d.txt"
    nothing.touch()
    probed = probe_files([good, empty, words, nothing], SILENT)
    assert set(probed.headers) == {good}
    assert set(probed.unreadable) == {empty}
    assert set(probed.other) == {words, nothing}


def test_slices_of_a_series_are_one_case_and_radiographs_stay_apart(tmp_path: Path) -> None:
    slices = make_series(tmp_path / "s", 1, "P1")
    single = make_dicom(tmp_path / "x.dcm", 2, "P1")
    found, skipped = group_cases({path: probe(path) for path in (single, *slices[::-1])})
    assert [one.reference.files for one in found] == [slices, (single,)]
    assert found[0].size == (3, 8, 9)
    assert found[0].spacing_mm == pytest.approx((2.0, 0.5, 0.5))
    assert skipped == {}


def test_slices_at_one_place_make_no_volume(tmp_path: Path) -> None:
    slices = make_series(tmp_path / "s", 1, "P1")
    copy = tmp_path / "s" / "copy.dcm"
    copy.write_bytes(slices[0].read_bytes())
    found, skipped = group_cases({path: probe(path) for path in (*slices, copy)})
    assert found == []
    assert set(skipped.values()) == {"several slices of its series lie at one place"}
    assert set(skipped) == {*slices, copy}


@pytest.mark.parametrize(
    ("age_years", "band"), [(0, "0-17"), (17.9, "0-17"), (18, "18-39"), (80, "80 and over")]
)
def test_ages_come_in_bands(age_years: float, band: str) -> None:
    header = Header("dicom", (2, 2), 1, "uint8", Geometry.pixels(2), age_years=age_years)
    assert subgroups_of(header) == {"age": band}


def test_repeated_names_are_numbered() -> None:
    assert unique_names(["a", "a", "b", "a"]) == ["a", "a #2", "b", "a #3"]


def test_a_series_is_named_by_its_folder_and_a_file_by_itself(tmp_path: Path) -> None:
    files = (*make_series(tmp_path / "s", 1, "P1"), make_dicom(tmp_path / "x" / "a.dcm", 2, "P2"))
    found, _ = group_cases({path: probe(path) for path in files})
    assert [case_name(case, tmp_path) for case in found] == ["s", "x/a.dcm"]
