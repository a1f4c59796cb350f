"""What boxes mean in practice."""

from dataclasses import replace

import numpy as np

from scanwright.report import DetectionOutcomes, MeasureOptions, Report, judge
from scanwright.report.box_verdict import box_sentences

from .builders import box_outcomes, invent_detection
from .conftest import bare_split, full_split


def test_the_verdict_tells_findings_against_false_marks() -> None:
    split = bare_split("test", box_outcomes(), np.random.default_rng(0))
    text = "\n".join(box_sentences(split))
    found = split.scores.scores["sensitivity"].value
    false = split.scores.scores["false_per_image"].value
    assert found is not None
    assert f"finds {100 * found:.0f} of 100" in text
    assert f"at {false:.2g} false marks per image" in text
    assert "at least 50 % of the area" in text
    boxes = split.outcomes.boxes
    assert boxes is not None
    true, hits, wrong = boxes.counts
    clean = true == 0
    assert f"{((wrong == 0) & clean).sum()} of {clean.sum()} images without a finding" in text
    assert f"in {((hits > 0) & ~clean).sum()} of {(~clean).sum()} images with" in text
    assert "finds “cyst” best" in "\n".join(judge(Report("t", "p", (split,))).sentences)


def test_volumes_are_told_as_such_and_one_class_by_its_name() -> None:
    cases = tuple(
        replace(
            case,
            boxes=replace(
                case.boxes,
                truth_classes=np.zeros(len(case.boxes.truth), int),
                guess_classes=np.zeros(len(case.boxes.guess), int),
            ),
        )
        for case in invent_detection(40, 3).cases
    )
    outcomes = DetectionOutcomes(("nodule",), cases, (0.4,)).outcomes
    text = "\n".join(box_sentences(bare_split("test", outcomes, np.random.default_rng(0))))
    assert "Of “nodule” it finds" in text
    assert "10 % of the volume" in text


def test_without_a_finding_only_the_clean_images_are_told_of() -> None:
    cases = tuple(case for case in invent_detection().cases if not len(case.boxes.truth))
    outcomes = DetectionOutcomes(("nodule", "cyst"), cases, (0.4, 0.4)).outcomes
    split = bare_split("test", outcomes, np.random.default_rng(0))
    (sentence,) = box_sentences(split)
    assert sentence.endswith(f"of {len(cases)} images without a finding carry no mark.")


def test_other_tasks_have_no_such_sentence() -> None:
    assert box_sentences(full_split("number")) == []
    assert MeasureOptions().level == 0.95
