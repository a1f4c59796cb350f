"""Changes of value: by formula, within range, in place only where drawn."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from scanwright.augmentation import Augmentation, AugmentationOptions, Drawn
from scanwright.augmentation.values import (
    Change,
    blur,
    coarsen,
    gamma,
    negative,
    noise,
    punch,
    tone,
)

SIZES = [(14, 12), (9, 14, 12)]


DTYPES = [torch.float32, torch.float64]
"""The first goes through compiled kernels, the second the way of tensors anywhere."""


def still(images: Tensor) -> Drawn:
    size = tuple(images.shape[2:])
    nothing = Augmentation(AugmentationOptions(), len(size))
    return nothing.draw(tuple(images.shape[1:]), np.arange(len(images)), (0,))


def changed(change: Change, images: Tensor, drawn: Drawn, **options: object) -> Tensor:
    result = images.clone()
    change(result, drawn, AugmentationOptions.model_validate(options))
    return result


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)[:, None]


def axes(images: Tensor, *values: float) -> np.ndarray:
    return np.array(values)[:, None, None].repeat(images.ndim - 2, axis=2)


@pytest.mark.parametrize("size", SIZES)
def test_blur_is_the_gaussian_of_scipy_away_from_the_border(size: tuple[int, ...]) -> None:
    images = torch.zeros(2, 1, *size)
    images[0] = torch.rand(1, *size)
    middle = tuple(n // 2 for n in size)
    images[(1, 0, *middle)] = 1
    result = changed(blur, images, replace(still(images), blur=axes(images, 0.0, 0.8)))
    truth = ndimage.gaussian_filter(images[1, 0].double().numpy(), 0.8, truncate=8)
    assert torch.equal(result[0], images[0])
    np.testing.assert_allclose(result[1, 0].numpy(), truth, atol=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_coarsening_keeps_constants_and_loses_detail(size: tuple[int, ...]) -> None:
    images = torch.rand(2, 2, *size)
    images[0] = 0.3
    result = changed(coarsen, images, replace(still(images), coarsen=axes(images, 0.5, 0.5)))
    torch.testing.assert_close(result[0], images[0])
    assert result[1].std() < 0.75 * images[1].std()
    assert result[1].mean() == pytest.approx(float(images[1].mean()), abs=0.02)


def test_coarsening_to_one_element_is_the_mean() -> None:
    images = torch.rand(1, 1, 6, 6)
    result = changed(coarsen, images, replace(still(images), coarsen=axes(images, 0.1)))
    torch.testing.assert_close(result, images.mean().expand_as(images))


@pytest.mark.parametrize("size", SIZES)
def test_contrast_and_brightness_by_formula(size: tuple[int, ...]) -> None:
    images = torch.randn(2, 3, *size) * 4 + 10
    drawn = replace(still(images), contrast=column(1.5, 1.0), brightness=column(0.0, -0.5))
    result = changed(tone, images, drawn)
    mean, deviation = images[0].mean(), images[1].std(correction=0)
    torch.testing.assert_close(result[0], mean + (images[0] - mean) * 1.5)
    torch.testing.assert_close(result[1], images[1] - 0.5 * deviation)


def test_noise_is_relative_repeatable_and_an_image_s_own() -> None:
    images = torch.randn(3, 1, 64, 64) * torch.tensor([1.0, 100, 1])[:, None, None, None]
    drawn = replace(still(images), noise=column(0.2, 0.2, 0.0), seed=np.array([5, 5, 5]))
    added = changed(noise, images, drawn) - images
    assert added[0].std() == pytest.approx(0.2 * float(images[0].std()), rel=0.05)
    torch.testing.assert_close(added[0] / images[0].std(), added[1] / images[1].std(),
                               atol=1e-3, rtol=1e-3)  # fmt: skip
    assert torch.count_nonzero(added[2]) == 0
    torch.testing.assert_close(changed(noise, images, drawn) - images, added)
    other = changed(noise, images, replace(drawn, seed=np.array([6, 5, 5]))) - images
    assert not torch.allclose(other[0], added[0])


@pytest.mark.parametrize("power", [0.3, 0.7, 1.5, 4.0])
@pytest.mark.parametrize("inverted", [False, True])
def test_gamma_keeps_order_and_range(power: float, inverted: bool) -> None:
    images = torch.randn(1, 2, 14, 12) * 3 - 1
    drawn = replace(still(images), gamma=column(power), inverted=column(inverted).astype(bool))
    result = changed(gamma, images, drawn)
    assert result.min() == pytest.approx(float(images.min()), abs=1e-5)
    assert result.max() == pytest.approx(float(images.max()), abs=1e-5)
    assert result.min() >= images.min()
    assert result.max() <= images.max()
    order = images.flatten().argsort()
    assert torch.all(result.flatten()[order].diff() >= 0)
    is_darker = (power > 1) != inverted
    assert bool(result.mean() < images.mean()) == is_darker


def test_gamma_by_formula() -> None:
    images = torch.tensor([[[[0.0, 0.25, 1.0]]]])
    drawn = replace(still(images), gamma=column(2.0), inverted=column(False).astype(bool))
    assert changed(gamma, images, drawn).flatten().tolist() == pytest.approx([0, 0.0625, 1])
    drawn = replace(drawn, inverted=column(True).astype(bool))
    assert changed(gamma, images, drawn).flatten().tolist() == pytest.approx([0, 0.4375, 1])


@pytest.mark.parametrize("change", [blur, coarsen, tone, noise, gamma, negative])
def test_a_constant_image_stays_finite_and_constant(change: Change) -> None:
    images = torch.full((1, 1, 6, 6), 2.5)
    drawn = replace(
        still(images), blur=axes(images, 1), coarsen=axes(images, 0.5), contrast=column(2.0),
        gamma=column(0.5), negative=column(2.0), noise=column(1), brightness=column(1),
    )  # fmt: skip
    torch.testing.assert_close(changed(change, images, drawn), images)
    kept = changed(change, images, drawn, gamma_keeps_mean=True, coarsen_means=False)
    torch.testing.assert_close(kept, images)


@pytest.mark.parametrize("size", SIZES)
def test_holes_have_the_mean_and_nothing_else_changes(size: tuple[int, ...]) -> None:
    images = torch.rand(2, 2, *size)
    holes = np.zeros((2, 1, len(size), 2), dtype=np.int64)
    holes[1, 0] = [[2, 5]] * len(size)
    result = images.clone()
    punch(result, replace(still(images), holes=holes))
    window = (slice(None), *(slice(2, 5),) * len(size))
    torch.testing.assert_close(result[1][window], images[1].mean().expand_as(result[1][window]))
    is_changed = result != images
    assert is_changed.sum() == 2 * 3 ** len(size)
    assert torch.equal(result[0], images[0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
def test_fewer_elements_are_torch_s_nearest_ones_interpolated(
    size: tuple[int, ...], dtype: torch.dtype
) -> None:
    images = torch.rand(1, 1, *size, dtype=dtype)
    drawn = replace(still(images), coarsen=axes(images, 0.6))
    fewer = [round(n * 0.6) for n in size]
    mode = "bilinear" if len(size) == 2 else "trilinear"
    down = torch.nn.functional.interpolate(images, fewer, mode="nearest-exact")
    truth = torch.nn.functional.interpolate(down, size, mode=mode)
    result = changed(coarsen, images, drawn, coarsen_means=False)
    torch.testing.assert_close(result, truth, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_contrast_can_keep_the_range(dtype: torch.dtype) -> None:
    images = torch.randn(2, 1, 16, 16, dtype=dtype)
    drawn = replace(still(images), contrast=column(1.25, 1.0), multiply=column(0.8, 1.2))
    result = changed(tone, images, drawn, contrast_is_clipped=True)
    part = images[0] * 0.8
    truth = ((part - part.mean()) * 1.25 + part.mean()).clamp(part.min(), part.max())
    torch.testing.assert_close(result[0], truth)
    torch.testing.assert_close(result[1], images[1] * 1.2)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("change", [gamma, negative])
def test_gamma_can_keep_mean_and_deviation(change: Change, dtype: torch.dtype) -> None:
    images = torch.randn(1, 2, 14, 12, dtype=dtype)
    drawn = replace(still(images), gamma=column(1.4), negative=column(1.4))
    result = changed(change, images, drawn, gamma_keeps_mean=True)
    torch.testing.assert_close(result.mean(), images.mean(), atol=1e-5, rtol=0)
    torch.testing.assert_close(result.std(), images.std(), atol=1e-5, rtol=0)
    assert (result - images).abs().max() > 0.01


def test_channels_can_be_changed_on_their_own() -> None:
    images = torch.rand(1, 2, 12, 12) + torch.tensor([0.0, 10])[:, None, None]
    contrast = np.array([[2.0, 1.0]])
    by_channel = Augmentation(AugmentationOptions(by_channel=True), 2)
    drawn = replace(by_channel.draw((2, 12, 12), np.arange(1), (0,)), contrast=contrast)
    result = changed(tone, images, drawn)
    mean = images[0, 0].mean()
    torch.testing.assert_close(result[0, 0], mean + 2 * (images[0, 0] - mean))
    assert torch.equal(result[0, 1], images[0, 1])
