"""COCO results hold boxes in pixels from the corner, and say what their ids stand for."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.workflows.box_scenes import LABELS, in_picture, nothing_in_picture

from scanwright.workflows.coco_results import CocoResults
from scanwright.workflows.findings import Findings

RESULTS = CocoResults(
    LABELS,
    [Findings(nothing_in_picture()), Findings(replace(in_picture(), case="second.png"))],
)


def test_a_box_is_measured_from_the_corner_of_the_picture() -> None:
    sure, doubtful = RESULTS.results()
    # Rows 10 to 19 and columns 30 to 59, both whole: a box of 30 × 10 pixels at (30, 10).
    assert sure == {
        "image_id": 2, "category_id": 2, "bbox": [30.0, 10.0, 30.0, 10.0], "score": 0.9,
    }  # fmt: skip
    assert isinstance(doubtful, dict)
    assert (doubtful["category_id"], doubtful["bbox"]) == (1, [1.5, 0.5, 1.5, 3.0])


def test_ids_are_explained_for_pictures_without_findings_too() -> None:
    plain = RESULTS.images()
    assert plain["images"] == [
        {"id": 1, "file_name": "case.png", "width": 64, "height": 48},
        {"id": 2, "file_name": "second.png", "width": 64, "height": 48},
    ]
    assert plain["categories"] == [{"id": 1, "name": "nodule"}, {"id": 2, "name": "mass"}]


def test_the_two_files_stand_side_by_side(tmp_path: Path) -> None:
    files = RESULTS.write(tmp_path / "found.COCO.json")
    assert [file.name for file in files] == ["found.COCO.json", "found.images.json"]
    assert json.loads(files[0].read_text()) == RESULTS.results()
    assert json.loads(files[1].read_text()) == RESULTS.images()


def test_pycocotools_reads_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coco = pytest.importorskip("pycocotools.coco")
    results, images = RESULTS.write(tmp_path / "found.coco.json")
    loaded = coco.COCO(str(images)).loadRes(str(results))
    capsys.readouterr()
    assert [box["area"] for box in loaded.loadAnns(loaded.getAnnIds(imgIds=[2]))] == [300.0, 4.5]
    assert loaded.getAnnIds(imgIds=[1]) == []
