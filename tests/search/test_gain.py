"""Whether a gain is larger than its noise."""

import numpy as np
import pytest

from scanwright.search import measure_gain


def test_a_steady_gain_is_real_and_a_wavering_one_is_not() -> None:
    default = [0.80, 0.82, 0.78, 0.81]
    steady = measure_gain([0.85, 0.87, 0.82, 0.86], default, 0.2)
    assert steady.is_real
    assert steady.low < steady.value < steady.high
    wavering = measure_gain([0.95, 0.72, 0.90, 0.71], default, 0.2)
    assert wavering.value > 0
    assert not wavering.is_real


def test_a_loss_is_no_gain() -> None:
    assert not measure_gain([0.7, 0.71, 0.69], [0.8, 0.81, 0.8], 0.2).is_real


def test_one_pair_proves_nothing() -> None:
    gain = measure_gain([0.9], [0.5], 0.2)
    assert not gain.is_real
    assert gain.to_plain()["low"] is None


def test_overlapping_folds_widen_the_interval_as_the_paper_says() -> None:
    found, default = np.array([0.9, 0.8, 0.85, 0.95]), np.full(4, 0.8)
    plain, corrected = measure_gain(found, default, 0.0), measure_gain(found, default, 0.25)
    ratio = (corrected.high - corrected.low) / (plain.high - plain.low)
    assert ratio == pytest.approx(np.sqrt((1 / 4 + 0.25) / (1 / 4)))


def test_without_overlap_it_is_the_paired_t_test() -> None:
    from scipy.stats import ttest_rel

    rng = np.random.default_rng(0)
    found, default = rng.normal(0.82, 0.02, 8), rng.normal(0.8, 0.02, 8)
    interval = ttest_rel(found, default).confidence_interval(0.90)
    gain = measure_gain(found.tolist(), default.tolist(), 0.0)
    assert (gain.low, gain.high) == pytest.approx((interval.low, interval.high))


def test_chance_alone_is_seldom_taken_for_a_gain() -> None:
    rng = np.random.default_rng(1)
    pairs = rng.normal(0.8, 0.05, (400, 2, 8))
    real = sum(measure_gain(one.tolist(), other.tolist(), 0.0).is_real for one, other in pairs)
    assert real / 400 < 0.09  # 5 % are expected
