"""A chest: organs where they belong, of the density that they have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from scanwright.phantom.chest import (
    BLOOD,
    FAT,
    LIVER,
    airways,
    draw_chest,
    great_vessels,
    vessels,
)

SEEDS = st.integers(0, 300)


def density_at(chest, x, y, z):
    points = [np.array([value], dtype=np.float32) for value in (x, y, z)]
    return float(chest.density(*points, 1.0)[0])


@given(seed=SEEDS, sex=st.sampled_from("FM"))
def test_organs_lie_where_they_belong(seed, sex):
    chest = draw_chest(default_rng(seed), sex, arms_raised=True)
    wide = chest.half_width_mm
    assert density_at(chest, -0.6 * wide, 10, 30) == pytest.approx(chest.lung_density)
    assert density_at(chest, 0.6 * wide, 10, 30) == pytest.approx(chest.lung_density)
    assert density_at(chest, *chest.heart.centre) == pytest.approx(BLOOD)
    assert density_at(chest, -0.5 * wide, 0, chest.dome_mm[0] - 25) == pytest.approx(LIVER)
    assert density_at(chest, 0, -400, 0) == 0


@given(SEEDS)
def test_the_right_dome_stands_higher_and_the_heart_lies_left(seed):
    chest = draw_chest(default_rng(seed), "M", arms_raised=False)
    assert chest.dome_mm[0] > chest.dome_mm[1]
    assert chest.heart.centre[0] > 0


@given(SEEDS)
def test_lungs_hold_a_plausible_volume(seed):
    chest = draw_chest(default_rng(seed), "M", arms_raised=True)
    x, y, z = (np.arange(-160, 161, 8, dtype=np.float32) for _ in range(3))
    inside = chest.lung_depth(x[None, None], y[None, :, None], z[:, None, None]) > 0
    assert 1.8 < inside.sum() * 8**3 / 1e6 < 8  # litres


def test_lung_vessels_run_in_the_lungs_and_stop_at_their_surface():
    chest = draw_chest(default_rng(1), "F", arms_raised=True)
    tree = vessels(chest, default_rng(2))
    assert np.all(chest.lung_depth(*tree.end.T) > 0)
    assert len(tree.start) > 200


def test_skin_covers_fat_over_muscle():
    chest = draw_chest(default_rng(3), "M", arms_raised=True)
    x = np.arange(0, 260, 0.5, dtype=np.float32)
    zero = np.zeros(1, dtype=np.float32)
    line = chest.density(x, zero, zero, 0.5)
    edge = int(np.flatnonzero(line > 0.5)[-1])
    assert line[edge - 4] == pytest.approx(FAT, abs=0.02)
    assert line.max() > 1.03


def test_contrast_makes_great_vessels_denser_and_airways_lack_mass():
    chest = draw_chest(default_rng(4), "M", arms_raised=True)
    plain, enhanced = great_vessels(chest, 0.0), great_vessels(chest, 0.2)
    assert sum(tube.mass_g for tube in enhanced) > 2 * sum(tube.mass_g for tube in plain)
    assert all(tube.mass_g < 0 for tube in airways(chest))


def test_women_have_breasts_and_raised_arms_lift_the_shoulders():
    woman = draw_chest(default_rng(5), "F", arms_raised=False)
    man = draw_chest(default_rng(5), "M", arms_raised=True)
    assert len(woman.breasts) == 2
    assert not man.breasts
    assert man.shoulder_mm > woman.shoulder_mm
