"""Random fields: what scale they have, and that they are drawn and not remembered."""

import numpy as np
import pytest
from numpy.random import default_rng

from scanwright.phantom.field import banded_field, smooth_field


def test_a_smooth_field_has_mean_0_and_spread_1():
    field = smooth_field((40, 60), (1.0, 1.0), 3.0, default_rng(0))
    assert abs(field.mean()) < 1e-5
    assert field.std() == pytest.approx(1, abs=1e-5)


def test_neighbours_of_a_smooth_field_correlate_as_its_formula_says():
    scale, lag = 4.0, 5
    field = smooth_field((512, 512), (1.0, 1.0), scale, default_rng(1))
    measured = (field * np.roll(field, lag, axis=0)).mean()
    assert measured == pytest.approx(np.exp(-(lag**2) / (4 * scale**2)), abs=0.05)


def test_spacing_not_counting_decides_the_scale_of_a_field():
    field = smooth_field((256, 256), (2.0, 1.0), 6.0, default_rng(2))
    down = (field * np.roll(field, 3, axis=0)).mean()
    across = (field * np.roll(field, 6, axis=1)).mean()
    assert down == pytest.approx(across, abs=0.06)


def test_a_banded_field_crosses_zero_as_often_as_its_wavelength_says():
    field = banded_field((256, 256), (1.0, 1.0), 16.0, default_rng(3))
    crossings = (np.diff(np.signbit(field), axis=1)).mean()
    # Rice's formula: the root mean square of one component of an isotropic 2-D wave vector of
    # length 2π/L is 2π/(L sqrt 2), crossings per mm are that over π; the band widens it a little.
    assert crossings == pytest.approx(np.sqrt(2) / 16, rel=0.1)


def test_an_axis_of_one_element_is_left_alone():
    flat = smooth_field((64, 64), (1.0, 1.0), 2.0, default_rng(4))
    thin = smooth_field((1, 64, 64), (5.0, 1.0, 1.0), 2.0, default_rng(4))
    assert np.allclose(flat, thin[0], atol=1e-5)
