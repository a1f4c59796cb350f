from pathlib import Path

import numpy as np
import pytest

from scanwright.base import FileError, LabelError
from scanwright.data.box_flaw import BoxFault
from scanwright.data.coco_file import may_be_coco, read_coco

from .box_builders import coco_content, write_json


def test_a_box_goes_from_its_left_edge_to_left_plus_width(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.json", coco_content({"a.png": [("x", 2, 1, 3, 4)]}))
    (image,) = read_coco(path).images
    assert image.size == (8, 9)
    assert image.given.edges.tolist() == [[[1, 5], [2, 5]]]
    assert may_be_coco(path)


def test_without_a_box_its_polygon_gives_it_and_without_both_it_is_no_number(
    tmp_path: Path,
) -> None:
    content = coco_content({"a.png": [("x", 0, 0, 1, 1), ("x", 0, 0, 1, 1)]})
    one, other = content["annotations"]
    del one["bbox"]
    one["segmentation"] = [[1, 2, 5, 2, 5, 7], [3, 0, 4, 1, 3, 1]]
    other["bbox"] = []
    (image,) = read_coco(write_json(tmp_path / "a.json", content)).images
    assert image.given.edges[0].tolist() == [[0, 7], [1, 5]]
    assert np.isnan(image.given.edges[1]).all()


def test_a_crowd_is_told_and_left_out(tmp_path: Path) -> None:
    content = coco_content({"a.png": [("x", 0, 0, 1, 1)]})
    content["annotations"][0]["iscrowd"] = 1
    (image,) = read_coco(write_json(tmp_path / "a.json", content)).images
    assert len(image.given) == 0
    assert image.flaws == (("x", BoxFault.CROWD),)


def test_what_a_file_lacks_is_said(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.json", {"images": [], "shapes": []})
    assert not may_be_coco(path)
    with pytest.raises(LabelError, match="annotations, categories is lacking"):
        read_coco(path)
    with pytest.raises(LabelError, match="not in COCO's format"):
        read_coco(write_json(tmp_path / "list.json", [1, 2]))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_what_is_no_json_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    assert not may_be_coco(path)
    with pytest.raises(FileError, match="cannot be read"):
        read_coco(path)


def test_an_unknown_category_a_twin_and_a_nameless_image_are_refused(tmp_path: Path) -> None:
    content = coco_content({"a.png": [("x", 0, 0, 1, 1)], "b.png": []})
    content["annotations"][0]["category_id"] = 7
    with pytest.raises(LabelError, match="unknown category"):
        read_coco(write_json(tmp_path / "a.json", content))
    content["images"][1]["id"] = 0
    with pytest.raises(LabelError, match="one identifier"):
        read_coco(write_json(tmp_path / "a.json", content))
    content["images"] = [{"id": 0}]
    content["annotations"][0]["category_id"] = 1
    with pytest.raises(LabelError, match="no file_name"):
        read_coco(write_json(tmp_path / "a.json", content))


def test_boxes_of_no_image_are_counted(tmp_path: Path) -> None:
    content = coco_content({"a.png": [("x", 0, 0, 1, 1)]})
    content["annotations"][0]["image_id"] = 5
    assert read_coco(write_json(tmp_path / "a.json", content)).lost == 1
