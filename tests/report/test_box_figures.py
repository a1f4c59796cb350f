"""Figures of boxes."""

from dataclasses import replace

import numpy as np

from scanwright.metrics import Resamples
from scanwright.report import DetectionOutcomes, MeasureOptions, Outcomes, measure_scores
from scanwright.report.box_figures import (
    box_figures,
    calibration_figure,
    froc_figure,
    parts_figure,
    precision_figure,
)

from .builders import box_outcomes, invent_detection
from .conftest import full_split, invent_numbers


def without_findings() -> Outcomes:
    cases = tuple(case for case in invent_detection().cases if not len(case.boxes.truth))
    return DetectionOutcomes(("nodule", "cyst"), cases, (0.4, 0.4)).outcomes


def draws(outcomes: Outcomes) -> Resamples:
    return Resamples.draw(outcomes.patients, 20, np.random.default_rng(0))


def test_a_split_of_boxes_has_its_figures() -> None:
    figures = {figure.name: figure for figure in full_split("detection").figures}
    assert list(figures) == [
        *("test-froc", "test-box-pr", "test-parts", "test-calibration", "test-roc"),
    ]
    assert "False boxes per image" in figures["test-froc"].svg
    assert "overlap of 0.5" in figures["test-box-pr"].title
    assert figures["test-roc"].title == "ROC curve of cases"
    for figure in figures.values():
        assert "mathdefault" not in figure.svg


def test_what_is_found_is_told_by_size_class_and_place() -> None:
    for rank, words in ((2, ("upper third", "left third", "pixels")), (3, ("third to I", "mm"))):
        outcomes = box_outcomes(40, rank)
        figure = parts_figure("test", outcomes)
        assert figure is not None
        total = int(outcomes.truth[:, 0].sum())
        assert all(word in figure.svg for word in (*words, f"nodule ({total})"))


def test_axes_are_numbered_where_volumes_do_not_lie_alike() -> None:
    first, *others = invent_detection(40, 3).cases
    turned = replace(first, geometry=first.geometry.flipped(0, 20))
    outcomes = DetectionOutcomes(("nodule", "cyst"), (turned, *others), (0.4, 0.4)).outcomes
    figure = parts_figure("test", outcomes)
    assert figure is not None
    assert "first third, axis 1" in figure.svg


def test_without_findings_there_is_nothing_to_draw_but_calibration() -> None:
    outcomes = without_findings()
    scores = measure_scores(outcomes, MeasureOptions(replicates=20), np.random.default_rng(0))
    drawn = [figure for figure in box_figures("test", outcomes, scores, draws(outcomes)) if figure]
    assert [figure.name for figure in drawn] == ["test-calibration"]


def test_other_outcomes_have_no_figures_of_boxes() -> None:
    numbers = invent_numbers()
    assert froc_figure("test", numbers, draws(numbers)) is None
    for figure in (precision_figure, parts_figure, calibration_figure):
        assert figure("test", numbers) is None


def test_networks_that_propose_no_box_at_all_are_drawn() -> None:
    cases = tuple(
        replace(
            case,
            boxes=replace(
                case.boxes,
                guess=case.boxes.guess[:0],
                guess_classes=case.boxes.guess_classes[:0],
                scores=case.boxes.scores[:0],
            ),
        )
        for case in invent_detection().cases
    )
    outcomes = DetectionOutcomes(("nodule", "cyst"), cases, (0.4, 0.4)).outcomes
    scores = measure_scores(outcomes, MeasureOptions(replicates=20), np.random.default_rng(0))
    drawn = [figure for figure in box_figures("test", outcomes, scores, draws(outcomes)) if figure]
    assert [figure.name for figure in drawn][:3] == ["test-froc", "test-box-pr", "test-parts"]
    assert "AP 0.000" in drawn[1].svg


def test_one_class_has_a_band_and_a_dot_for_what_is_shown() -> None:
    found = box_outcomes()
    boxes = found.boxes
    assert boxes is not None
    alone = replace(
        found,
        labels=("nodule",),
        truth=found.truth[:, :1],
        scores=found.scores[:, :1],
        thresholds=(0.4,),
        boxes=boxes.alone(0),
    )
    figure = froc_figure("test", alone, draws(alone))
    assert figure is not None
    assert "what is shown" in figure.svg
    assert "Shaded" in figure.caption
