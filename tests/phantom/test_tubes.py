"""Rods and vessels: mass is kept, wherever it goes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from scanwright.phantom.tubes import chain, deposit, grow_tree, join

CURVE = np.array([[0.0, 0.0, 0.0], [10.0, 4.0, 2.0], [14.0, 10.0, 20.0]])


@given(step=st.floats(0.4, 3), core=st.floats(0.1, 1))
def test_points_carry_the_mass_that_the_formula_gives(step, core):
    rod = chain(CURVE, (3.0, 2.0), 1.5, core=core)
    length = np.linalg.norm(np.diff(CURVE, axis=0), axis=1).sum()
    points, mass = rod.masses(step)
    assert rod.mass_g == pytest.approx(np.pi * 3 * 2 * length * 1.5 / 1000)
    assert mass.sum() == pytest.approx(rod.mass_g)
    assert points.shape == (len(mass), 3)


def test_points_stay_within_the_rod():
    rod = chain(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 30.0]]), (4.0, 2.0), 1.0)
    points, _ = rod.masses(0.5)
    radius = np.hypot(points[:, 0], points[:, 1])
    assert radius.max() <= 4
    assert points[:, 2].min() >= 0
    assert points[:, 2].max() <= 30


def test_the_first_half_axis_follows_the_axis_up():
    rod = chain(np.array([[0.0, 0.0, 0.0], [30.0, 0.0, 0.0]]), (6.0, 1.0), 1.0, up=2)
    points, _ = rod.masses(0.5)
    assert np.abs(points[:, 2]).max() == pytest.approx(6, rel=0.1)
    assert np.abs(points[:, 1]).max() == pytest.approx(1, rel=0.1)


@given(st.integers(0, 200))
def test_a_deposit_keeps_mass_and_centre_of_mass(seed):
    rng = default_rng(seed)
    index = rng.uniform(1, 8, (50, 2))
    mass = rng.uniform(0.1, 1, 50)
    total = deposit(index, mass, (10, 10))
    rows, columns = np.indices(total.shape)
    assert total.sum() == pytest.approx(mass.sum())
    assert (total * rows).sum() == pytest.approx((mass * index[:, 0]).sum())
    assert (total * columns).sum() == pytest.approx((mass * index[:, 1]).sum())


def test_what_falls_outside_a_grid_is_lost():
    total = deposit(np.array([[-5.0, 2.0], [2.0, 2.0], [2.0, 99.0]]), np.ones(3), (4, 4))
    assert total.sum() == 1
    assert total[2, 2] == 1


def test_a_deposit_works_in_three_dimensions():
    total = deposit(np.array([[0.5, 1.0, 2.25]]), np.array([8.0]), (3, 3, 4))
    assert total[0, 1, 2] == pytest.approx(3)
    assert total[1, 1, 3] == pytest.approx(1)
    assert total.sum() == pytest.approx(8)


def test_branches_follow_murrays_law():
    tree = grow_tree(np.zeros(3), np.array([[0.0, 0.0, 1.0]]), 4.0, 5, default_rng(0))
    thickest = sorted(set(np.round(tree.radius_mm[:, 0], 6)), reverse=True)[::2]
    ratios = np.array(thickest[1:]) / np.array(thickest[:-1])
    assert np.allclose(2 * ratios**3, 1, atol=1e-4)
    assert len(tree.start) == 2 * (2**5 - 1)


def test_a_slab_cuts_only_what_reaches_into_it():
    low = chain(np.array([[0.0, 0.0, 0.0], [5.0, 0.0, 0.0]]), (1.0, 1.0), 1.0)
    high = chain(np.array([[0.0, 0.0, 40.0], [5.0, 0.0, 40.0]]), (1.0, 1.0), 1.0)
    both = join([low, high])
    assert both.mass_g == pytest.approx(low.mass_g + high.mass_g)
    assert len(both.between(39, 41).start) == 1
    assert len(both.between(10, 20).masses(1.0)[1]) == 0
