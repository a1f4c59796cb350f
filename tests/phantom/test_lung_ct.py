"""Thin slices of a lung: HU where tissue is known, the kernel's noise, and spacing as stated."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng

from scanwright.image import Frame, Modality
from scanwright.phantom.lung_ct import ThinSetting, draw_setting, show, simulate_lung_ct
from scanwright.phantom.order import Lesion, Order

ORDER = Order(
    "nodule", 72, 72, 0, 1, 0, 0, "F", 60.0, lesions=(Lesion("nodule", 18.0), Lesion("nodule", 9.0))
)
SETTING = ThinSetting(120.0, 6.0, 40.0, 0.8, 1.0, 1.0)


def test_a_block_is_a_ct_in_hu_with_a_frame():
    picture = simulate_lung_ct(ORDER)
    image = picture.image
    assert (image.modality, image.unit, image.size) == (Modality.CT, "HU", (72, 72, 72))
    assert image.geometry.frame is Frame.PATIENT
    assert 0.8 <= min(image.geometry.spacing_mm) <= max(image.geometry.spacing_mm) <= 1.25
    assert picture.laterality in {"L", "R"}


def test_lung_is_air_and_nodules_are_denser():
    for patient in range(3):
        picture = simulate_lung_ct(replace(ORDER, patient=patient))
        hu, inside = picture.image.array[0].astype(float), picture.labels == 1
        assert len(picture.boxes) == 2
        # The middle of a block is mostly lung, of which the chest's density is known.
        assert -870 < np.median(hu[20:52, 20:52, 20:52]) < -600
        assert np.median(hu[inside]) > -520


def test_without_lesions_there_is_no_box_and_no_mask():
    picture = simulate_lung_ct(replace(ORDER, lesions=()))
    assert picture.boxes == ()
    assert not picture.labels.any()


def test_nodules_do_not_change_what_is_around():
    one, none = simulate_lung_ct(ORDER), simulate_lung_ct(replace(ORDER, lesions=()))
    changed = np.abs(one.image.array[0].astype(int) - none.image.array[0]) > 60
    near = np.zeros(changed.shape, dtype=bool)
    for box in one.boxes:
        edges = zip(box.low, box.high, strict=True)
        near[tuple(slice(max(0, int(low) - 3), int(high) + 4) for low, high in edges)] = True
    assert changed.any()
    assert near[changed].all()


@pytest.mark.parametrize("size", [64, 65])
def test_noise_has_the_asked_deviation_and_the_spectrum_of_back_projection(size):
    noise = show(np.zeros((40, size, size), dtype=np.float32), SETTING, default_rng(0))
    assert noise.std() == pytest.approx(40, rel=0.02)
    power = (np.abs(np.fft.fft2(noise)) ** 2).mean(axis=0)
    frequency = np.fft.fftfreq(size) * 2
    radius = np.hypot(frequency[:, None], frequency[None])

    def ring(values, low, high):
        return values[(radius >= low) & (radius < high)].mean()

    # f W(f)² with W = cos²(π f / (4 · 0.8)): rises from 0 and falls again before Nyquist.
    expected = radius * np.cos(np.pi * radius / 3.2) ** 4
    for low in (0.1, 0.3, 0.6, 0.8):
        share = ring(power, low, low + 0.1) / ring(power, 0.45, 0.55)
        wanted = ring(expected, low, low + 0.1) / ring(expected, 0.45, 0.55)
        assert share == pytest.approx(wanted, rel=0.1)
    assert power[0, 0] < 1e-6 * power.max()


def test_the_kernel_keeps_the_mean_and_blurs_an_edge():
    quiet = replace(SETTING, noise_hu=0.0)
    step = np.zeros((1, 32, 32), dtype=np.float32)
    step[:, :, 8:24] = 1000
    shown = show(step, quiet, default_rng(0))
    assert shown.mean() == pytest.approx(500, abs=1e-2)
    assert shown[0, 16, 16] == pytest.approx(1000, abs=60)
    assert 100 < shown[0, 16, 7] < 500


def test_a_site_keeps_its_scanner():
    first = draw_setting(ORDER.site_rng(), default_rng(1))
    second = draw_setting(ORDER.site_rng(), default_rng(2))
    assert (first.peak_kv, first.sharpness, first.thickness_mm) == (
        second.peak_kv, second.sharpness, second.thickness_mm,
    )  # fmt: skip
    assert first.noise_hu != second.noise_hu
