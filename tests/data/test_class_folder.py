from pathlib import Path

import numpy as np
import pytest

from scanwright.base import LabelError
from scanwright.data import IndexOptions, index_data, read_case
from scanwright.image import ClassTarget, GradeTarget, Image, Modality
from scanwright.io import write
from tests.data.builders import make_class_folders, make_png, make_series, make_table


def test_a_folder_per_class_is_read(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"sick": 3, "normal": 2})
    index = index_data(tmp_path)
    assert index.layout == "class-folder"
    assert index.task.kind == "classes"
    assert index.task.labels == ("normal", "sick")
    assert len(index) == index.files.used == index.files.found == 5
    entry = index.entries[0]
    assert entry.name == "normal/000.png"
    assert entry.target == ClassTarget("normal")
    assert (entry.size, entry.channels, entry.dtype) == ((8, 9), 1, "uint8")
    assert entry.modality is Modality.UNKNOWN
    assert read_case(entry).target == ClassTarget("normal")


def test_the_modality_that_was_asked_for_is_in_entry_and_case(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"a": 1, "b": 1})
    entry = index_data(tmp_path, IndexOptions(modality="x-ray")).entries[0]
    assert entry.modality is Modality.XRAY
    assert read_case(entry).image.modality is Modality.XRAY


@pytest.mark.parametrize("word", ["val", "valid", "validation", "dev"])
def test_parts_above_the_classes_are_the_split(tmp_path: Path, word: str) -> None:
    for seed, part in enumerate(("train", word, "test")):
        make_class_folders(tmp_path / part, {"a": 1, "b": 1}, first_seed=seed * 10)
    index = index_data(tmp_path)
    assert {(entry.name.split("/")[0], entry.split) for entry in index.entries} == {
        ("train", "train"),
        (word, "validation"),
        ("test", "test"),
    }
    assert index.task.labels == ("a", "b")


def test_a_lone_folder_of_images_is_gone_through(tmp_path: Path) -> None:
    make_class_folders(tmp_path / "images", {"a": 1, "b": 1})
    assert index_data(tmp_path).task.labels == ("a", "b")


def test_a_folder_below_the_class_is_the_patient(tmp_path: Path) -> None:
    make_class_folders(tmp_path / "a", {"p1": 2, "p2": 2})
    make_class_folders(tmp_path / "b", {"p3": 2}, first_seed=10)
    index = index_data(tmp_path)
    assert [entry.patient for entry in index.entries] == ["p1", "p1", "p2", "p2", "p3", "p3"]
    assert index.notes == ()


def test_a_dicom_series_is_one_case_with_its_patient(tmp_path: Path) -> None:
    make_series(tmp_path / "a" / "x", 1, "P1")
    make_series(tmp_path / "a" / "y", 2, "P2")
    make_series(tmp_path / "b" / "z", 3, "P3")
    index = index_data(tmp_path)
    assert [entry.patient for entry in index.entries] == ["P1", "P2", "P3"]
    assert index.entries[0].size == (3, 8, 9)
    assert index.entries[0].spacing_mm == pytest.approx((2.0, 0.5, 0.5))
    assert index.entries[0].modality is Modality.CT
    assert index.files.used == index.files.found == 9
    assert read_case(index.entries[0]).image.size == (3, 8, 9)


def test_folders_can_be_grades_in_the_order_given(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"mild": 1, "none": 1, "severe": 1, "worst": 2})
    order = ("none", "mild", "severe", "worst")
    index = index_data(tmp_path, IndexOptions(task="grade", order=order))
    assert index.task.labels == order
    assert index.entries[0].target == GradeTarget(1)
    with pytest.raises(LabelError, match="classes or grades"):
        index_data(tmp_path, IndexOptions(task="number"))


