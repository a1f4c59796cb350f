"""Intervals: coverage, patients instead of cases, honesty at the ends, speed."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from scanwright.base import InputError
from scanwright.metrics import (
    Resamples,
    UndefinedMetric,
    bind_accuracy,
    bind_calibration_error,
    bind_roc_auc,
    bootstrap,
    bootstrap_bca,
    bootstrap_centred,
    bootstrap_difference,
    bootstrap_rate,
    wilson,
)
from scanwright.metrics.statistic import case_mean


@given(st.integers(1, 200), st.data())
def test_wilson_agrees_with_scipy(trials, data):
    hits = data.draw(st.integers(0, trials))
    ours = wilson(hits, trials, 0.9)
    theirs = binomtest(hits, trials).proportion_ci(0.9, method="wilson")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert ours.low <= ours.value <= ours.high


def test_a_proportion_of_nothing_is_undefined():
    with pytest.raises(UndefinedMetric):
        wilson(0, 0)


@pytest.mark.parametrize("method", [bootstrap, bootstrap_bca])
def test_intervals_of_a_mean_cover_the_truth(method):
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(300):
        values = rng.exponential(size=40)
        found = method(case_mean(values), Resamples.draw(range(40), 300, rng))
        hits += found.low <= 1 <= found.high
    assert 0.88 < hits / 300 < 0.98


def test_patients_are_drawn_not_cases():
    rng = np.random.default_rng(1)
    people = rng.normal(size=50)
    cases = np.repeat(people, 10)
    patients = np.repeat(np.arange(50), 10).tolist()
    honest = bootstrap(case_mean(cases), Resamples.draw(patients, 500, rng))
    naive = bootstrap(case_mean(cases), Resamples.draw(range(500), 500, rng))
    alone = bootstrap(case_mean(people), Resamples.draw(range(50), 500, rng))
    assert honest.high - honest.low == pytest.approx(alone.high - alone.low, rel=0.15)
    assert honest.high - honest.low > 2.5 * (naive.high - naive.low)


def test_cases_of_one_patient_are_drawn_together():
    resamples = Resamples.draw(["b", "a", "b", "c"], 50, np.random.default_rng(0))
    weights = np.concatenate(list(resamples.weights()))
    np.testing.assert_array_equal(weights[:, 0], weights[:, 2])
    np.testing.assert_array_equal(weights[:, [0, 1, 3]].sum(axis=1), 3)
    assert resamples.patients == 3


def test_the_same_seed_gives_the_same_interval():
    values = np.random.default_rng(5).normal(size=30)
    first, second = (
        bootstrap(case_mean(values), Resamples.draw(range(30), 100, np.random.default_rng(7)))
        for _ in range(2)
    )
    assert first == second


def test_replicates_without_a_class_are_skipped_and_counted():
    truth = np.array([1] + [0] * 9)
    scores = np.linspace(1, 0, 10)
    resamples = Resamples.draw(range(10), 1000, np.random.default_rng(0))
    found = bootstrap(bind_roc_auc(truth, scores), resamples)
    assert found.skipped == pytest.approx(1000 * 0.9**10, abs=60)
    assert found.value == 1


def test_a_metric_undefined_in_nearly_all_replicates_has_no_interval():
    only = np.zeros((100, 2), dtype=np.uint16)
    only[:, 0] = 2
    with pytest.raises(UndefinedMetric):
        bootstrap(bind_roc_auc([0, 1], [0.1, 0.9]), Resamples(only, np.array([0, 1])))


def test_a_perfect_rate_is_not_certain():
    resamples = Resamples.draw(range(12), 200, np.random.default_rng(0))
    found = bootstrap_rate(case_mean(np.ones(12)), resamples, support=12)
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(wilson(12, 12).low)
    assert "Wilson" in found.method
    usual = bootstrap_rate(case_mean(np.arange(12) % 2), resamples, support=12)
    assert "bootstrap" in usual.method


def test_a_paired_difference_is_sharper_than_two_intervals():
    rng = np.random.default_rng(3)
    easy = rng.random(300)
    first, second = easy > 0.2, easy > 0.26
    resamples = Resamples.draw(range(300), 500, rng)
    gap, p_value = bootstrap_difference(case_mean(first), case_mean(second), resamples)
    assert gap.value == pytest.approx(first.mean() - second.mean())
    assert gap.low > 0
    assert p_value < 0.05
    single = bootstrap(case_mean(first), resamples)
    assert gap.high - gap.low < single.high - single.low
    same, p_same = bootstrap_difference(case_mean(first), case_mean(first), resamples)
    assert (same.value, same.low, same.high, p_same) == (0, 0, 0, 1)


def test_bca_leans_towards_the_long_tail():
    rng = np.random.default_rng(2)
    statistic = case_mean(rng.exponential(size=40) ** 2)
    resamples = Resamples.draw(range(40), 2000, rng)
    plain, better = bootstrap(statistic, resamples), bootstrap_bca(statistic, resamples)
    assert better.low > plain.low
    assert better.high > plain.high


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_that_is_no_share_is_refused(level):
    resamples = Resamples.draw(range(3), 30, np.random.default_rng(0))
    with pytest.raises(InputError):
        bootstrap(case_mean([1.0, 2.0, 3.0]), resamples, level)


def test_a_bootstrap_of_nothing_is_refused():
    with pytest.raises(InputError):
        Resamples.draw([], 100, np.random.default_rng(0))


def test_ten_thousand_cases_take_less_than_two_seconds():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 10_000)
    chance = np.clip(0.5 * rng.random(10_000) + 0.4 * truth, 0, 1)
    scores = np.stack([1 - chance, chance], axis=1)
    start = time.process_time()
    resamples = Resamples.draw(range(10_000), 1000, rng)
    area = bootstrap(bind_roc_auc(truth, chance), resamples)
    right = bootstrap(bind_accuracy(truth, scores), resamples)
    assert time.process_time() - start < 2
    assert area.low < area.value < area.high
    assert right.low < right.value < right.high


def test_a_centred_interval_holds_a_value_that_drawing_inflates():
    rng = np.random.default_rng(0)
    honest = rng.random(400)
    truth = (rng.random(400) < honest).astype(int)
    statistic = bind_calibration_error(truth, np.stack([1 - honest, honest], axis=1))
    resamples = Resamples.draw(range(400), 400, rng)
    inflated, centred = bootstrap(statistic, resamples), bootstrap_centred(statistic, resamples)
    assert np.median(resamples.apply(statistic)) > statistic.value() * 1.1
    assert 0 <= centred.low < statistic.value() < centred.high < inflated.high
