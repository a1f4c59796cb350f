"""Changes of value: by formula, within range, in place only where drawn."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from scanwright.augmentation import Augmentation, AugmentationOptions, Drawn
from scanwright.augmentation.values import bend, blur, coarsen, punch, vary

SIZES = [(14, 12), (9, 14, 12)]


def still(images: Tensor) -> Drawn:
    size = tuple(images.shape[2:])
    nothing = Augmentation(AugmentationOptions(), len(size))
    return nothing.draw(len(images), size, np.random.default_rng(0))


def changed(change: Callable[[Tensor, Drawn], None], images: Tensor, drawn: Drawn) -> Tensor:
    result = images.clone()
    change(result, drawn)
    return result


@pytest.mark.parametrize("size", SIZES)
def test_blur_is_the_gaussian_of_scipy_away_from_the_border(size: tuple[int, ...]) -> None:
    images = torch.zeros(2, 1, *size)
    images[0] = torch.rand(1, *size)
    middle = tuple(n // 2 for n in size)
    images[(1, 0, *middle)] = 1
    result = changed(blur, images, replace(still(images), blur=np.array([0.0, 0.8])))
    truth = ndimage.gaussian_filter(images[1, 0].double().numpy(), 0.8, truncate=8)
    assert torch.equal(result[0], images[0])
    np.testing.assert_allclose(result[1, 0].numpy(), truth, atol=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_coarsening_keeps_constants_and_loses_detail(size: tuple[int, ...]) -> None:
    images = torch.rand(2, 2, *size)
    images[0] = 0.3
    result = changed(coarsen, images, replace(still(images), coarsen=np.array([0.5, 0.5])))
    torch.testing.assert_close(result[0], images[0])
    assert result[1].std() < 0.75 * images[1].std()
    assert result[1].mean() == pytest.approx(float(images[1].mean()), abs=0.02)


def test_coarsening_to_one_element_is_the_mean() -> None:
    images = torch.rand(1, 1, 6, 6)
    result = changed(coarsen, images, replace(still(images), coarsen=np.array([0.1])))
    torch.testing.assert_close(result, images.mean().expand_as(images))


@pytest.mark.parametrize("size", SIZES)
def test_contrast_and_brightness_by_formula(size: tuple[int, ...]) -> None:
    images = torch.randn(2, 3, *size) * 4 + 10
    drawn = replace(still(images), contrast=np.array([1.5, 1.0]), brightness=np.array([0.0, -0.5]))
    result = changed(vary, images, drawn)
    mean, deviation = images[0].mean(), images[1].std(correction=0)
    torch.testing.assert_close(result[0], mean + (images[0] - mean) * 1.5)
    torch.testing.assert_close(result[1], images[1] - 0.5 * deviation)


def test_noise_is_relative_repeatable_and_an_image_s_own() -> None:
    images = torch.randn(3, 1, 64, 64) * torch.tensor([1.0, 100, 1])[:, None, None, None]
    drawn = replace(still(images), noise=np.array([0.2, 0.2, 0.0]), seed=np.array([5, 5, 5]))
    noise = changed(vary, images, drawn) - images
    assert noise[0].std() == pytest.approx(0.2 * float(images[0].std()), rel=0.05)
    torch.testing.assert_close(noise[0] / images[0].std(), noise[1] / images[1].std(),
                               atol=1e-3, rtol=1e-3)  # fmt: skip
    assert torch.count_nonzero(noise[2]) == 0
    torch.testing.assert_close(changed(vary, images, drawn) - images, noise)
    other = changed(vary, images, replace(drawn, seed=np.array([6, 5, 5]))) - images
    assert not torch.allclose(other[0], noise[0])


@pytest.mark.parametrize("gamma", [0.3, 0.7, 1.5, 4.0])
@pytest.mark.parametrize("inverted", [False, True])
def test_gamma_keeps_order_and_range(gamma: float, inverted: bool) -> None:
    images = torch.randn(1, 2, 14, 12) * 3 - 1
    drawn = replace(still(images), gamma=np.array([gamma]), inverted=np.array([inverted]))
    result = changed(bend, images, drawn)
    assert result.min() == pytest.approx(float(images.min()), abs=1e-5)
    assert result.max() == pytest.approx(float(images.max()), abs=1e-5)
    assert result.min() >= images.min()
    assert result.max() <= images.max()
    order = images.flatten().argsort()
    assert torch.all(result.flatten()[order].diff() >= 0)
    is_darker = (gamma > 1) != inverted
    assert bool(result.mean() < images.mean()) == is_darker


def test_gamma_by_formula() -> None:
    images = torch.tensor([[[[0.0, 0.25, 1.0]]]])
    drawn = replace(still(images), gamma=np.array([2.0]))
    assert changed(bend, images, drawn).flatten().tolist() == pytest.approx([0, 0.0625, 1])
    drawn = replace(drawn, inverted=np.array([True]))
    assert changed(bend, images, drawn).flatten().tolist() == pytest.approx([0, 0.4375, 1])


@pytest.mark.parametrize("change", [blur, coarsen, vary, bend, punch])
def test_a_constant_image_stays_finite_and_constant(
    change: Callable[[Tensor, Drawn], None],
) -> None:
    images = torch.full((1, 1, 6, 6), 2.5)
    drawn = replace(
        still(images), blur=np.ones(1), coarsen=np.full(1, 0.5),
        contrast=np.array([2.0]), gamma=np.array([0.5]),
        noise=np.ones(1), brightness=np.ones(1), holes=np.array([[[[1, 3], [2, 5]]]]),
    )  # fmt: skip
    torch.testing.assert_close(changed(change, images, drawn), images)


@pytest.mark.parametrize("size", SIZES)
def test_holes_have_the_mean_and_nothing_else_changes(size: tuple[int, ...]) -> None:
    images = torch.rand(2, 2, *size)
    holes = np.zeros((2, 1, len(size), 2), dtype=np.int64)
    holes[1, 0] = [[2, 5]] * len(size)
    result = changed(punch, images, replace(still(images), holes=holes))
    window = (slice(None), *(slice(2, 5),) * len(size))
    torch.testing.assert_close(result[1][window], images[1].mean().expand_as(result[1][window]))
    is_changed = result != images
    assert is_changed.sum() == 2 * 3 ** len(size)
    assert torch.equal(result[0], images[0])