def test_every_file_is_accounted_for(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"a": 2, "b": 2})
    make_png(tmp_path / "stray.png", 99)
    (tmp_path / "a" / "empty.png").touch()
    (tmp_path / "a" / "text.png").write_text("this is no picture")
    (tmp_path / "b" / "readme.md").write_text("words")
    (tmp_path / "b" / ".DS_Store").write_text("x")
    (tmp_path / "b" / "broken.png").symlink_to("nowhere")
    whole = (tmp_path / "a" / "000.png").read_bytes()
    (tmp_path / "a" / "cut.png").write_bytes(whole[:20])
    make_table(tmp_path / "notes.csv", "topic,remark", ["x,y"])
    index = index_data(tmp_path)
    assert index.layout == "class-folder"
    skipped = {Path(one.source).name: one.reason for one in index.skipped}
    assert set(skipped) == {"empty.png", "text.png", "cut.png", "broken.png", "stray.png"}
    assert skipped["stray.png"] == "lies in no class folder"
    assert all(skipped.values())
    other = {Path(one.source).name for one in index.files.other}
    assert other == {"readme.md", ".DS_Store", "notes.csv"}
    assert index.files.found == 4 + len(skipped) + len(other)


def test_folders_that_are_patients_are_not_taken_for_classes(tmp_path: Path) -> None:
    for number in range(4):
        make_series(tmp_path / f"p{number}" / "s", number, f"P{number}")
    with pytest.raises(LabelError, match="do not look like classes"):
        index_data(tmp_path)


def test_images_and_masks_are_not_taken_for_classes(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"images": 2, "masks": 2})
    with pytest.raises(LabelError, match="masks are no classes"):
        index_data(tmp_path, IndexOptions(task="classes"))


def test_folders_without_images_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_text("x")
    with pytest.raises(LabelError, match="No class folder holds an image"):
        index_data(tmp_path)


def test_names_beyond_ascii_and_deep_paths_are_read(tmp_path: Path) -> None:
    deep = tmp_path.joinpath("größe", *[f"{'x' * 40}{level}" for level in range(12)])
    make_png(deep / "画像.png", 1)
    make_png(tmp_path / "Привет" / "ü.png", 2)
    index = index_data(tmp_path)
    assert index.task.labels == ("größe", "Привет")
    assert [read_case(entry).image.size for entry in index.entries] == [(8, 9), (8, 9)]


def test_folders_that_differ_in_case_or_blanks_are_one_when_asked(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"benign": 3, " Benign": 2, "malignant": 2})
    with pytest.raises(LabelError, match="case or blanks"):
        index_data(str(tmp_path))
    index = index_data(str(tmp_path), IndexOptions(merge_spellings=True))
    assert index.task.labels == ("benign", "malignant")
    assert index.task.spellings == ((" Benign", "benign"),)


@pytest.mark.parametrize("name", ["unlabelled", "Unlabeled", "no_label", "unknown"])
def test_images_in_a_folder_of_unlabelled_ones_are_kept_apart(tmp_path: Path, name: str) -> None:
    make_class_folders(tmp_path, {"a": 2, "b": 2, name: 3})
    index = index_data(tmp_path)
    assert index.task.labels == ("a", "b")
    assert [entry.target for entry in index.unlabelled] == [None] * 3
    assert index.files.found == index.files.used + 3 == 7
    assert any("--order" in note for note in index.notes)


def test_a_class_called_unknown_can_be_asked_for(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"a": 2, "b": 2, "unknown": 3})
    index = index_data(tmp_path, IndexOptions(order=("a", "b", "unknown")))
    assert (len(index), index.unlabelled) == (7, ())


def test_unknown_is_a_class_where_only_one_other_is(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"ill": 2, "unknown": 2})
    assert len(index_data(tmp_path)) == 4


def test_unlabelled_images_may_lie_beside_the_parts(tmp_path: Path) -> None:
    for seed, part in enumerate(("train", "test")):
        make_class_folders(tmp_path / part, {"a": 1, "b": 1}, first_seed=seed * 10)
    make_class_folders(tmp_path, {"unlabelled": 2}, first_seed=30)
    index = index_data(tmp_path)
    assert (len(index), len(index.unlabelled), index.skipped) == (4, 2, ())


def test_masks_beside_images_are_no_images_of_the_class(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"benign": 4, "malignant": 4, "normal": 2})
    for name in ("benign", "malignant"):
        for number in range(4):
            mask = np.zeros((1, 8, 9), np.uint8)
            mask[:, 2:4, number : number + 3] = 255
            write(Image.from_array(mask), tmp_path / name / f"{number:03d}_mask.png")
    index = index_data(tmp_path, IndexOptions(task="classes"))
    assert len(index) == 10
    assert [one.reason for one in index.files.other] == ["a mask beside an image"] * 8
    masks = index_data(tmp_path)
    assert masks.task.kind == "segmentation"
    assert len(masks) == 8
