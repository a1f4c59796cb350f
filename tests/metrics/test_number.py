"""Numbers: against scikit-learn and numpy."""

import numpy as np
import pytest
from sklearn import metrics as golden

from scanwright.base import LabelError
from scanwright.metrics import (
    UndefinedMetric,
    bind_bias,
    bind_correlation,
    bind_r_squared,
    correlation,
    limits_of_agreement,
    mean_absolute_error,
    r_squared,
    root_mean_square_error,
)

RNG = np.random.default_rng(0)
TRUTH = 60 + 12 * RNG.normal(size=200)
GUESS = TRUTH + 2 + 5 * RNG.normal(size=200)


def test_errors_agree_with_scikit_learn():
    assert mean_absolute_error(TRUTH, GUESS) == pytest.approx(
        golden.mean_absolute_error(TRUTH, GUESS)
    )
    assert root_mean_square_error(TRUTH, GUESS) == pytest.approx(
        golden.root_mean_squared_error(TRUTH, GUESS)
    )
    assert r_squared(TRUTH, GUESS) == pytest.approx(golden.r2_score(TRUTH, GUESS))
    assert correlation(TRUTH, GUESS) == pytest.approx(np.corrcoef(TRUTH, GUESS)[0, 1])


@pytest.mark.parametrize("bind", [bind_r_squared, bind_correlation, bind_bias])
def test_weighting_a_case_is_the_same_as_repeating_it(bind):
    weights = np.random.default_rng(1).integers(0, 4, 200)
    again = np.repeat(np.arange(200), weights)
    assert bind(TRUTH, GUESS).value(weights) == pytest.approx(
        bind(TRUTH[again], GUESS[again]).value()
    )


def test_a_large_offset_loses_no_digits():
    assert correlation(TRUTH + 1e8, GUESS + 1e8) == pytest.approx(correlation(TRUTH, GUESS))
    assert r_squared(TRUTH + 1e8, GUESS + 1e8) == pytest.approx(r_squared(TRUTH, GUESS))


def test_limits_of_agreement_hold_nineteen_of_twenty():
    found = limits_of_agreement(TRUTH, GUESS)
    assert found.bias == pytest.approx(bind_bias(TRUTH, GUESS).value())
    inside = (found.low < GUESS - TRUTH) & (found.high > GUESS - TRUTH)
    assert 0.92 < inside.mean() < 0.98


def test_equal_truths_leave_nothing_to_explain():
    with pytest.raises(UndefinedMetric):
        r_squared([3.1, 3.1, 3.1], [3.0, 3.1, 3.2])
    with pytest.raises(UndefinedMetric):
        correlation([1.0, 2.0, 3.0], [0.1, 0.1, 0.1])
    with pytest.raises(UndefinedMetric):
        limits_of_agreement([1.0], [1.0])


def test_numbers_must_be_finite():
    with pytest.raises(LabelError):
        mean_absolute_error([1.0, np.nan], [1.0, 1.0])
