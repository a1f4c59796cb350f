"""What boxes are measured by."""

from dataclasses import replace

import numpy as np
import pytest

from scanwright.metrics import Resamples, bind_box_average_precision
from scanwright.report import DetectionOutcomes, MeasureOptions, measure_scores, metric_set

from .builders import box_outcomes, invent_detection
from .conftest import invent_numbers

NAMES = ["ap", "ap50", "ap75", "ap10", "froc", "sensitivity", "precision", "false_per_image", "auc"]


def test_every_row_gives_a_value_and_says_what_it_is() -> None:
    for rank in (2, 3):
        outcomes = box_outcomes(40, rank)
        rows = metric_set(outcomes)
        assert [row.name for row in rows] == NAMES
        for row in rows:
            assert np.isfinite(row.bind(outcomes).value())
            assert row.definition.endswith(".")
            if row.support is not None:
                assert 0 < row.support(outcomes) <= outcomes.patient_count
        overlap = {2: "union of 0.5", 3: "union of 0.1"}[rank]
        assert overlap in next(row.definition for row in rows if row.name == "precision")


def test_a_perfect_model_reaches_the_best_value() -> None:
    cases = tuple(
        replace(
            case,
            boxes=replace(
                case.boxes,
                guess=case.boxes.truth,
                guess_classes=case.boxes.truth_classes,
                scores=np.ones(len(case.boxes.truth)),
            ),
        )
        for case in invent_detection().cases
    )
    perfect = DetectionOutcomes(("nodule", "cyst"), cases).outcomes
    for row in metric_set(perfect):
        assert row.bind(perfect).value() == pytest.approx(row.best, abs=1e-9), row.name


def test_scores_have_intervals_over_patients_and_each_class_its_own() -> None:
    outcomes = box_outcomes()
    found = measure_scores(outcomes, MeasureOptions(replicates=40), np.random.default_rng(0))
    assert [row.label for row in found.per_label] == ["nodule", "cyst"]
    assert found.patients == 20
    for score in found.scores.values():
        assert score.value is not None
        assert score.low is not None
        assert score.high is not None
        assert score.low <= score.value <= score.high
    each = [row.scores["ap50"].value for row in found.per_label]
    assert found.scores["ap50"].value == pytest.approx(np.mean(each))
    boxes = outcomes.boxes
    assert boxes is not None
    value = bind_box_average_precision(boxes.matches).value()
    assert found.scores["ap"].value == value
    assert Resamples.draw(outcomes.patients, 1, np.random.default_rng(0)).patients == 20


def test_what_is_not_defined_is_said_and_is_no_error() -> None:
    empty = tuple(
        replace(
            case,
            boxes=replace(
                case.boxes, truth=np.zeros((0, 2, 2)), truth_classes=np.zeros(0), crowd=None
            ),
        )
        for case in invent_detection().cases
    )
    outcomes = DetectionOutcomes(("nodule", "cyst"), empty).outcomes
    found = measure_scores(outcomes, MeasureOptions(replicates=20), np.random.default_rng(0))
    assert found.scores["ap"].value is None
    assert "no true box" in found.scores["ap"].note
    assert found.scores["precision"].value == 0
    assert found.scores["auc"].value is None


def test_other_outcomes_have_no_metrics_of_boxes() -> None:
    assert "ap50" not in [row.name for row in metric_set(invent_numbers())]
