"""Operating points: the best cut among all cuts, in the middle of its gap."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.base import InputError, ShapeError
from scanwright.metrics import (
    UndefinedMetric,
    bind_sensitivity_at,
    decide_classes,
    decide_labels,
    sensitivity_at,
    sensitivity_point,
    specificity_point,
    youden_point,
)


@st.composite
def binary_cases(draw):
    count = draw(st.integers(2, 30))
    truth = np.array(draw(st.lists(st.integers(0, 1), min_size=count, max_size=count)))
    truth[:2] = [0, 1]
    scores = draw(st.lists(st.floats(0, 1), min_size=count, max_size=count))
    return truth, np.array(scores)


def rates(truth, scores, threshold):
    called = scores >= threshold
    return called[truth == 1].mean(), (~called)[truth == 0].mean()


def all_rates(truth, scores):
    cuts = [*np.unique(scores), np.inf]
    return np.array([rates(truth, scores, cut) for cut in cuts])


@given(binary_cases())
def test_youden_finds_the_highest_sum_and_states_its_rates(cases):
    truth, scores = cases
    point = youden_point(truth, scores)
    assert rates(truth, scores, point.threshold) == pytest.approx(
        (point.sensitivity, point.specificity)
    )
    best = all_rates(truth, scores).sum(axis=1).max()
    assert point.sensitivity + point.specificity == pytest.approx(best)


@given(binary_cases(), st.floats(0.05, 1))
def test_targets_are_met_at_the_least_cost(cases, target):
    truth, scores = cases
    table = all_rates(truth, scores)
    point = sensitivity_point(truth, scores, target)
    assert point.sensitivity >= target - 1e-9
    met = table[table[:, 0] >= target - 1e-12]
    assert point.specificity == pytest.approx(met[:, 1].max())
    assert rates(truth, scores, point.threshold) == pytest.approx(
        (point.sensitivity, point.specificity)
    )
    other = specificity_point(truth, scores, target)
    met = table[table[:, 1] >= target - 1e-12]
    assert other.specificity >= target - 1e-9
    assert other.sensitivity == pytest.approx(met[:, 0].max())


def test_the_threshold_lies_midway_in_the_widest_gap():
    point = youden_point([0, 0, 1, 1], [0.1, 0.3, 0.7, 0.9])
    assert point.threshold == pytest.approx(0.5)


def test_full_sensitivity_leaves_room_below_the_lowest_positive():
    point = sensitivity_point([1, 0, 1], [0.2, 0.5, 0.9], 1)
    assert 0 < point.threshold < 0.2
    assert (point.sensitivity, point.specificity) == (1, 0)


def test_full_specificity_may_call_nobody_positive():
    point = specificity_point([1, 0, 1], [0.2, 0.95, 0.9], 1)
    assert 0.95 < point.threshold < 1
    assert (point.sensitivity, point.specificity) == (0, 1)


def test_neighbouring_floats_are_still_parted():
    lower = 0.5
    upper = np.nextafter(lower, 1)
    point = youden_point([0, 1], [lower, upper])
    assert (point.sensitivity, point.specificity) == (1, 1)
    assert lower < point.threshold <= upper


@pytest.mark.parametrize("truth", [[0, 0], [1, 1]])
def test_one_class_alone_has_no_operating_point(truth):
    with pytest.raises(UndefinedMetric):
        youden_point(truth, [0.1, 0.2])


@pytest.mark.parametrize("target", [0, 1.5, 95])
def test_a_target_is_a_share(target):
    with pytest.raises(InputError):
        sensitivity_point([0, 1], [0.1, 0.2], target)


def test_decisions():
    scores = np.array([[0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])
    assert decide_classes(scores).tolist() == [0, 0, 1]
    assert decide_classes(scores, 0.4).tolist() == [1, 0, 1]
    assert decide_labels(scores, [0.65, 0.4]).tolist() == [
        [False, True],
        [True, False],
        [False, True],
    ]
    with pytest.raises(ShapeError):
        decide_classes(np.full((2, 3), 1 / 3), 0.4)


@given(binary_cases(), st.floats(0.05, 1))
def test_sensitivity_at_a_specificity_is_the_best_of_all_cuts(cases, target):
    truth, scores = cases
    every = all_rates(truth, scores)
    best = every[every[:, 1] >= target - 1e-9, 0].max()
    assert sensitivity_at(truth, scores, target) == pytest.approx(best)


@given(binary_cases(), st.lists(st.integers(0, 3), min_size=30, max_size=30))
def test_a_weight_is_the_same_as_having_the_case_so_often(cases, weights):
    truth, scores = cases
    counts = np.array(weights[: len(truth)])
    counts[:2] += 1
    repeated = sensitivity_at(np.repeat(truth, counts), np.repeat(scores, counts), 0.9)
    assert bind_sensitivity_at(truth, scores, 0.9).value(counts) == pytest.approx(repeated)


def test_sensitivity_at_a_specificity_needs_both_classes():
    with pytest.raises(UndefinedMetric):
        sensitivity_at([1, 1], [0.1, 0.2], 0.9)
    with pytest.raises(UndefinedMetric):
        sensitivity_at([0, 0], [0.1, 0.2], 0.9)
    with pytest.raises(InputError):
        sensitivity_at([0, 1], [0.1, 0.2], 0.0)
