"""What cannot be divided is refused before it is."""

from dataclasses import replace

import pytest

from scanwright.base import LabelError, SplitError
from scanwright.data import Entry, MaskBoxes, TaskHint
from scanwright.data.grouping import tagger_for
from scanwright.data.split_checks import (
    check_boxes_to_learn,
    check_enough,
    check_labels,
    check_parts,
)
from scanwright.image import Box, BoxesTarget, ClassTarget
from tests.data.builders import class_index, made_entry, made_index, made_mask

CLASSES = TaskHint("classes", ("a", "b"))
MASKS = TaskHint("segmentation", ("a", "b"))
BOXES = TaskHint("detection", ("x",))


def test_labels_must_differ_but_masks_need_not() -> None:
    index = class_index({"a": 3})
    with pytest.raises(LabelError, match="All cases have the same label"):
        check_labels(index.entries, index)
    with pytest.raises(LabelError, match="No case has a label"):
        check_labels([], index)
    masks = [made_entry(n, made_mask(("a",))) for n in range(3)]
    check_labels(masks, made_index(masks, MASKS))


def test_each_class_needs_a_patient_for_each_part() -> None:
    cases = [made_entry(n, ClassTarget("ab"[n == 0])) for n in range(5)]
    tags = tagger_for(CLASSES, cases)
    groups = [[case] for case in cases]
    check_enough(groups, tags, CLASSES, 1, has_folds=False)
    with pytest.raises(SplitError, match=r'"b" has too few.*fewer --folds'):
        check_enough(groups, tags, CLASSES, 2, has_folds=True)


def test_a_rare_structure_is_no_reason_to_refuse_masks() -> None:
    cases = [made_entry(n, made_mask(("a", "b")[: 1 + (n == 0)])) for n in range(5)]
    groups = [[case] for case in cases]
    check_enough(groups, tagger_for(MASKS, cases), MASKS, 3, has_folds=False)
    with pytest.raises(SplitError, match="too few patients"):
        check_enough(groups, tagger_for(MASKS, cases), MASKS, 6, has_folds=False)


def test_no_part_may_be_empty_or_lack_a_class_to_learn() -> None:
    a, b = made_entry(0, ClassTarget("a")), made_entry(1, ClassTarget("b"))
    check_parts({"train": [a, b], "validation": [a]}, CLASSES)
    with pytest.raises(SplitError, match="validation part"):
        check_parts({"train": [a, b], "validation": []}, CLASSES)
    with pytest.raises(SplitError, match='"b"'):
        check_parts({"train": [a], "validation": [b]}, CLASSES)


def made_boxes(number: int, *labels: str) -> Entry:
    boxes = tuple(Box((0.0, 0.0), (1.0, 1.0), label) for label in labels)
    return made_entry(number, BoxesTarget(boxes))


def test_every_image_may_hold_one_finding_but_one_must() -> None:
    same = [made_boxes(0, "x"), made_boxes(1, "x")]
    check_labels(same, made_index(same, BOXES))
    none = [made_boxes(0), made_boxes(1)]
    with pytest.raises(LabelError, match="No image has a box"):
        check_labels(none, made_index(none, BOXES))


def test_a_set_with_one_finding_may_be_split_where_there_are_patients_enough() -> None:
    groups = [[made_boxes(0, "x")], *([made_boxes(number)] for number in range(1, 4))]
    tags = tagger_for(BOXES, [entry for group in groups for entry in group])
    assert [tags(group[0]) for group in groups] == [["x"], *[["no finding"]] * 3]
    check_enough(groups, tags, BOXES, 3, has_folds=False)
    with pytest.raises(SplitError, match="too few patients"):
        check_enough(groups, tags, BOXES, 5, has_folds=False)
    with pytest.raises(SplitError, match="fewer --folds"):
        check_enough(groups, tags, BOXES, 5, has_folds=True)


def test_boxes_to_learn_from_must_lie_in_a_training_part() -> None:
    task = TaskHint("detection", ("x", "y"))
    silent, both = made_boxes(0), made_boxes(1, "x", "y")
    assert check_boxes_to_learn([[silent, both]], task) == []
    assert check_boxes_to_learn([[silent], [both]], task) == []
    (note,) = check_boxes_to_learn([[silent, made_boxes(2, "x")]], task)
    assert '"y"' in note
    assert "never be found" in note
    with pytest.raises(SplitError, match="No image to learn from has a box"):
        check_boxes_to_learn([[silent], [silent]], task)
    assert check_boxes_to_learn([[made_entry(0, ClassTarget("a"))]], CLASSES) == []


def test_of_boxes_that_are_unread_masks_nothing_is_said() -> None:
    unread = replace(made_entry(0), target=MaskBoxes(made_mask(None), "x"))
    assert check_boxes_to_learn([[unread, made_boxes(1)]], TaskHint("detection", ("x", "y"))) == []
