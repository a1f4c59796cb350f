import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from scanwright.base import FileError, LabelError, ScanwrightError
from scanwright.data import LAYOUTS, IndexOptions, index_data
from tests.data.builders import make_class_folders, make_png, make_table


def test_every_layout_says_what_it_accepts_and_refuses_nothing_in_particular(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.bin"
    path.write_bytes(b"x")
    for name in LAYOUTS:
        layout = LAYOUTS[name]
        assert layout.accepts
        assert layout.recognises(path, IndexOptions()) is None


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file or folder"):
        index_data(tmp_path / "nothing")
    with pytest.raises(FileError):
        index_data(tmp_path / ("x" * 5000))


def test_an_empty_folder_is_refused_with_what_is_accepted(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"folder is empty.*folder per class.*MedMNIST"):
        index_data(tmp_path)


def test_a_zip_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a/1.png", b"x")
    with pytest.raises(FileError, match="unpack it"):
        index_data(tmp_path / "a.zip")


@pytest.mark.parametrize("name", ["a.npz", "a.csv", "a.png"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(FileError, match="file is empty"):
        index_data(tmp_path / name)


def test_a_file_that_is_no_data_set_is_refused(tmp_path: Path) -> None:
    path = make_png(tmp_path / "a.png", 1)
    with pytest.raises(FileError, match="no data set"):
        index_data(path)


def test_a_table_of_images_wins_over_folders(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"a": 1, "b": 1})
    make_table(tmp_path / "labels.csv", "path,label", ["a/000.png,x", "b/000.png,y"])
    assert index_data(tmp_path).task.labels == ("x", "y")


def test_a_table_that_names_nothing_is_refused_when_asked_for(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"a": 1, "b": 1})
    table = make_table(tmp_path / "t.csv", "topic,label", ["u,x", "v,y"])
    with pytest.raises(LabelError, match="names neither files nor DICOM"):
        index_data(tmp_path, IndexOptions(labels=table))


def test_a_column_without_a_table_is_refused_rather_than_ignored(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"a": 1, "b": 1})
    with pytest.raises(LabelError, match=r"no table.*--column patient=NAME"):
        index_data(tmp_path, IndexOptions(patient_column="patient"))


@pytest.mark.parametrize("content", [b"\x00" * 50, b"PK\x03\x04" + b"x" * 90, b"\x93NUMPY", b"a"])
@pytest.mark.parametrize("name", ["x.npz", "x.csv", "x.parquet", "x.png", "x.dcm"])
def test_any_content_under_any_name_ends_in_one_of_our_errors(
    tmp_path: Path, content: bytes, name: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ScanwrightError):
        index_data(tmp_path / name)


def test_a_thousand_pictures_are_indexed_in_two_seconds(tmp_path: Path) -> None:
    content = _png_bytes(tmp_path / "one.png")
    (tmp_path / "one.png").unlink()
    for label in "ab":
        (tmp_path / label).mkdir()
        for number in range(500):
            (tmp_path / label / f"{number}.png").write_bytes(content)
    start = time.process_time()
    assert len(index_data(tmp_path)) == 1000
    assert time.process_time() - start < 2  # so 10,000 take less than 20 s on one core


def _png_bytes(path: Path) -> bytes:
    Picture.fromarray(np.zeros((28, 28), np.uint8)).save(path)
    return path.read_bytes()


def test_masks_that_belong_to_no_image_are_told_when_asked_for(tmp_path: Path) -> None:
    make_png(tmp_path / "images" / "a.png", 0)
    make_png(tmp_path / "masks" / "other.png", 1)
    with pytest.raises(LabelError, match="No mask is found that belongs to an image"):
        index_data(tmp_path, IndexOptions(task="segmentation"))
    with pytest.raises(LabelError, match=r"no classes.*columns path and mask"):
        index_data(tmp_path)
