"""Ultrasound: speckle statistics, attenuation, gain, display and scan conversion."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from scanwright.phantom.ultrasound import (
    Tissue,
    UltrasoundSetting,
    beam_width_mm,
    compensate,
    compress,
    flat_places,
    line_grid,
    one_way_share,
    picture_grid,
    poor_contact,
    received,
    scan_convert,
    spacing_mm,
)

LINEAR = UltrasoundSetting(
    frequency_mhz=7,
    bandwidth=0.6,
    focus_mm=20,
    aperture_mm=10,
    depth_mm=40,
    radius_mm=0,
    width=38,
    gain_db_per_mm=0,
    range_db=55,
    gain_db=0,
    noise_db=200,
)
CURVED = replace(LINEAR, radius_mm=40, width=58)


def uniform(setting, lines=256, loss=0.0):
    depth, _ = line_grid(setting, lines)
    one = np.ones((len(depth), lines), dtype=np.float32)
    return Tissue(one, loss * one, 0 * one)


def test_speckle_of_uniform_scatterers_is_rayleigh():
    envelope = np.abs(received(uniform(LINEAR), LINEAR, default_rng(0)))
    # Mean over standard deviation of a Rayleigh variable: sqrt(π / (4 - π)).
    assert envelope.mean() / envelope.std() == pytest.approx(1.913, rel=0.03)


def test_the_echo_is_an_oscillation_at_the_probes_frequency():
    signal = received(uniform(LINEAR), LINEAR, default_rng(1)).real
    power = (np.abs(np.fft.rfft(signal, axis=0)) ** 2).mean(axis=1)
    frequency = np.fft.rfftfreq(len(signal), 2 * LINEAR.step_mm / 1.54)
    assert (power * frequency).sum() / power.sum() == pytest.approx(7, rel=0.02)


@given(loss=st.floats(0.2, 1.2), frequency=st.floats(4, 9))
def test_amplitude_falls_by_decibels_per_centimetre_and_megahertz(loss, frequency):
    setting = replace(LINEAR, frequency_mhz=frequency)
    share = one_way_share(uniform(setting, 4, loss).loss, setting)
    depth_cm = len(share) * setting.step_mm / 10
    assert -20 * np.log10(share[-1, 0]) == pytest.approx(loss * frequency * depth_cm, rel=1e-3)


def test_echoes_fall_along_depth_at_twice_the_one_way_slope():
    signal = received(uniform(LINEAR, loss=0.5), LINEAR, default_rng(2))
    decibels = 10 * np.log10((np.abs(signal) ** 2).mean(axis=1))
    depth_cm = (np.arange(len(signal)) + 0.5) * LINEAR.step_mm / 10
    inner = slice(50, -50)
    slope = np.polyfit(depth_cm[inner], decibels[inner], 1)[0]
    assert slope == pytest.approx(-2 * 0.5 * 7, rel=0.05)


def test_time_gain_makes_up_for_attenuation():
    setting = replace(LINEAR, gain_db_per_mm=2 * 0.5 * 7 / 10)
    signal = received(uniform(setting, loss=0.5), setting, default_rng(3))
    level = (np.abs(compensate(signal, setting, default_rng(4))) ** 2).mean(axis=1)
    assert level[100:300].mean() == pytest.approx(level[-300:-100].mean(), rel=0.15)


@pytest.mark.parametrize(("inside", "brighter"), [(0.05, True), (1.5, False)])
def test_what_lies_behind_is_enhanced_or_shadowed(inside, brighter):
    tissue = uniform(LINEAR, loss=0.5)
    tissue.loss[300:600, 100:150] = inside
    level = (np.abs(received(tissue, LINEAR, default_rng(5))[650:]) ** 2).mean(axis=0)
    behind, beside = level[110:140].mean(), level[:90].mean()
    decibels = 10 * np.log10(behind / beside)
    expected = 2 * (0.5 - inside) * 7 * 300 * LINEAR.step_mm / 10
    assert (decibels > 0) == brighter
    assert decibels == pytest.approx(expected, abs=1.0)


def test_the_beam_is_narrowest_near_its_focus():
    depth = np.linspace(5, 40, 71)
    width = beam_width_mm(LINEAR, depth)
    assert depth[width.argmin()] == pytest.approx(20, abs=3)


def test_speckle_grows_sideways_with_depth_beyond_the_focus():
    signal = received(uniform(LINEAR), LINEAR, default_rng(6))

    def likeness(rows):
        part = signal[rows]
        return np.abs((part * np.roll(part, 3, axis=1).conj()).mean()) / (np.abs(part) ** 2).mean()

    at_focus, far = len(signal) // 2, len(signal) - 200
    assert likeness(slice(far, None)) > likeness(slice(at_focus - 100, at_focus + 100)) + 0.1


@given(st.floats(1e-3, 10), st.floats(1.01, 3))
def test_compression_is_logarithmic_within_its_range(amplitude, ratio):
    low, high = compress(np.array([amplitude, amplitude * ratio]), LINEAR)
    if low > 0 and high < 1:
        assert high - low == pytest.approx(20 * np.log10(ratio) / LINEAR.range_db, rel=1e-6)
    assert 0 <= low <= high <= 1


def test_a_linear_probe_shows_a_rectangle():
    _, inside = scan_convert(np.ones((1000, 64), dtype=np.float32), LINEAR, 80)
    assert inside.sum(axis=1).max() == pytest.approx(38 / spacing_mm(LINEAR, 80), abs=1)
    assert inside.any(axis=1).all()


def test_a_curved_probe_shows_a_fan_that_widens():
    _, inside = scan_convert(np.ones((1000, 64), dtype=np.float32), CURVED, 128)
    depth, _ = picture_grid(CURVED, 128)
    middle = depth[:, 64]
    shallow, deep = (np.abs(middle - d).argmin() for d in (12, 30))
    assert inside[deep].sum() > inside[shallow].sum()
    assert not inside[0, 0]
    assert not inside[-1, -1]


def test_scan_conversion_puts_an_echo_at_its_depth():
    depth, _ = line_grid(CURVED, 64)
    lines = np.repeat(np.exp(-((depth - 25) ** 2)), 64, axis=1)
    shown, _ = scan_convert(lines, CURVED, 128)
    where, _ = picture_grid(CURVED, 128)
    assert (shown * where).sum() / shown.sum() == pytest.approx(25, abs=0.2)


def test_arcs_at_half_depth_keep_their_length_when_flattened():
    x, _ = flat_places(CURVED, np.array([[20.0]]), np.array([[-29.0, 29.0]]))
    assert x[0, 1] - x[0, 0] == pytest.approx(np.deg2rad(58) * (40 + 20), rel=1e-5)


def test_poor_contact_only_takes_away_and_only_at_the_skin():
    tissue = uniform(LINEAR, 64, 0.5)
    found = [poor_contact(tissue, LINEAR, default_rng(seed)).loss - 0.5 for seed in range(8)]
    assert max(added.max() for added in found) > 0
    assert min(added.min() for added in found) >= 0
    assert all(added[100:].max() == 0 for added in found)
