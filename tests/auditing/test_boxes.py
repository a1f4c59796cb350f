"""Spoilt boxes are found, and sound ones are left alone."""

from dataclasses import replace

import numpy as np
import pytest

from scanwright.auditing import CHECKS, Finding, NotChecked, Severity, examine
from scanwright.auditing.survey import Survey, label_words
from scanwright.data import BoxFault, BoxFlaw, TaskHint
from scanwright.image import Box, BoxesTarget
from tests.auditing.builders import bodies, survey_of

TASK = TaskHint("detection", ("mass", "nodule"))
SOUND = 12


def box(down: float = 10, right: float = 10, edge: float = 12, label: str = "mass") -> Box:
    return Box((down, right), (down + edge, right + edge), label)


def survey(changed: dict[int, tuple[Box, ...]], *flaws: BoxFlaw) -> Survey:
    """Survey sound cases, one without a finding, with the boxes of some of them changed."""
    sound = {n: (box(10 + n, label="mass" if n % 2 else "nodule"),) for n in range(SOUND)}
    boxes = {**sound, SOUND: (), **changed}
    targets = [BoxesTarget(boxes[n]) for n in sorted(boxes)]
    made = survey_of(bodies(len(targets)), task=TASK, targets=targets)
    return replace(made, index=replace(made.index, box_flaws=flaws))


def found(one: Survey) -> dict[str, Finding]:
    return {finding.kind: finding for finding in examine(one).findings}


def test_sound_boxes_give_no_finding() -> None:
    assert not [kind for kind in found(survey({})) if kind.startswith("box")]


def test_faults_of_reading_are_told_by_kind_with_their_cases() -> None:
    flaws = [BoxFlaw("case 001", "mass", fault) for fault in (BoxFault.OUTSIDE, BoxFault.CUT)]
    told = CHECKS["box-faults"].run(survey({}, *flaws))
    assert [one.severity for one in told] == [Severity.NOTE, Severity.WARNING]
    assert "lies outside its image and is left out (case 001)" in told[1].what


def test_a_box_twice_and_nearly_twice() -> None:
    near = Box((10.0, 10.0), (22.0, 22.5), "mass")
    one = found(survey({3: (box(), box(), near)}))["box-copies"]
    assert one.what == "2 boxes are there twice: 1 exactly, 1 nearly."
    assert one.cases == ("case 003",)


def test_readers_that_disagree_within_an_image_and_between_lists() -> None:
    clash = (box(), box(11, label="nodule"))
    alone = BoxFlaw("case 005", "mass", BoxFault.TWICE)
    one = found(survey({3: clash}, alone))["box-readers"]
    assert one.cases == ("case 003", "case 005")
    assert one.words["case 003"] == "“mass” and “nodule” in one place"
    assert one.words["case 005"] == "1 box in only one of its lists"


def test_a_box_over_the_whole_image() -> None:
    one = found(survey({3: (Box((-0.5, -0.5), (63.5, 63.0), "mass"),)}))["box-full"]
    assert one.words["case 003"] == "a box covers 99% of the image"


def test_a_click_and_a_box_far_smaller_than_its_like() -> None:
    assert found(survey({3: (box(edge=1.5),)}))["box-tiny"].cases == ("case 003",)
    large = {n: (box(1, 1, 50),) for n in range(SOUND)}
    one = found(survey({**large, 3: (box(edge=4),)}))["box-tiny"]
    assert one.words["case 003"] == "“mass”: 4 elements long"


def test_one_finding_in_the_whole_set_and_a_set_without_empty_images() -> None:
    rare = {n: (box(10 + n),) for n in range(SOUND)} | {0: (box(label="nodule"),)}
    told = CHECKS["box-labels"].run(survey(rare))
    assert told[0].severity is Severity.ALARM
    assert "nodule: 1" in told[0].what
    assert "There are 11 boxes of “mass” for each of “nodule”." in [one.what for one in told]
    full = survey({SOUND: (box(label="nodule"),)})
    assert "Every image has a finding." in [one.what for one in CHECKS["box-labels"].run(full)]


def test_the_checks_are_for_boxes_alone() -> None:
    classes = survey_of(bodies(4), ["a", "b", "a", "b"])
    with pytest.raises(NotChecked, match="no boxes"):
        CHECKS["box-full"].run(classes)
    assert not [one for one in examine(classes).findings if one.kind.startswith("box")]


def test_one_picture_with_other_boxes_is_a_contradiction() -> None:
    arrays = [*bodies(3)]
    arrays.append(np.array(arrays[0]))
    targets = [BoxesTarget((box(n),)) for n in range(4)]
    made = survey_of(arrays, task=TASK, targets=targets)
    assert found(made)["contradictions"].cases == ("case 000", "case 003")


def test_boxes_in_words_are_counted_by_label() -> None:
    made = survey({3: (box(), box(30), box(label="nodule"))})
    assert label_words(made.entries[3], TASK.labels) == "2 × mass, 1 × nodule"
    assert label_words(made.entries[SOUND], TASK.labels) == "no finding"
