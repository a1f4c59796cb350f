"""Shapes: surfaces where the formula puts them, shares that add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from scanwright.phantom.shapes import (
    Ellipsoid,
    draw_rotation,
    fill,
    paint,
    ramp,
    roundness,
    tilted,
    upright,
)


@given(st.integers(0, 500))
def test_drawn_rotations_keep_lengths_and_hands(seed):
    rotation = draw_rotation(default_rng(seed))
    assert np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)


def test_an_ellipsoid_fills_its_volume():
    shape = Ellipsoid((1.0, 2.0, 3.0), (12.0, 9.0, 7.0), tilted(30))
    place = np.arange(-14, 14, 0.5) + 0.25
    depth = shape.depth(place[None, None] + 1, place[None, :, None] + 2, place[:, None, None] + 3)
    volume = fill(depth, 0.5).sum() * 0.5**3
    assert volume == pytest.approx(4 / 3 * np.pi * 12 * 9 * 7, rel=0.01)


def test_filled_shares_are_half_on_the_surface():
    assert fill(np.array([-2.0, -0.5, 0.0, 0.5, 2.0]), 1.0).tolist() == [0, 0, 0.5, 1, 1]


def test_paint_replaces_by_share():
    painted = paint(np.array([2.0, 2.0, 2.0]), np.array([0.0, 0.5, 1.0]), 4.0)
    assert painted.tolist() == [2, 3, 4]


def test_a_ramp_rises_between_its_ends():
    risen = ramp(np.linspace(-1, 3, 41), 0, 2)
    assert risen[0] == 0
    assert risen[-1] == 1
    assert risen[20] == pytest.approx(0.5)
    assert np.all(np.diff(risen) >= 0)


@given(st.floats(0.1, 5), st.floats(-np.pi, np.pi))
def test_roundness_grows_in_proportion(scale, angle):
    u, v = np.array(np.cos(angle)), np.array(np.sin(angle))
    assert roundness(scale * u, scale * v) == pytest.approx(scale * roundness(u, v), rel=1e-5)


def test_upright_shapes_lie_along_the_axes():
    shape = Ellipsoid((0.0, 0.0, 0.0), (3.0, 2.0, 1.0), upright())
    zero = np.zeros(1)
    assert shape.depth(np.array([3.0]), zero, zero)[0] == pytest.approx(0, abs=1e-6)
    assert shape.depth(zero, zero, np.array([1.5]))[0] < 0
