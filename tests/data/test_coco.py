from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from scanwright.base import FileError, LabelError
from scanwright.data import IndexOptions, index_data
from scanwright.image import BoxesTarget

from .box_builders import boxes_of, by_name, coco_content, make_coco, write_json
from .builders import make_png, make_table

BOXES = {"a.png": [("x", 1, 2, 3, 4)], "b.png": [], "c.png": [("y", 0, 0, 9, 8), ("x", 0, 0, 1, 1)]}


def test_a_folder_with_a_coco_file_gives_boxes_in_index_units(tmp_path: Path) -> None:
    make_coco(tmp_path, BOXES)
    index = index_data(tmp_path)
    assert (index.layout, index.task.kind, index.task.labels) == ("coco", "detection", ("x", "y"))
    cases = by_name(index)
    assert boxes_of(cases["a.png"]) == [("x", (1.5, 0.5), (5.5, 3.5))]
    assert cases["b.png"].target == BoxesTarget(())
    assert boxes_of(cases["c.png"])[0] == ("y", (-0.5, -0.5), (7.5, 8.5))
    assert index.files.used == 3
    assert "3 images with 3 boxes (x, y), 1 of them without a finding" in index.described


@pytest.mark.parametrize(
    ("file", "images"),
    [
        ("boxes.json", "images"),
        ("annotations/boxes.json", "images"),
        ("annotations/boxes.json", "far/away"),
        ("annotations/instances_train2017.json", "train2017"),
        ("annotations/train.json", "images/train"),
    ],
)
def test_images_are_found_where_tools_put_them(tmp_path: Path, file: str, images: str) -> None:
    make_coco(tmp_path, BOXES, file=file, images=images)
    assert len(index_data(tmp_path)) == 3


@pytest.mark.parametrize(
    "files",
    [
        ("train/_annotations.coco.json", "valid/_annotations.coco.json"),
        ("annotations/instances_train.json", "annotations/instances_val.json"),
        ("coco_train.json", "coco_validation.json"),
    ],
)
def test_the_names_of_files_and_folders_tell_the_parts(
    tmp_path: Path, files: tuple[str, str]
) -> None:
    for number, file in enumerate(files):
        boxes = {f"{number}{name}": many for name, many in BOXES.items()}
        images = str(Path(file).parent) if "/_" in file else "images"
        make_coco(tmp_path, boxes, file=file, images=images, first_seed=10 * number)
    index = index_data(tmp_path)
    assert Counter(entry.split for entry in index.entries) == {"train": 3, "validation": 3}


def test_a_file_by_itself_is_taken_and_a_lone_part_is_no_split(tmp_path: Path) -> None:
    make_coco(tmp_path, BOXES, file="coco_test.json")
    index = index_data(tmp_path / "coco_test.json")
    assert {entry.split for entry in index.entries} == {""}
    assert len(index) == 3


def test_captions_and_key_points_of_the_same_images_are_passed_over(tmp_path: Path) -> None:
    make_coco(tmp_path, BOXES, file="annotations/instances_all.json", images="images")
    write_json(tmp_path / "annotations/person_keypoints_all.json", coco_content({"a.png": []}))
    index = index_data(tmp_path)
    assert index.box_flaws == ()
    assert len(index) == 3


def test_an_image_of_another_size_than_stated_is_left_out_with_both_sizes(tmp_path: Path) -> None:
    content = coco_content(BOXES)
    for name in BOXES:
        make_png(tmp_path / name, len(name))
    content["images"][0]["width"] = 18
    write_json(tmp_path / "boxes.json", content)
    index = index_data(tmp_path)
    assert len(index) == 2
    assert "8 × 18, and it has 8 × 9" in index.skipped[0].reason


