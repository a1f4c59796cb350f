from pathlib import Path

import pytest

from scanwright.data.box_pairing import (
    BOX_FOLDERS,
    IMAGE_FOLDERS,
    images_by_place,
    part_of,
    place_of,
)

ROOT = Path("root")


@pytest.mark.parametrize(
    ("image", "boxes"),
    [
        ("images/a.png", "labels/a.txt"),
        ("images/train/a.png", "labels/train/a.txt"),
        ("train/images/a.png", "train/labels/a.txt"),
        ("JPEGImages/a.jpg", "Annotations/a.xml"),
        ("a.png", "a.txt"),
        ("a.png", "labels/a.txt"),
    ],
)
def test_an_image_and_its_boxes_share_a_place(image: str, boxes: str) -> None:
    one = place_of(ROOT / image, ROOT, IMAGE_FOLDERS)
    assert one == place_of(ROOT / boxes, ROOT, BOX_FOLDERS)


def test_folders_tell_the_part() -> None:
    assert part_of((("valid",), "a")) == "validation"
    assert part_of((("all",), "a")) == ""


def test_tables_and_unknown_files_are_no_images() -> None:
    files = [ROOT / name for name in ("b.csv", "a.png", "a.jpg", "c.txt", "d.xml")]
    assert images_by_place(files, ROOT) == {((), "a"): ROOT / "a.jpg"}
