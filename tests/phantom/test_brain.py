"""A head: shares that add up, tissues in their order, folds that widen with age."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from scanwright.phantom.brain import (
    PROTONS,
    T1_MS,
    T2_MS,
    TISSUES,
    draw_brain,
    head_maps,
    laid_over,
)


def maps_of(age_years, seed, slices=1, size=96):
    brain = draw_brain(default_rng(seed), "M", age_years)
    step = 220 / size
    place = ((np.arange(size) - (size - 1) / 2) * step).astype(np.float32)
    heights = (8 + 5 * np.arange(slices)).astype(np.float32)
    grid = (place[None, None], place[None, :, None], heights[:, None, None])
    return head_maps(brain, *grid, (5.0, step, step), default_rng(seed + 1)), step


@pytest.mark.parametrize("slices", [1, 4])
def test_shares_add_up_to_1_everywhere(slices):
    maps, _ = maps_of(50, 0, slices)
    total = sum(maps.values())
    assert total.shape == (slices, 96, 96)
    assert np.allclose(total, 1, atol=1e-4)
    assert min(share.min() for share in maps.values()) >= -1e-6


@given(st.integers(0, 100))
def test_from_outside_in_come_air_fat_bone_brain(seed):
    maps, _ = maps_of(45, seed)
    line = {name: maps[name][0, 48] for name in TISSUES}
    first = {name: int(np.argmax(line[name] > 0.4)) for name in ("fat", "bone")}
    brain = int(np.argmax(line["grey"] + line["white"] > 0.5))
    assert line["air"][0] > 0.99
    assert 0 < first["fat"] < first["bone"] < brain


def test_tissues_have_plausible_amounts():
    maps, step = maps_of(40, 3)
    area = {name: share.sum() * step**2 / 100 for name, share in maps.items()}  # cm²
    assert 25 < area["grey"] < 90
    assert 40 < area["white"] < 110
    assert 5 < area["csf"] < 60


def test_fluid_spaces_widen_with_age():
    young = np.mean([maps_of(25, seed)[0]["csf"].mean() for seed in range(6)])
    old = np.mean([maps_of(85, seed)[0]["csf"].mean() for seed in range(6)])
    assert old > 1.2 * young


def test_a_tissue_laid_over_takes_its_share_from_the_others():
    maps, _ = maps_of(40, 4)
    share = np.zeros_like(maps["white"])
    share[0, 40:50, 40:50] = 0.7
    covered = laid_over(maps, "lesion", share)
    assert np.allclose(sum(covered.values()), 1, atol=1e-4)
    assert np.allclose(covered["lesion"][0, 45, 45], 0.7, atol=1e-5)


def test_every_tissue_has_its_constants():
    assert set(T1_MS) == set(T2_MS) == set(PROTONS) == set(TISSUES)
    assert all(low <= high for low, high in T1_MS.values())
    assert all(T2_MS[name] <= T1_MS[name][0] for name in TISSUES)
