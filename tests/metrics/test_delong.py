"""DeLong: against structural components written out, and as a test that keeps its level."""

import numpy as np
import pytest

from scanwright.base import ShapeError
from scanwright.metrics import UndefinedMetric, delong_interval, delong_test, roc_auc


def written_out(truth, scores):
    """AUCs and covariance of DeLong 1988, equations 3 to 6, pair by pair."""
    up, down = np.flatnonzero(truth == 1), np.flatnonzero(truth == 0)
    areas, v10, v01 = [], [], []
    for row in scores:
        kernel = np.array(
            [[float(row[i] > row[j]) + (row[i] == row[j]) / 2 for j in down] for i in up]
        )
        areas.append(kernel.mean())
        v10.append(kernel.mean(axis=1))
        v01.append(kernel.mean(axis=0))
    return np.array(areas), np.cov(v10) / len(up) + np.cov(v01) / len(down)


def cohort(seed, count=60, shift=1.0):
    rng = np.random.default_rng(seed)
    truth = (rng.random(count) < 0.4).astype(int)
    truth[:4] = [0, 0, 1, 1]
    common = rng.normal(size=count) + shift * truth
    first = np.round(common + rng.normal(size=count), 1)
    second = np.round(common + 0.7 * rng.normal(size=count), 1)
    return truth, first, second


@pytest.mark.parametrize("seed", range(5))
def test_the_test_agrees_with_the_definition_with_ties(seed):
    truth, first, second = cohort(seed)
    areas, covariance = written_out(truth, [first, second])
    found = delong_test(truth, first, second)
    error = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert (found.first, found.second) == pytest.approx(tuple(areas))
    assert found.z == pytest.approx((areas[0] - areas[1]) / error)
    assert found.difference.high - found.difference.value == pytest.approx(
        1.959964 * error, rel=1e-6
    )


def test_the_auc_is_the_usual_one():
    truth, first, _ = cohort(9)
    assert delong_interval(truth, first).value == pytest.approx(roc_auc(truth, first))


def test_swapping_the_models_changes_the_sign_alone():
    truth, first, second = cohort(2)
    there, back = delong_test(truth, first, second), delong_test(truth, second, first)
    assert there.z == pytest.approx(-back.z)
    assert there.p_value == pytest.approx(back.p_value)


def test_a_model_does_not_differ_from_itself():
    truth, first, _ = cohort(3)
    found = delong_test(truth, first, 2 * first + 1)
    assert (found.z, found.p_value, found.difference.value) == (0, 1, 0)


def test_copies_of_a_patient_add_no_certainty():
    truth, first, second = cohort(5)
    once = delong_test(truth, first, second)
    patients = np.repeat(np.arange(len(truth)), 3)
    thrice = delong_test(
        np.repeat(truth, 3), np.repeat(first, 3), np.repeat(second, 3), patients=patients.tolist()
    )
    naive = delong_test(np.repeat(truth, 3), np.repeat(first, 3), np.repeat(second, 3))
    assert thrice.z == pytest.approx(once.z)
    assert abs(naive.z) > 1.5 * abs(once.z)


def test_a_patient_with_cases_of_both_classes_counts_once():
    rng = np.random.default_rng(1)
    truth = np.tile([0, 1], 40)
    patients = np.repeat(np.arange(40), 2)
    scores = truth + rng.normal(size=80) + np.repeat(rng.normal(size=40), 2)
    paired = delong_interval(truth, scores, patients=patients.tolist())
    apart = delong_interval(truth, scores)
    # Each patient is its own control, so knowing who is who narrows the interval.
    assert paired.high - paired.low < apart.high - apart.low


def test_no_false_alarms_beyond_the_level():
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(400):
        truth = np.arange(80) % 2
        common = rng.normal(size=80) + truth
        found = delong_test(truth, common + rng.normal(size=80), common + rng.normal(size=80))
        alarms += found.p_value < 0.05
    assert 0.02 < alarms / 400 < 0.09


def test_the_interval_covers_the_true_area():
    rng = np.random.default_rng(0)
    true_area = 0.8413447  # normal scores whose means lie sqrt(2) apart: Phi(1)
    hits = 0
    for _ in range(400):
        truth = np.arange(100) % 2
        found = delong_interval(truth, rng.normal(size=100) + np.sqrt(2) * truth)
        hits += found.low <= true_area <= found.high
    assert hits / 400 > 0.92


def test_a_perfect_auc_is_not_certain():
    found = delong_interval([0, 0, 0, 1, 1], [0.1, 0.2, 0.3, 0.8, 0.9])
    assert found.value == found.high == 1
    assert found.low < 0.5
    worst = delong_interval([1, 1, 1, 0, 0], [0.1, 0.2, 0.3, 0.8, 0.9])
    assert worst.value == worst.low == 0
    assert worst.high > 0.5


@pytest.mark.parametrize("truth", [[0, 0, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1]])
def test_a_class_of_less_than_two_patients_is_refused(truth):
    with pytest.raises(UndefinedMetric):
        delong_interval(truth, [0.1, 0.2, 0.3, 0.4])


def test_patients_must_match_the_cases():
    with pytest.raises(ShapeError):
        delong_interval([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], patients=["a"])
