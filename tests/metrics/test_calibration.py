"""Calibration: against scikit-learn and against the definition written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as golden

from scanwright.base import InputError
from scanwright.metrics import (
    bind_labels_brier,
    bind_labels_calibration_error,
    bind_labels_log_loss,
    bind_mass_calibration_error,
    brier_score,
    equal_mass_edges,
    equal_width_edges,
    expected_calibration_error,
    log_loss,
    reliability_curve,
    wilson,
)


def cases(classes, count=400, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, count)
    logits = 2 * rng.normal(size=(count, classes)) + 1.5 * np.eye(classes)[truth]
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return truth, scores


def written_out_error(happened, stated, bins):
    """Guo 2017, equation 3, bin by bin."""
    error = 0.0
    for index in range(bins):
        low, high = index / bins, (index + 1) / bins
        inside = (stated > low) & (stated <= high)
        if index == 0:
            inside |= stated == 0
        if inside.any():
            error += inside.mean() * abs(happened[inside].mean() - stated[inside].mean())
    return error


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_brier_and_log_loss_agree_with_scikit_learn(classes):
    truth, scores = cases(classes)
    names = list(range(classes))
    expected = golden.brier_score_loss(truth, scores, labels=names, scale_by_half=True)
    assert brier_score(truth, scores) == pytest.approx(expected)
    assert log_loss(truth, scores) == pytest.approx(golden.log_loss(truth, scores, labels=names))


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_calibration_error_agrees_with_its_definition(bins):
    truth, scores = cases(2)
    expected = written_out_error(truth, scores[:, 1], bins)
    assert expected_calibration_error(truth, scores, bins) == pytest.approx(expected)
    truth, scores = cases(4)
    right = scores.argmax(axis=1) == truth
    expected = written_out_error(right, scores.max(axis=1), bins)
    assert expected_calibration_error(truth, scores, bins) == pytest.approx(expected)


def test_scores_of_labels_are_means_over_labels():
    rng = np.random.default_rng(1)
    truth, scores = rng.integers(0, 2, (100, 3)), rng.random((100, 3))
    columns = [(truth[:, k], scores[:, k]) for k in range(3)]
    brier = np.mean([golden.brier_score_loss(*column) for column in columns])
    loss = np.mean([golden.log_loss(*column) for column in columns])
    error = np.mean([written_out_error(*column, 15) for column in columns])
    assert bind_labels_brier(truth, scores).value() == pytest.approx(brier)
    assert bind_labels_log_loss(truth, scores).value() == pytest.approx(loss)
    assert bind_labels_calibration_error(truth, scores).value() == pytest.approx(error)


def test_a_sure_error_has_a_finite_loss():
    assert log_loss([0], [[0.0, 1.0]]) == pytest.approx(-np.log(1e-15))


def test_honest_probabilities_have_little_error_and_boasting_ones_much():
    rng = np.random.default_rng(2)
    honest = rng.random(20_000)
    truth = (rng.random(20_000) < honest).astype(int)
    boasting = honest**3 / (honest**3 + (1 - honest) ** 3)
    pair = [np.stack([1 - p, p], axis=1) for p in (honest, boasting)]
    assert expected_calibration_error(truth, pair[0]) < 0.02
    assert expected_calibration_error(truth, pair[1]) > 0.1
    assert bind_mass_calibration_error(truth, pair[0]).value() < 0.02
    assert bind_mass_calibration_error(truth, pair[1]).value() > 0.1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(1, 12))
def test_bins_of_equal_mass_hold_every_case_once(stated, bins):
    edges = equal_mass_edges(stated, bins)
    found = reliability_curve(np.ones(len(stated), dtype=int), stated, edges)
    assert sum(part.cases for part in found) == len(stated)
    assert len(edges) <= bins + 1


def test_bins_of_equal_mass_are_equal_where_all_values_differ():
    stated = np.random.default_rng(0).random(100)
    found = reliability_curve(np.zeros(100, dtype=int), stated, equal_mass_edges(stated, 10))
    assert [part.cases for part in found] == [10] * 10


def test_the_reliability_curve_counts_what_happened():
    stated = [0.05, 0.1, 0.15, 0.95, 1.0, 0.0]
    happened = [0, 1, 0, 1, 1, 0]
    first, second, last = reliability_curve(happened, stated, equal_width_edges(10))
    # 0.1 lies in (0, 0.1], with 0 and 0.05.
    assert (first.cases, second.cases, last.cases) == (3, 1, 2)
    assert first.predicted == pytest.approx(0.05)
    assert first.observed == pytest.approx(1 / 3)
    assert (first.observed_low, first.observed_high) == (wilson(1, 3).low, wilson(1, 3).high)
    assert last.observed == 1


def test_no_bins_are_refused():
    with pytest.raises(InputError):
        equal_width_edges(0)
