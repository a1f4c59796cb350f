import json
from pathlib import Path

from scanwright.data import TaskHint, describe, index_data
from scanwright.image import (
    Box,
    BoxesTarget,
    ClassTarget,
    GradeTarget,
    LabelsTarget,
    Modality,
    NumberTarget,
)
from tests.data.builders import (
    made_entry,
    made_index,
    made_mask,
    make_class_folders,
    make_series,
)


def test_classes_parts_sizes_and_sites_are_counted() -> None:
    entries = [
        made_entry(0, ClassTarget("a"), split="train", patient="P", site="X", size=(4, 6)),
        made_entry(1, ClassTarget("a"), split="test", patient="P", site="X", size=(8, 6)),
        made_entry(2, ClassTarget("b"), split="train", size=(5, 9), subgroups={"sex": "F"}),
    ]
    summary = describe(made_index(entries, TaskHint("classes", ("a", "b"))))
    assert summary.labels == {"a": {"train": 1, "test": 1}, "b": {"train": 1, "test": 0}}
    assert (summary.cases, summary.patients, summary.sites) == (3, 1, {"X": 2})
    assert summary.sizes[2].low == (4, 6)
    assert summary.sizes[2].median == (5.0, 6.0)
    assert summary.sizes[2].high == (8, 9)
    assert summary.subgroups == {"sex": {"F": 1}}
    assert summary.modalities == {"unknown": 3}


def test_ranks_are_kept_apart_and_spacing_has_its_range() -> None:
    entries = [
        made_entry(0, size=(4, 6), spacing_mm=(0.5, 0.5)),
        made_entry(1, size=(3, 4, 6), spacing_mm=(2.0, 1.0, 1.0), modality=Modality.CT),
        made_entry(2, size=(3, 4, 6), spacing_mm=(4.0, 1.0, 1.0), modality=Modality.CT),
    ]
    summary = describe(made_index(entries, TaskHint("classes", ())))
    assert set(summary.sizes) == {2, 3}
    assert summary.spacing_mm[3].median == (3.0, 1.0, 1.0)
    assert summary.modalities == {"ct": 2, "unknown": 1}


def test_the_modality_is_asked_for_where_files_do_not_say_it() -> None:
    task = TaskHint("classes", ())
    silent, told = made_entry(0), made_entry(1, modality=Modality.CT)
    assert "no image says" in describe(made_index([silent], task)).notes[-1]
    assert "1 of 2 images do not say" in describe(made_index([silent, told], task)).notes[-1]
    assert "--modality" in describe(made_index([silent], task)).notes[-1]
    assert describe(made_index([told], task)).notes == ()


def test_findings_grades_and_numbers_are_counted() -> None:
    findings = [
        made_entry(0, LabelsTarget(frozenset("ab"))),
        made_entry(1, LabelsTarget(frozenset())),
    ]
    summary = describe(made_index(findings, TaskHint("findings", ("a", "b"))))
    assert summary.labels == {"a": {"": 1}, "b": {"": 1}, "no finding": {"": 1}}
    grades = describe(made_index([made_entry(0, GradeTarget(1))], TaskHint("grade", ("l", "h"))))
    assert grades.labels == {"l": {"": 0}, "h": {"": 1}}
    numbers = [made_entry(n, NumberTarget(value)) for n, value in enumerate((3.0, 1.0, 2.0))]
    summary = describe(made_index(numbers, TaskHint("number", ("x",))))
    assert (summary.labels, summary.number_range) == ({}, (1.0, 2.0, 3.0))


def test_the_summary_of_files_on_disk_adds_up_and_is_json(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"a": 2})
    make_series(tmp_path / "b" / "s", 1, "P1")
    (tmp_path / "a" / "bad.png").touch()
    (tmp_path / "a" / "x.md").write_text("x")
    summary = describe(index_data(tmp_path))
    files = summary.files
    assert files == {"found": 7, "used": 5, "skipped": 1, "other": 1}
    assert summary.other == {"not an image": 1}
    plain = json.loads(json.dumps(summary.to_plain(), allow_nan=False))
    assert plain["sizes"]["3-D"]["low"] == [3, 8, 9]
    assert plain["skipped"][0]["source"].endswith("bad.png")
    assert plain["number_range"] is None


def test_masks_are_counted_by_what_is_outlined() -> None:
    held = [("a", "b"), ("a",), ()]
    entries = [made_entry(n, made_mask(names)) for n, names in enumerate(held)]
    task = TaskHint("segmentation", ("a", "b"))
    summary = describe(made_index(entries, task))
    assert summary.labels == {"a": {"": 2}, "b": {"": 1}, "nothing outlined": {"": 1}}
    unseen = [*entries, made_entry(3, made_mask(None))]
    assert describe(made_index(unseen, task)).labels == {}


def test_boxes_are_counted_by_label_and_images_without_a_finding_by_part() -> None:
    box = Box((0.0, 0.0), (2.0, 5.0), "x")
    entries = [
        made_entry(0, BoxesTarget((box, box)), split="train"),
        made_entry(1, BoxesTarget(()), split="test"),
    ]
    summary = describe(made_index(entries, TaskHint("detection", ("x",))))
    assert summary.labels == {"x": {"train": 1, "test": 0}, "no finding": {"train": 0, "test": 1}}
    assert summary.to_plain()["boxes"] == {
        "x": {"boxes": 2, "images": 1, "longest_px": [5, 5, 5], "longest_mm": None}
    }
