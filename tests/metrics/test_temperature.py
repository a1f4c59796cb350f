"""Temperature: the minimum is found, limits hold, rankings stay."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import expit, softmax

from scanwright.base import InputError
from scanwright.metrics import (
    expected_calibration_error,
    fit_labels_temperature,
    fit_temperature,
    log_loss,
    scale_classes,
    scale_labels,
)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.floats(0.2, 5))
def test_the_fit_is_the_minimum_of_the_loss(seed, classes, heat):
    rng = np.random.default_rng(seed)
    logits = heat * rng.normal(size=(80, classes))
    truth = np.array([rng.choice(classes, p=p) for p in softmax(rng.normal() * logits, axis=1)])
    found = fit_temperature(truth, logits)
    best = minimize_scalar(
        lambda t: log_loss(truth, softmax(logits / np.exp(t), axis=1)),
        bounds=(np.log(0.05), np.log(20)),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert log_loss(truth, scale_classes(logits, found)) <= best.fun + 1e-9


def test_the_heat_of_a_boasting_network_is_measured():
    rng = np.random.default_rng(0)
    honest = rng.normal(size=(20_000, 3)) * 1.5
    draws = (np.cumsum(softmax(honest, axis=1), axis=1) < rng.random((20_000, 1))).sum(axis=1)
    boasting = 2.5 * honest
    found = fit_temperature(draws, boasting)
    assert found == pytest.approx(2.5, rel=0.05)
    before = expected_calibration_error(draws, scale_classes(boasting, 1))
    after = expected_calibration_error(draws, scale_classes(boasting, found))
    assert after < 0.02 < 0.1 < before


def test_logarithms_of_probabilities_serve_as_logits():
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(100, 3))
    truth = rng.integers(0, 3, 100)
    probabilities = scale_classes(logits, 1)
    assert fit_temperature(truth, np.log(probabilities)) == pytest.approx(
        fit_temperature(truth, logits)
    )


def test_labels_are_fitted_by_one_temperature():
    rng = np.random.default_rng(2)
    honest = rng.normal(size=(5000, 4))
    truth = (rng.random((5000, 4)) < expit(honest)).astype(int)
    assert fit_labels_temperature(truth, 3 * honest) == pytest.approx(3, rel=0.08)


def test_perfect_and_useless_networks_stay_within_limits():
    logits = np.array([[2.0, -2.0], [-3.0, 3.0]])
    assert fit_temperature([0, 1], logits) == pytest.approx(0.05)
    assert fit_temperature([1, 0], logits) == pytest.approx(20)


@given(st.floats(0.05, 20))
def test_scaling_keeps_the_order_and_the_sum(temperature):
    logits = np.array([[1.0, -0.5, 0.2], [800.0, -800.0, 0.0]])
    scaled = scale_classes(logits, temperature)
    assert scaled.sum(axis=1) == pytest.approx(1)
    assert (scaled.argmax(axis=1) == logits.argmax(axis=1)).all()
    expected = expit(logits / temperature)
    np.testing.assert_allclose(scale_labels(logits, temperature), expected, atol=1e-300)


def test_a_temperature_is_above_zero_and_fitted_on_cases():
    with pytest.raises(InputError):
        scale_classes([[1.0, 2.0]], 0)
    with pytest.raises(InputError):
        fit_temperature(np.zeros(0, dtype=int), np.zeros((0, 2)))
