"""Magnetic resonance: the signal equation, Rician noise, and a coil that is smooth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from scanwright.phantom.mri import MriSetting, acquire, coil_bias, spin_echo


def setting(repetition_ms, echo_ms, inversion_ms=0.0):
    return MriSetting(1.5, repetition_ms, echo_ms, inversion_ms, 0.1, 0.02, 220, 5)


@given(
    t1=st.floats(200, 4500),
    t2=st.floats(20, 2000),
    protons=st.floats(0, 1),
    repetition=st.floats(300, 9000),
    echo=st.floats(5, 120),
)
def test_a_spin_echo_follows_its_equation(t1, t2, protons, repetition, echo):
    expected = protons * (1 - np.exp(-repetition / t1)) * np.exp(-echo / t2)
    assert spin_echo(t1, t2, protons, setting(repetition, echo)) == pytest.approx(expected)


def test_an_inversion_at_its_null_silences_a_tissue():
    t1, repetition = 4200.0, 9000.0
    null = t1 * np.log(2 / (1 + np.exp(-repetition / t1)))
    assert spin_echo(t1, 1800, 1, setting(repetition, 100, null)) == pytest.approx(0, abs=1e-12)
    assert spin_echo(700, 80, 0.7, setting(repetition, 100, null)) > 0.1


def test_contrast_turns_with_the_weighting():
    water, white = (4200.0, 1800.0, 1.0), (640.0, 74.0, 0.7)
    assert spin_echo(*water, setting(500, 12)) < spin_echo(*white, setting(500, 12))
    assert spin_echo(*water, setting(4500, 95)) > spin_echo(*white, setting(4500, 95))


def test_background_is_rayleigh_with_its_mean_and_spread():
    noise = acquire(np.zeros((256, 256)), 128, 3.0, default_rng(0))
    assert noise.mean() == pytest.approx(3 * np.sqrt(np.pi / 2), rel=0.02)
    assert noise.std() == pytest.approx(3 * np.sqrt(2 - np.pi / 2), rel=0.03)


def test_a_strong_signal_keeps_its_mean_and_gaussian_noise():
    shown = acquire(np.full((256, 256), 200.0), 128, 4.0, default_rng(1))
    assert shown.mean() == pytest.approx(np.sqrt(200**2 + 4**2), rel=1e-3)
    assert shown.std() == pytest.approx(4, rel=0.03)


def test_a_weak_signal_has_the_second_moment_of_rice():
    shown = acquire(np.full((256, 256), 5.0), 128, 4.0, default_rng(2))
    assert (shown**2).mean() == pytest.approx(5**2 + 2 * 4**2, rel=0.03)


def test_what_is_shown_lies_where_it_is():
    fine = (np.arange(128) - 63.5) / 2
    blob = np.exp(-((fine[:, None] - 7.3) ** 2 + (fine[None] + 4.6) ** 2) / (2 * 3.0**2))
    shown = acquire(blob, 64, 0.0, default_rng(3))
    place = np.arange(64) - 31.5
    weight = shown**2
    assert (weight.sum(axis=1) * place).sum() / weight.sum() == pytest.approx(7.3, abs=0.02)
    assert (weight.sum(axis=0) * place).sum() / weight.sum() == pytest.approx(-4.6, abs=0.02)


@given(spread=st.floats(0.01, 0.5), seed=st.integers(0, 100))
def test_a_coil_is_positive_smooth_and_as_uneven_as_asked(spread, seed):
    bias = coil_bias((1, 64, 64), (5.0, 3.0, 3.0), spread, default_rng(seed))
    assert bias.min() > 0
    assert np.log(bias).std() == pytest.approx(spread, rel=1e-3)
    assert np.abs(np.diff(np.log(bias), axis=-1)).max() < spread
