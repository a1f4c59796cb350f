from pathlib import Path

import pytest

from scanwright.base import FileError
from scanwright.data import IndexOptions, index_data
from tests.data.builders import make_class_folders, make_png, make_series


def test_pictures_in_one_folder_are_cases_without_labels(tmp_path: Path) -> None:
    make_png(tmp_path / "a.png", 1)
    (tmp_path / "b.png").touch()
    (tmp_path / "c.txt").write_text("x")
    index = index_data(tmp_path)
    assert index.layout == "unlabelled"
    assert [entry.target for entry in index.entries] == [None]
    assert (index.files.used, len(index.skipped), len(index.files.other)) == (1, 1, 1)


def test_labels_are_not_looked_for_when_asked_not_to(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"a": 1, "b": 1})
    make_series(tmp_path / "c", 5, "P1")
    index = index_data(tmp_path, IndexOptions(unlabelled=True))
    assert [entry.target for entry in index.entries] == [None, None, None]
    assert index.entries[2].size == (3, 8, 9)


def test_one_file_is_one_case(tmp_path: Path) -> None:
    path = make_png(tmp_path / "a.png", 1)
    index = index_data(path, IndexOptions(unlabelled=True))
    assert [entry.name for entry in index.entries] == ["a.png"]


def test_a_folder_without_images_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(FileError, match=r"no image that can be read.*a\.png: The file is empty"):
        index_data(tmp_path)
