from pathlib import Path

import pytest

from scanwright.base import FileError, LabelError
from scanwright.data import IndexOptions
from scanwright.data.table_choice import find_table


def test_the_usual_name_is_chosen_among_several(tmp_path: Path) -> None:
    for name in ("extra.csv", "labels.csv", "notes.txt"):
        (tmp_path / name).touch()
    assert find_table(tmp_path, IndexOptions()) == tmp_path / "labels.csv"


def test_several_tables_without_a_usual_name_are_asked_about(tmp_path: Path) -> None:
    for name in ("train.csv", "test.csv"):
        (tmp_path / name).touch()
    with pytest.raises(LabelError, match=r"test.csv, train.csv .*--labels"):
        find_table(tmp_path, IndexOptions())


def test_the_table_that_was_asked_for_wins_or_is_missed(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").touch()
    other = tmp_path / "other.tsv"
    with pytest.raises(FileError, match="no such table"):
        find_table(tmp_path, IndexOptions(labels=other))
    other.touch()
    assert find_table(tmp_path, IndexOptions(labels=other)) == other


def test_a_table_is_itself_and_a_picture_is_none(tmp_path: Path) -> None:
    for name in ("a.csv", "a.png"):
        (tmp_path / name).touch()
    assert find_table(tmp_path / "a.csv", IndexOptions()) == tmp_path / "a.csv"
    assert find_table(tmp_path / "a.png", IndexOptions()) is None
    (tmp_path / "empty").mkdir()
    assert find_table(tmp_path / "empty", IndexOptions()) is None
