"""A table beside the images is found by the cases that it names."""

from pathlib import Path

import pytest

from scanwright.base import LabelError
from scanwright.data import IndexOptions
from scanwright.data.side_table import case_key, find_side_table
from tests.data.builders import made_entry, make_table

NAMES = ["a", "train/b", "c.1"]


def test_names_with_and_without_endings_and_folders_are_one(tmp_path: Path) -> None:
    make_table(
        tmp_path / "about.csv", "file,site", ["images/a.png,north", "b.png,south", "c.1,north"]
    )
    table = find_side_table(tmp_path, NAMES, IndexOptions())
    assert table is not None
    assert table.rows == {"a": 0, "train/b": 1, "c.1": 2}
    assert table.words == 'sites by "site" of about.csv'


def test_a_table_about_something_else_is_left_alone(tmp_path: Path) -> None:
    make_table(tmp_path / "about.csv", "file,site", ["x.png,north", "y.png,south"])
    assert find_side_table(tmp_path, NAMES, IndexOptions()) is None
    with pytest.raises(LabelError, match="names none of the images"):
        find_side_table(tmp_path, NAMES, IndexOptions(labels=tmp_path / "about.csv"))


def test_the_table_that_names_most_cases_is_taken(tmp_path: Path) -> None:
    make_table(tmp_path / "a.csv", "case,fold", ["a,0", "b,1"])
    make_table(tmp_path / "b.csv", "case,fold", ["a,2", "b,2", "c.1,2"])
    table = find_side_table(tmp_path, NAMES, IndexOptions())
    assert table is not None
    assert table.path.name == "b.csv"


def test_what_the_table_does_not_say_stays(tmp_path: Path) -> None:
    make_table(tmp_path / "about.csv", "case,site,patient", ["case 0000,north,", "case 0001,,p"])
    cases = [made_entry(0, patient="q", split="train"), made_entry(1), made_entry(2)]
    table = find_side_table(tmp_path, [one.name for one in cases], IndexOptions())
    assert table is not None
    told = [table.apply(one, IndexOptions()) for one in cases]
    assert (told[0].patient, told[0].site, told[0].split) == ("q", "north", "train")
    assert told[1].patient == "p"
    assert told[2] == cases[2]


def test_only_endings_of_files_are_removed() -> None:
    assert [case_key(one) for one in ("a.nii.gz", "x/b.png", "v1.25", "p 1. b c")] == [
        "a", "x/b", "v1", "p 1. b c",
    ]  # fmt: skip
