"""File names tell patients only where they leave no doubt."""

from pathlib import Path

import pytest

from scanwright.data import index_data
from scanwright.data.patient_names import patients_by_name
from tests.data.mask_builders import block, make_folders


@pytest.mark.parametrize(
    ("names", "patients"),
    [
        (["patient001_frame01", "patient001_frame12", "patient002_frame01"], 2),
        (["sub-01_ses-1_T1w", "sub-01_ses-2_T1w", "sub-02_ses-1_T1w"], 2),
        (["case_7_slice_1", "case_7_slice_2", "case_8_slice_1"], 2),
        (["P12-L-CC", "P12-R-CC", "P13-L-CC"], 2),
        (["train/subject LU3 img 1", "train/subject LU3 img 2", "val/subject LU4 img 1"], 2),
    ],
)
def test_a_word_for_a_person_and_one_for_a_part(names: list[str], patients: int) -> None:
    told = patients_by_name(names)
    assert set(told) == set(names)
    assert len(set(told.values())) == patients


@pytest.mark.parametrize(
    "names",
    [
        ["hippocampus_001", "hippocampus_003"],
        ["CHNCXR_0001_0", "CHNCXR_0001_1", "CHNCXR_0002_1"],
        ["polyp_1_l", "polyp_1_r", "polyp_2_l"],
        ["patient1_slice1", "patient2_slice1"],
        ["patient1_slice1", "patient1_slice2"],
        ["patient1_slice1", "patient1_slice2", "patient2_slice1", "other"],
        [],
    ],
    ids=["numbers", "no word", "another word", "one each", "one patient", "one is not", "none"],
)
def test_what_is_in_doubt_is_left_alone(names: list[str]) -> None:
    assert patients_by_name(names) == {}


def test_an_index_says_what_names_told(tmp_path: Path) -> None:
    names = ("patient1_slice1", "patient1_slice2", "patient2_slice1")
    index = index_data(make_folders(tmp_path, dict.fromkeys(names, block())))
    assert [entry.patient for entry in index.entries] == ["patient1", "patient1", "patient2"]
    assert any(note.startswith("file names tell 2 patients apart") for note in index.notes)
