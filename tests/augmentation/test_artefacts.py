"""Artefacts: each leaves its mark as its formula says, and none leaves its bounds."""

import numpy as np
import pytest
import torch

from scanwright.augmentation import Augmentation, AugmentationOptions
from scanwright.augmentation.artefacts import ARTEFACTS
from scanwright.augmentation.draw import ARTEFACT_NUMBERS
from scanwright.augmentation.options import STEPS

SIZES = [(32, 40), (12, 32, 40)]


def form(name: str, seed: int = 0) -> np.ndarray:
    numbers = np.random.default_rng(seed).random(ARTEFACT_NUMBERS[name])
    return np.append(numbers, 4) if name == "ghost" else numbers


def disc(size: tuple[int, ...]) -> torch.Tensor:
    grid = np.stack(np.meshgrid(*(np.linspace(-1, 1, n) for n in size), indexing="ij"))
    return torch.from_numpy((np.sqrt((grid**2).sum(0)) < 0.6) * 1.0).float()[None]


def test_every_artefact_has_numbers_options_and_a_place_in_the_order() -> None:
    assert set(ARTEFACTS) == set(ARTEFACT_NUMBERS) <= set(STEPS)
    assert {f"{name}_chance" for name in ARTEFACTS} <= set(AugmentationOptions.model_fields)


@pytest.mark.parametrize("name", sorted(ARTEFACTS))
@pytest.mark.parametrize("size", SIZES)
def test_strength_decides_how_much_changes(name: str, size: tuple[int, ...]) -> None:
    image = disc(size)
    off = [
        float((ARTEFACTS[name](image, strength, form(name)) - image).abs().mean())
        for strength in (1e-6, 0.05, 0.3)
    ]
    assert off[0] < 1e-4
    assert off[0] < off[1] < off[2]


@pytest.mark.parametrize("name", sorted(ARTEFACTS))
def test_only_drawn_images_are_spoilt(name: str) -> None:
    options = AugmentationOptions.model_validate({f"{name}_chance": 0.5})
    augmentation = Augmentation(options, 2)
    images = disc((24, 24))[None].repeat(8, 1, 1, 1)
    drawn = augmentation.draw((1, 24, 24), np.arange(8), (3,))
    result = augmentation.apply(images, drawn)
    is_changed = (result != images).flatten(1).any(dim=1).numpy()
    assert is_changed.tolist() == (drawn.artefacts[name][:, 0] > 0).tolist()
    assert 0 < is_changed.sum() < 8


@pytest.mark.parametrize("size", SIZES)
def test_a_bias_field_is_smooth_and_within_its_strength(size: tuple[int, ...]) -> None:
    image = torch.rand(1, *size) + 0.5
    image[(0, *(0,) * len(size))] = 0  # the lowest value, from which the signal counts
    field = torch.log(ARTEFACTS["bias"](image, 0.4, form("bias")) / image.clamp_min(1e-9))[0]
    inside = field.flatten()[1:]
    assert float(inside.abs().max()) == pytest.approx(0.4, abs=1e-3)
    steps = torch.diff(field, dim=-1)[..., 1:].abs().max()
    assert steps < 0.4 * 6 / size[-1]


def test_ghosts_are_copies_at_even_distances() -> None:
    image = torch.zeros(1, 48, 48)
    image[0, 22:26, 20:28] = 1
    numbers = np.array([0.0, 0.99, 0, 0, 4])  # along the first axis, as many as allowed
    off = ARTEFACTS["ghost"](image, 0.4, numbers) - image
    rows = off[0, :, 24].abs().numpy()
    strong = np.flatnonzero(rows > 0.8 * rows.max())
    assert {int(row) for row in (strong - 22) % 12} <= {0, 1, 2, 3}


def test_motion_without_a_shift_is_nothing_and_energy_stays() -> None:
    image = disc((32, 40))
    numbers = form("motion")
    numbers[4:] = 0.5
    torch.testing.assert_close(ARTEFACTS["motion"](image, 0.05, numbers), image, atol=1e-5, rtol=0)
    moved = ARTEFACTS["motion"](image, 0.05, form("motion"))
    assert float((moved**2).sum()) <= float((image**2).sum()) * (1 + 1e-4)


def test_a_spike_is_one_wave() -> None:
    off = ARTEFACTS["spike"](disc((32, 40)), 0.3, form("spike")) - disc((32, 40))
    power = torch.fft.fft2(off[0]).abs() ** 2
    top = power.flatten().sort(descending=True).values
    assert top[:12].sum() > 0.8 * top.sum()


def test_a_shadow_falls_away_from_the_transducer() -> None:
    image = torch.ones(1, 60, 60)
    image[0, 0, 0] = 0
    result = ARTEFACTS["shadow"](image, 0.8, np.array([0.5, 0.5, 0.5, 0.5]))
    assert result[0, 5, 30] > 0.95
    assert result[0, 55, 30] == pytest.approx(0.2, abs=0.02)
    assert result[0, 55, 2] > 0.95


def test_gain_is_the_same_along_a_row() -> None:
    image = torch.rand(1, 30, 20) + 1
    image[0, 0, 0] = 0
    factor = ARTEFACTS["gain"](image, 0.5, form("gain")) / image
    assert float(factor[0, 1:].std(dim=1).max()) < 1e-5
    assert float(factor[0, 1:, 0].std()) > 0.01


def test_haze_lowers_contrast_and_keeps_the_mean() -> None:
    image = disc((60, 60))
    result = ARTEFACTS["haze"](image, 0.5, form("haze"))
    assert result.std() < 0.9 * image.std()
    assert float(result.mean()) == pytest.approx(float(image.mean()), abs=0.01)


def test_speckle_multiplies() -> None:
    image = torch.full((1, 80, 80), 2.0)
    image[0, :, :40] = 0
    result = ARTEFACTS["speckle"](image, 0.2, form("speckle"))
    assert torch.count_nonzero(result[0, :, :40]) == 0
    assert float(result[0, :, 40:].std()) == pytest.approx(0.4, rel=0.1)


def test_grid_lines_run_along_one_axis() -> None:
    image = disc((40, 40))
    off = (ARTEFACTS["grid"](image, 0.1, np.array([0.2, 0.3, 0.4])) - image)[0]
    # Rounding: the image is 0 or 1, the lines about a twentieth.
    assert min(float(off.std(dim=0).max()), float(off.std(dim=1).max())) < 1e-6
    assert 0.03 < off.abs().max() <= 0.05 + 1e-6
