"""Sensitivity for false boxes per image, against MONAI's."""

import numpy as np
import pytest

from scanwright.metrics import (
    LUNA_RATES,
    CaseBoxes,
    Resamples,
    UndefinedMetric,
    bind_case_auc,
    bind_froc,
    case_scores,
    froc_band,
    froc_curve,
    match_boxes,
    roc_auc,
)
from tests.metrics.box_builders import SETTINGS, invent

NONE = np.zeros((0, 2, 2))
BOX = np.array([[[0.0, 4.0], [0.0, 2.0]]])


def test_the_score_is_that_of_monai() -> None:
    # Made with MONAI 1.6.1: compute_froc_score(*compute_froc_curve_data(false, true, found, cases))
    # of the scores of false and true boxes, a false one of -1 added, for it leaves out the lowest.
    golden = {"plain": 0.30866322432587495, "hundreds": 0.24685479129923574}
    for name, expected in golden.items():
        matches = match_boxes(invent(name), 1)
        assert bind_froc(matches).value() == pytest.approx(expected, abs=1e-12)
        curve = froc_curve(matches, 0)
        on_lines = np.interp(LUNA_RATES, curve.false_per_image, curve.sensitivity)
        assert on_lines.mean() == pytest.approx(expected, abs=1e-12)


def test_the_mean_is_over_classes_with_a_true_box() -> None:
    matches = match_boxes(invent("classes"), 6)
    each = [bind_froc(matches.alone(label)).value() for label in range(4)]
    assert bind_froc(matches).value() == pytest.approx(np.mean(each))


def test_a_case_that_counts_twice_is_the_same_as_two_such_cases() -> None:
    for name, (_, classes, *_) in SETTINGS.items():
        cases = invent(name)
        weights = np.random.default_rng(5).poisson(1, len(cases))
        copied = [case for case, count in zip(cases, weights, strict=True) for _ in range(count)]
        once, many = (match_boxes(part, classes) for part in (cases, copied))
        assert bind_froc(once).value(weights) == pytest.approx(bind_froc(many).value())


def test_further_boxes_on_a_finding_count_neither_way() -> None:
    case = CaseBoxes(BOX, [0], np.repeat(BOX, 5, axis=0), [0] * 5, [0.9, 0.8, 0.7, 0.6, 0.5])
    assert bind_froc(match_boxes([case], 1), [0.125]).value() == 1


def test_a_curve_begins_at_nothing_and_its_band_holds_it() -> None:
    cases = invent("plain")
    matches = match_boxes(cases, 1)
    curve = froc_curve(matches, 0)
    assert (curve.false_per_image[0], curve.sensitivity[0], curve.thresholds[0]) == (0, 0, np.inf)
    assert np.all(np.diff(curve.thresholds) < 0)
    resamples = Resamples.draw(range(len(cases)), 300, np.random.default_rng(0))
    rates = np.geomspace(0.1, 2, 9)
    band = froc_band(matches, 0, rates, resamples)
    middle = np.interp(rates, curve.false_per_image, curve.sensitivity)
    assert np.all((band.low <= middle) & (middle <= band.high))


def test_without_a_true_box_there_is_no_curve() -> None:
    matches = match_boxes([CaseBoxes(NONE, [], BOX, [0], [0.5])], 1)
    resamples = Resamples.draw(["a"], 20, np.random.default_rng(0))
    with pytest.raises(UndefinedMetric):
        bind_froc(matches).value()
    with pytest.raises(UndefinedMetric):
        froc_curve(matches, 0)
    with pytest.raises(UndefinedMetric):
        froc_band(matches, 0, np.array([1.0]), resamples)


def test_cases_are_ranked_by_their_surest_box() -> None:
    cases = [
        CaseBoxes(BOX, [0], BOX, [0], [0.7]),
        CaseBoxes(BOX, [0], NONE, [], []),
        CaseBoxes(NONE, [], np.repeat(BOX, 2, axis=0), [0, 0], [0.2, 0.4]),
        CaseBoxes(NONE, [], NONE, [], []),
    ]
    matches = match_boxes(cases, 1)
    assert case_scores(matches).tolist() == [0.7, 0, 0.4, 0]
    assert bind_case_auc(matches).value() == roc_auc([1, 1, 0, 0], [0.7, 0, 0.4, 0]) == 0.625


def test_a_case_without_a_box_ranks_below_scores_of_any_sign() -> None:
    cases = [CaseBoxes(BOX, [0], BOX, [0], [-3.0]), CaseBoxes(NONE, [], NONE, [], [])]
    assert bind_case_auc(match_boxes(cases, 1)).value() == 1
