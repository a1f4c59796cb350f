"""A projection: shadows where geometry puts them, noise as photons make it."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng

from scanwright.phantom.attenuation import transmit, tube_spectrum
from scanwright.phantom.chest import draw_chest
from scanwright.phantom.tubes import chain
from scanwright.phantom.xray import DEEPEST, FOCUS_MM, GAP_MM, Beam, XraySetting, expose, present

SETTING = XraySetting(
    peak_kv=110,
    filter_mm=3,
    quanta=1e4,
    scatter=0.0,
    blur=1e-3,
    field_mm=400,
    gamma=1,
    sharpen=0.3,
    offset_mm=(0, 0),
    turn_degrees=0,
)


def test_a_uniform_slab_lets_the_share_through_that_beer_and_lambert_say():
    slab = np.full((64, 64), 12.0)
    seen = expose(slab, 0 * slab, SETTING, default_rng(0))
    share = transmit(tube_spectrum(110, 3), 12.0)
    assert seen.mean() == pytest.approx(share, rel=0.01)


def test_quantum_noise_has_the_variance_of_poisson():
    slab = np.full((200, 200), 8.0)
    photons = expose(slab, 0 * slab, SETTING, default_rng(1)) * SETTING.quanta
    assert photons.var() == pytest.approx(photons.mean(), rel=0.03)


def test_scatter_adds_its_share_and_no_structure():
    soft = np.full((64, 64), 10.0)
    soft[20:40, 20:40] = 14.0
    many = replace(SETTING, quanta=1e9)
    direct = expose(soft, 0 * soft, many, default_rng(2))
    both = expose(soft, 0 * soft, replace(many, scatter=0.5), default_rng(2))
    added = both - direct
    assert added.mean() == pytest.approx(0.5 * np.median(direct), rel=0.01)
    assert np.abs(np.diff(added, axis=0)).max() < 0.1 * np.abs(np.diff(direct, axis=0)).max()


def test_a_rod_casts_its_magnified_shadow():
    beam = Beam(200, SETTING)
    rod = chain(np.array([[-300.0, 0, 0], [300.0, 0, 0]]), (5.0, 5.0), 2.0)
    path = beam.path(rod)
    grow = FOCUS_MM / (FOCUS_MM - GAP_MM)
    middle = path[:, 100]
    # Through the middle of a cylinder a ray runs its diameter; the mass per area is ρ d.
    assert middle.max() == pytest.approx(2.0 * 1.0, rel=0.06)
    width_mm = middle.sum() / middle.max() * beam.spacing_mm
    assert width_mm == pytest.approx(np.pi / 4 * 10 * grow, rel=0.06)


def test_a_point_lands_where_its_ray_meets_the_detector():
    setting = replace(SETTING, turn_degrees=7, offset_mm=(12, -9))
    beam = Beam(100, setting)
    rays = beam.directions()
    point = beam.focus + rays[30, 70] * 1500
    index, _ = beam.place(point[None])
    assert index[0] == pytest.approx([30, 70], abs=1e-6)


def test_soft_tissue_is_summed_along_slanted_rays():
    chest = draw_chest(default_rng(3), "M", arms_raised=False)
    beam = Beam(64, SETTING)
    fine, coarse = beam.soft_path(chest, 2.0), beam.soft_path(chest, 4.0)
    assert np.abs(fine - coarse).mean() < 0.01 * fine.mean()
    assert 15 < np.percentile(fine, 95) < 35


def test_a_picture_shows_denser_matter_brighter_within_12_bits():
    soft = np.tile(np.linspace(2, 20, 128), (128, 1))
    shown = present(expose(soft, 0 * soft, SETTING, default_rng(4)), SETTING).astype(float)
    assert shown.max() <= DEEPEST
    assert np.all(np.diff(shown[:, 16:112:16].mean(axis=0)) > 0)
