from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from scanwright.base import FileError, LabelError
from scanwright.data import IndexOptions, index_data
from scanwright.image import BoxesTarget

from .box_builders import boxes_of, by_name
from .builders import make_png

LINE = "0 0.5 0.25 0.2 0.5\n"


def make_yolo(
    root: Path, images: str, labels: str, texts: dict[str, str | None], seed: int = 0
) -> None:
    """Write pictures and, where a text is given, their boxes."""
    for number, (stem, text) in enumerate(texts.items()):
        make_png(root / images / f"{stem}.png", seed + number)
        if text is not None:
            (root / labels).mkdir(parents=True, exist_ok=True)
            (root / labels / f"{stem}.txt").write_text(text)


TEXTS: dict[str, str | None] = {"a": LINE, "b": "", "c": None}


@pytest.mark.parametrize(
    ("images", "labels"),
    [("images", "labels"), (".", "."), (".", "labels"), ("obj_train_data", "obj_train_data")],
)
def test_images_and_text_files_are_boxes_and_none_or_an_empty_one_says_no_finding(
    tmp_path: Path, images: str, labels: str
) -> None:
    make_yolo(tmp_path, images, labels, TEXTS)
    (tmp_path / "data.yaml").write_text("names: [nodule, mass]\n")
    index = index_data(tmp_path)
    assert (index.layout, index.task.labels) == ("yolo", ("nodule",))
    cases = {Path(name).stem: entry for name, entry in by_name(index).items()}
    ((label, low, high),) = boxes_of(cases["a"])
    assert label == "nodule"
    np.testing.assert_allclose((low, high), [(-0.5, 3.1), (3.5, 4.9)])
    assert cases["b"].target == cases["c"].target == BoxesTarget(())
    told = "\n".join(index.notes)
    assert "1 images have no file of boxes" in told
    assert "no box is of mass" in told


@pytest.mark.parametrize("form", ["images/{}|labels/{}", "{}/images|{}/labels"])
def test_folders_tell_the_parts_and_one_without_any_boxes_waits_unlabelled(
    tmp_path: Path, form: str
) -> None:
    for number, part in enumerate(("train", "valid", "test")):
        images, labels = form.format(part, part).split("|")
        texts = dict.fromkeys(TEXTS) if part == "test" else TEXTS
        named = {f"{part}{stem}": text for stem, text in texts.items()}
        make_yolo(tmp_path, images, labels, named, 10 * number)
    index = index_data(tmp_path)
    assert Counter(entry.split for entry in index.entries) == {"train": 3, "validation": 3}
    assert len(index.unlabelled) == 3


def test_the_yaml_file_leads_to_its_folder(tmp_path: Path) -> None:
    make_yolo(tmp_path, "images", "labels", TEXTS)
    (tmp_path / "mine.yaml").write_text("names: {0: nodule}\n")
    index = index_data(tmp_path / "mine.yaml")
    assert (len(index), index.task.labels) == (3, ("nodule",))


def test_without_names_the_numbers_are_the_labels_and_it_is_said(tmp_path: Path) -> None:
    make_yolo(tmp_path, "images", "labels", {"a": "3 0.5 0.5 0.1 0.1\n", "b": LINE})
    index = index_data(tmp_path)
    assert index.task.labels == ("0", "3")
    assert any("called by their numbers" in note for note in index.notes)


def test_a_line_that_fits_neither_form_leaves_its_image_out_with_file_and_line(
    tmp_path: Path,
) -> None:
    make_yolo(tmp_path, "images", "labels", {"a": LINE, "b": LINE + "0 1 2\n"})
    index = index_data(tmp_path)
    assert [entry.name for entry in index.entries] == ["images/a.png"]
    assert "b.txt: Line 2 is neither" in index.skipped[0].reason
    (tmp_path / "labels" / "a.txt").write_text("0 40 40 10 10\n")
    with pytest.raises(LabelError, match="no shares"):
        index_data(tmp_path, IndexOptions(task="detection"))


def test_boxes_without_an_image_are_told(tmp_path: Path) -> None:
    make_yolo(tmp_path, "images", "labels", {"a": LINE})
    (tmp_path / "labels" / "z.txt").write_text(LINE)
    assert [one.reason for one in index_data(tmp_path).skipped] == ["boxes without an image"]


def test_a_folder_of_boxes_and_of_masks_is_asked_about_in_one_line(tmp_path: Path) -> None:
    make_yolo(tmp_path, "images", "labels", {"a": LINE, "b": LINE})
    for stem in "ab":
        make_png(tmp_path / "labels" / f"{stem}.png", 50)
    with pytest.raises(FileError, match="got: yolo and mask-folders") as caught:
        index_data(tmp_path)
    assert "--task detection" in str(caught.value)


def test_reports_beside_images_are_no_boxes(tmp_path: Path) -> None:
    make_yolo(tmp_path, "one", "one", {"a": "the lung is clear"})
    make_yolo(tmp_path, "two", "two", {"b": "a mass is seen"}, 5)
    assert index_data(tmp_path).layout == "class-folder"
