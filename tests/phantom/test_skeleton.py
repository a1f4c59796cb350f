"""Bones: as many as there are, on the cage, the same on both sides."""

import numpy as np
import pytest
from numpy.random import default_rng

from scanwright.phantom.chest import draw_chest
from scanwright.phantom.skeleton import bones

CHEST = draw_chest(default_rng(0), "M", arms_raised=False)
BONES = bones(CHEST, default_rng(1))


def test_ribs_lie_on_the_cage():
    ribs = BONES[0]
    depth = CHEST.cage_depth(*ribs.start.T)
    assert np.median(np.abs(depth + 3)) < 6


def test_ribs_descend_from_back_to_front():
    ribs, pieces = BONES[0], 39
    for number in range(14):  # seven complete ribs on each side
        first, last = ribs.start[number * pieces], ribs.end[(number + 1) * pieces - 1]
        assert first[1] > 40 > -40 > last[1]
        assert first[2] - last[2] > 30


def test_both_sides_carry_about_the_same_mass():
    sides = [0.0, 0.0]
    for tubes in BONES:
        points, mass = tubes.masses(3.0)
        sides[0] += mass[points[:, 0] < 0].sum()
        sides[1] += mass[points[:, 0] > 0].sum()
    assert sides[0] == pytest.approx(sides[1], rel=0.15)


def test_the_spine_runs_the_whole_height_in_the_middle():
    spine = BONES[1]
    assert np.abs(spine.start[:, 0]).max() < 5
    assert np.ptp(spine.start[:, 2]) > 350


def test_every_bone_adds_mass():
    assert all(tubes.mass_g > 0 for tubes in BONES)
