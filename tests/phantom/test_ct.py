"""Tomography: projections by formula, reconstruction to the right numbers, noise as detected."""

import numpy as np
import pytest
from numpy.random import default_rng

from scanwright.phantom.attenuation import MASS_ATTENUATION, single_energy, transmit, tube_spectrum
from scanwright.phantom.ct import CtSetting, detect, project, reconstruct, scan, water_path

FIELD_MM = 320.0
QUIET = CtSetting(
    peak_kv=120,
    filter_mm=6,
    quanta=1e12,
    electronic=0,
    angles=192,
    sharpness=0.9,
    field_mm=FIELD_MM,
    thickness_mm=3,
)


def disc(size, radius_mm, density, centre_mm=(0.0, 0.0)):
    place = (np.arange(size) - (size - 1) / 2) * FIELD_MM / size
    far = np.hypot(place[:, None] - centre_mm[0], place[None] - centre_mm[1])
    edge = FIELD_MM / size
    return density * np.clip((radius_mm - far) / edge + 0.5, 0, 1)


def test_a_disc_projects_to_the_chords_that_the_formula_gives():
    image, step = disc(256, 80.0, 1.0), FIELD_MM / 256
    sinogram = project(image, step, 36, 2 * step)
    place = (np.arange(sinogram.shape[1]) - (sinogram.shape[1] - 1) / 2) * 2 * step
    chord = 2 * np.sqrt(np.maximum(80.0**2 - place**2, 0))
    inner = np.abs(place) < 70
    assert np.abs(sinogram - chord)[:, inner].max() < 0.015 * 160


def test_every_projection_holds_the_whole_mass():
    image, step = disc(128, 40.0, 0.7, (30.0, -50.0)), FIELD_MM / 128
    sinogram = project(image, step, 24, 2 * step)
    assert np.allclose(sinogram.sum(axis=1) * 2 * step, image.sum() * step**2)


def test_a_shifted_disc_swings_as_a_sine():
    image, step = disc(256, 15.0, 1.0, (40.0, -60.0)), FIELD_MM / 256
    sinogram = project(image, step, 48, step)
    place = (np.arange(sinogram.shape[1]) - (sinogram.shape[1] - 1) / 2) * step
    seen = (sinogram * place).sum(axis=1) / sinogram.sum(axis=1)
    angle = np.arange(48) * np.pi / 48
    assert np.abs(seen - (-60 * np.cos(angle) + 40 * np.sin(angle))).max() < 0.5 * step


def test_projections_agree_with_an_independent_radon_transform():
    from skimage.transform import radon

    image = disc(128, 30.0, 1.0, (20.0, 40.0)) + disc(128, 60.0, 0.5)
    step = FIELD_MM / 128
    ours = project(image, step, 30, step)
    # Rows grow downwards, so angles turn the other way round there.
    theirs = radon(image, -np.arange(30) * 6.0, circle=True).T * step
    middle = ours.shape[1] // 2
    cut = ours[:, middle - 64 : middle + 64]
    # Their axis lies half an element off the middle: up to a few elements differ at edges.
    assert np.abs(cut - theirs).mean() < 0.01 * cut.max()


def test_reconstruction_undoes_projection():
    image, step = disc(256, 80.0, 1.0, (10.0, -20.0)), FIELD_MM / 256
    back = reconstruct(project(image, step, 192, 2 * step), 2 * step, 128, FIELD_MM, 0.9)
    inside = disc(128, 74.0, 1.0, (10.0, -20.0)) == 1
    outside = disc(128, 90.0, 1.0, (10.0, -20.0)) == 0
    assert back[inside].mean() == pytest.approx(1, abs=0.005)
    assert np.abs(back[inside] - 1).max() < 0.06
    assert abs(back[outside].mean()) < 0.005


@pytest.mark.parametrize(("density", "hu"), [(1.0, 0), (0.3, -700), (1.05, 50)])
def test_a_disc_of_soft_tissue_shows_its_hounsfield_units(density, hu):
    soft = disc(256, 90.0, density)
    shown = scan(soft, 0 * soft, 128, QUIET, default_rng(0))
    middle = shown[54:74, 54:74].mean()
    # Soft tissue weakens 1 % less than water of the same density: up to 12 HU.
    assert middle == pytest.approx(hu, abs=14)
    assert shown[:10, :10].mean() == pytest.approx(-1000, abs=5)


def test_bone_shows_brighter_than_its_density_alone():
    bone = disc(256, 8.0, 0.8)
    shown = scan(disc(256, 90.0, 1.0), bone, 128, QUIET, default_rng(0))
    assert 800 < shown[62:66, 62:66].mean() < 1800


def test_water_is_corrected_for_hardening():
    spectrum = tube_spectrum(120, 6)
    path = np.array([1.0, 10.0, 30.0, 50.0])
    passed = sum(
        share * np.exp(-weak * path)
        for share, weak in zip(spectrum.shares, MASS_ATTENUATION["water"], strict=True)
    )
    assert water_path(passed, spectrum) == pytest.approx(path, rel=1e-3)


def test_detected_photons_have_poisson_and_electronic_variance():
    setting = CtSetting(120, 6, 1e4, 30.0, 10, 1, FIELD_MM, 3)
    passed = np.full(200_000, transmit(single_energy(60.0), 8.0))
    photons = detect(passed, setting, default_rng(1)) * setting.quanta
    assert photons.mean() == pytest.approx(passed[0] * 1e4, rel=0.005)
    assert photons.var() == pytest.approx(passed[0] * 1e4 + 30**2, rel=0.02)


def test_four_times_the_photons_halve_the_noise():
    soft = disc(256, 100.0, 1.0)
    spread = []
    for quanta in (5e4, 2e5):
        setting = CtSetting(120, 6, quanta, 0, 96, 0.9, FIELD_MM, 3)
        spread.append(scan(soft, 0 * soft, 128, setting, default_rng(2))[50:78, 50:78].std())
    assert spread[0] / spread[1] == pytest.approx(2, rel=0.15)