def test_faulty_boxes_are_told_and_the_others_used(tmp_path: Path) -> None:
    boxes = {
        "a.png": [("x", -2, 0, 4, 4), ("x", 20, 0, 4, 4), ("x", 3, 3, 0, 2), ("x", 1, 1, 1, 1)]
    }
    make_coco(tmp_path, boxes)
    index = index_data(tmp_path)
    assert boxes_of(index.entries[0]) == [
        ("x", (-0.5, -0.5), (3.5, 1.5)),
        ("x", (0.5, 0.5), (1.5, 1.5)),
    ]
    told = "\n".join(index.notes)
    assert "1 box reaches beyond its image and is cut to it: a.png" in told
    assert "1 box lies outside its image and is left out: a.png" in told
    assert "1 box has no area and is left out: a.png" in told


def test_labels_that_differ_in_case_are_refused_or_merged_as_classes_are(tmp_path: Path) -> None:
    make_coco(
        tmp_path, {"a.png": [("Mass", 1, 1, 2, 2), ("mass", 3, 3, 2, 2), ("mass", 0, 0, 1, 1)]}
    )
    with pytest.raises(LabelError, match="differ only in case"):
        index_data(tmp_path)
    index = index_data(tmp_path, IndexOptions(merge_spellings=True))
    assert index.task.labels == ("mass",)
    assert index.task.spellings == (("Mass", "mass"),)


def test_files_that_are_not_there_and_images_not_named_are_accounted_for(tmp_path: Path) -> None:
    make_coco(tmp_path, BOXES)
    (tmp_path / "a.png").unlink()
    make_png(tmp_path / "more.png", 99)
    index = index_data(tmp_path)
    assert [one.source for one in index.skipped] == ["boxes.json: a.png"]
    assert {one.reason for one in index.files.other} == {"the boxes", "not named by the COCO file"}


def test_a_table_beside_tells_patients(tmp_path: Path) -> None:
    make_coco(tmp_path, BOXES)
    make_table(tmp_path / "about.csv", "file,patient", ["a.png,P1", "b.png,P1", "c.png,P2"])
    assert by_name(index_data(tmp_path))["b.png"].patient == "P1"


def test_masks_beside_boxes_are_asked_about(tmp_path: Path) -> None:
    make_coco(tmp_path, BOXES, images="images")
    for name in BOXES:
        make_png(tmp_path / "masks" / name, 5)
    with pytest.raises(FileError, match="several layouts") as caught:
        index_data(tmp_path)
    assert "--task detection" in str(caught.value)
    assert index_data(tmp_path, IndexOptions(task="detection")).layout == "coco"


def test_a_set_without_any_box_is_refused(tmp_path: Path) -> None:
    make_coco(tmp_path, {"a.png": []})
    with pytest.raises(LabelError, match="No image has a box"):
        index_data(tmp_path)


def test_ten_thousand_boxes_in_one_image_are_read(tmp_path: Path) -> None:
    make_coco(tmp_path, {"a.png": [("x", n % 9, n % 8, 0.001, 0.5) for n in range(10_000)]})
    assert len(boxes_of(index_data(tmp_path).entries[0])) == 10_000


def test_real_boxes_of_brain_tumours_are_counted(shared_data: Callable[[str], Path]) -> None:
    index = index_data(shared_data("detection/brain_mri_br35h"))
    cases = Counter(entry.split for entry in index.entries)
    boxes = Counter(entry.split for entry in index.entries for _ in boxes_of(entry))
    assert cases == {"train": 500, "validation": 201, "test": 100}
    assert boxes == {"train": 564, "validation": 240, "test": 127}
    assert index.box_flaws == ()


def test_a_file_that_lies_elsewhere_is_given_with_labels(tmp_path: Path) -> None:
    make_coco(tmp_path / "set", BOXES, file="boxes.json")
    (tmp_path / "set" / "boxes.json").rename(tmp_path / "train.json")
    index = index_data(tmp_path / "set", IndexOptions(labels=tmp_path / "train.json"))
    assert (index.layout, len(index)) == ("coco", 3)
