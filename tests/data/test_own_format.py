"""Boxes that labelling tools keep for themselves."""

import json
from pathlib import Path

import pytest

from scanwright.base import FileError, LabelError
from scanwright.data import IndexOptions, index_data
from scanwright.data.own_format import refuse_own_format
from scanwright.data.walk import list_files

from .box_builders import make_png

LABELME = {"version": "5.0", "shapes": [{"label": "x", "points": [[1, 2], [3, 4]]}],
           "imagePath": "a.png"}  # fmt: skip
VIA = {"a.png": {"filename": "a.png", "regions": [{"shape_attributes": {"name": "rect", "x": 1}}]}}
STUDIO = [{"annotations": [{"result": [{"value": {"rectanglelabels": ["x"]}}]}]}]
CVAT = '<annotations><image id="0" name="a.png"><box label="x" xtl="1"/></image></annotations>'


@pytest.mark.parametrize(
    ("name", "text", "tool"),
    [
        ("a.json", json.dumps(LABELME), "LabelMe"),
        ("via.json", json.dumps(VIA), "VIA"),
        ("export.json", json.dumps(STUDIO), "Label Studio"),
        ("annotations.xml", CVAT, "CVAT"),
    ],
)
@pytest.mark.parametrize("images", ["images", "."])
def test_a_tools_own_format_is_named_and_the_way_on_is_said(
    tmp_path: Path, name: str, text: str, tool: str, images: str
) -> None:
    make_png(tmp_path / images / "a.png", 7)
    (tmp_path / name).write_text(text)
    for task in ("auto", "detection"):
        with pytest.raises(LabelError, match=f"{tool}'s own format") as caught:
            index_data(tmp_path, IndexOptions.model_validate({"task": task}))
        assert "COCO" in str(caught.value)


def test_numbers_in_pixels_are_not_passed_over(tmp_path: Path) -> None:
    make_png(tmp_path / "images" / "a.png", 7)
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text("\n0 12 20 30 40\n")
    with pytest.raises(LabelError, match="boxes in pixels") as caught:
        index_data(tmp_path)
    assert "0 12 20 30 40 in labels/a.txt" in str(caught.value)
    with pytest.raises(LabelError, match="No image with its boxes") as caught:
        index_data(tmp_path, IndexOptions(task="detection"))
    assert "no shares of the image's size" in str(caught.value)


def test_images_to_predict_and_folders_of_classes_may_have_such_files(tmp_path: Path) -> None:
    for name, grey in (("one", 7), ("two", 9)):
        make_png(tmp_path / name / "a.png", grey)
        (tmp_path / name / "a.json").write_text(json.dumps(LABELME))
    assert index_data(tmp_path).task.labels == ("one", "two")
    assert len(index_data(tmp_path / "one", IndexOptions(unlabelled=True)).entries) == 1


def test_other_text_is_no_box(tmp_path: Path) -> None:
    make_png(tmp_path / "a.png", 7)
    for name, text in (("a.txt", "0 0.5 0.5 0.1 0.1"), ("b.txt", "1 2 3"), ("c.txt", "a b 4 5 6"),
                       ("d.json", "{}"), ("e.txt", "")):  # fmt: skip
        (tmp_path / name).write_text(text)
    refuse_own_format(list_files(tmp_path))


def test_a_coco_file_that_was_cut_short_is_named(tmp_path: Path) -> None:
    make_png(tmp_path / "images" / "a.png", 7)
    (tmp_path / "boxes.json").write_text('{"images": [{"id": 1, "file_name": "a.png"}, {"id"')
    with pytest.raises(FileError, match="The JSON file cannot be read"):
        index_data(tmp_path)
    (tmp_path / "boxes.json").write_text('{"images": [{"id": 1, "file_name": "a.png"}]}')
    with pytest.raises(LabelError, match="not in COCO's format"):
        index_data(tmp_path, IndexOptions(task="detection"))
