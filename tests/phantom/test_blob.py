"""Star-shaped lesions: volume, surface and projection against formulas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from scanwright.phantom.blob import draw_blob


def counted_volume(blob, step):
    place = np.arange(-blob.reach_mm, blob.reach_mm, step) + step / 2
    x, y, z = (place + middle for middle in blob.centre)
    inside = blob.depth(x[None, None], y[None, :, None], z[:, None, None]) > 0
    return inside.sum() * step**3


@given(
    radii=st.tuples(*[st.floats(5, 12)] * 3),
    centre=st.tuples(*[st.floats(-50, 50)] * 3),
    seed=st.integers(0, 1000),
)
def test_a_smooth_blob_is_an_ellipsoid(radii, centre, seed):
    blob = draw_blob(centre, radii, 0.0, default_rng(seed))
    formula = 4 / 3 * np.pi * np.prod(radii)
    assert blob.volume_mm3 == pytest.approx(formula, rel=1e-6)
    assert counted_volume(blob, 0.6) == pytest.approx(formula, rel=0.02)


@given(roughness=st.floats(0.05, 0.6), seed=st.integers(0, 1000))
def test_the_volume_integral_agrees_with_counting(roughness, seed):
    blob = draw_blob((1.0, -2.0, 3.0), (8.0, 10.0, 9.0), roughness, default_rng(seed))
    assert counted_volume(blob, 0.6) == pytest.approx(blob.volume_mm3, rel=0.03)


def test_depth_is_0_on_the_surface_and_falls_outwards():
    blob = draw_blob((0.0, 0.0, 0.0), (10.0, 8.0, 6.0), 0.0, default_rng(0), upright=True)
    x = np.array([0.0, 5.0, 10.0, 12.0])
    depth = blob.depth(x, np.zeros(1), np.zeros(1))
    assert depth[2] == pytest.approx(0, abs=1e-5)
    assert np.all(np.diff(depth) < 0)


def test_a_blob_stays_within_its_reach():
    blob = draw_blob((0.0, 0.0, 0.0), (7.0, 8.0, 9.0), 0.5, default_rng(7))
    directions = default_rng(1).standard_normal((500, 3))
    far = blob.reach_mm * 1.001 * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    assert np.all(blob.depth(*far.T) < 0)
