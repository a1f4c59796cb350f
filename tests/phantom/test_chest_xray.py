"""Simulated X-rays: findings that are marked where they are seen."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng

from scanwright.image import Frame, Modality
from scanwright.phantom.blob import draw_blob
from scanwright.phantom.chest import draw_chest
from scanwright.phantom.chest_xray import (
    FINDINGS,
    Opacity,
    cast,
    draw_setting,
    lung_spot,
    simulate_chest_xray,
)
from scanwright.phantom.order import Order
from scanwright.phantom.xray import Beam

ORDER = Order("normal", 64, 0, seed=3, patient=5, image=0, site=1, sex="F", age_years=60)


@pytest.mark.parametrize("finding", FINDINGS)
def test_findings_are_marked_and_boxed(finding):
    picture = simulate_chest_xray(replace(ORDER, finding=finding))
    assert picture.image.modality is Modality.XRAY
    assert picture.image.geometry.frame is Frame.DETECTOR
    assert picture.image.array.dtype == np.uint16
    assert picture.labels.shape == picture.image.size == (64, 64)
    assert bool(picture.labels.any()) == bool(picture.boxes) == (finding != "normal")
    assert all(box.label == finding for box in picture.boxes)


def ellipse_of(beam, blob):
    """Whether rays meet an ellipsoid, by the quadratic equation."""
    scale = blob.rotation / np.array(blob.radii)[:, None]
    offset, heading = scale @ (beam.focus - np.array(blob.centre)), beam.directions() @ scale.T
    a, b = (heading**2).sum(axis=-1), heading @ offset
    discriminant = b**2 - a * (offset @ offset - 1)
    return discriminant > 0, 2 * np.sqrt(np.maximum(discriminant, 0)) / a


@pytest.mark.parametrize("seed", range(5))
def test_an_ellipsoids_shadow_and_chords_are_those_of_the_quadratic(seed):
    beam = Beam(96, draw_setting(default_rng(seed), default_rng(seed + 9)))
    blob = draw_blob((40.0, -20.0, 15.0), (22.0, 18.0, 15.0), 0.0, default_rng(seed))
    length, mass = cast(beam, Opacity(blob, 0.8, 0.0, 0.0), default_rng(0))
    met, chord = ellipse_of(beam, blob)
    assert (met != (length > 0)).sum() <= 0.08 * met.sum()
    assert np.abs(length - chord).max() < 2.5
    assert mass == pytest.approx(length / 10 * 0.8)


def test_a_haze_carries_the_mass_it_was_given():
    beam = Beam(256, draw_setting(default_rng(0), default_rng(1)))
    blob = draw_blob((40.0, 0.0, 0.0), (30.0, 30.0, 30.0), 0.0, default_rng(2))
    _, mass = cast(beam, Opacity(blob, 1.0, -30.0, 0.0), default_rng(0))
    grow = beam.place(np.array([blob.centre]))[1][0]
    total = mass.sum() * (beam.spacing_mm / grow / 10) ** 2
    assert total == pytest.approx(0.2 * blob.volume_mm3 / 1000, rel=0.03)


@pytest.mark.parametrize("seed", range(8))
def test_findings_lie_in_lung_that_is_seen(seed):
    chest = draw_chest(default_rng(seed), "M", arms_raised=False)
    spot = lung_spot(chest, 6.0, default_rng(seed + 1))
    assert chest.lung_depth(*(np.array([value]) for value in spot))[0] > 6
    assert chest.heart.depth(*(np.array([value]) for value in spot))[0] < 0


def test_a_finding_changes_nothing_outside_its_reach_but_noise():
    plain = simulate_chest_xray(ORDER)
    ill = simulate_chest_xray(replace(ORDER, finding="nodule"))
    assert np.corrcoef(plain.image.array.ravel(), ill.image.array.ravel())[0, 1] > 0.95
