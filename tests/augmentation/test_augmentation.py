"""The whole augmentation: laws, refusals, speed's preconditions."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from scanwright.augmentation import (
    STRENGTHS,
    Augmentation,
    AugmentationOptions,
    medium,
    nnunet,
    strong,
)
from scanwright.augmentation.options import CHANCES
from scanwright.base import RecipeError, ShapeError

SIZES = [(16, 20), (8, 16, 20)]


def smooth(seed: int, *shape: int) -> torch.Tensor:
    """Images without detail finer than some elements, so that rounding of places hardly matters."""
    noise = np.random.default_rng(seed).normal(size=shape)
    sigma = (0, 0, *(2.0,) * (len(shape) - 2))
    image = ndimage.gaussian_filter(noise, sigma, mode="nearest")
    return torch.from_numpy(image / image.std()).float()


@pytest.mark.parametrize("size", SIZES)
def test_without_chances_nothing_happens(size: tuple[int, ...]) -> None:
    images = torch.randn(4, 2, *size)
    augmentation = Augmentation(AugmentationOptions(), len(size))
    drawn = augmentation.draw((1, *size), np.arange(4), (0,))
    assert torch.equal(augmentation.apply(images, drawn), images)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(SIZES), st.sampled_from(sorted(STRENGTHS)))
def test_an_image_is_augmented_alone_as_in_its_batch(
    seed: int, size: tuple[int, ...], strength: str
) -> None:
    images = torch.randn(5, 2, *size, generator=torch.Generator().manual_seed(seed))
    options = STRENGTHS[strength]((0, 1)).model_copy(update={"mixup_chance": 0.0})
    augmentation = Augmentation(options, len(size))
    drawn = augmentation.draw((1, *size), np.arange(5), (seed,))
    together = augmentation.apply(images, drawn)
    for index in range(5):
        alone = augmentation.apply(images[index : index + 1], drawn.only(index))
        torch.testing.assert_close(alone[0], together[index], atol=1e-4, rtol=1e-4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_a_plane_is_a_volume_of_one_slice(seed: int) -> None:
    images = torch.randn(4, 1, 16, 20, generator=torch.Generator().manual_seed(seed))
    # Coarsening and blurring one slice do nothing across it; a tilt would leave the plane.
    flat = Augmentation(strong((1,)), 2)
    deep = Augmentation(strong((2,)).model_copy(update={"tilt_chance": 0.0}), 3)
    drawn = flat.draw((1, 16, 20), np.arange(4), (seed,))
    drawn_deep = deep.draw((1, 1, 16, 20), np.arange(4), (seed,))
    plane = flat.apply(images, drawn)
    volume = deep.apply(images[:, :, None], drawn_deep)
    torch.testing.assert_close(volume[:, :, 0], plane, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("strength", sorted(STRENGTHS))
@pytest.mark.parametrize("size", SIZES)
def test_the_same_draw_gives_the_same_batch_and_leaves_the_input(
    strength: str, size: tuple[int, ...]
) -> None:
    images = torch.rand(8, 1, *size)
    before = images.clone()
    augmentation = Augmentation(STRENGTHS[strength]((0,)), len(size))
    drawn = augmentation.draw((1, *size), np.arange(8), (3,))
    result = augmentation.apply(images, drawn)
    assert torch.equal(images, before)
    assert torch.equal(augmentation.apply(images, drawn), result)
    assert result.shape == images.shape
    assert result.dtype == images.dtype
    assert torch.all(torch.isfinite(result))
    assert not torch.equal(result, images)


def test_mixing_comes_last_and_uses_augmented_partners() -> None:
    options = medium().model_copy(update={"mixup_chance": 1.0})
    augmentation = Augmentation(options, 2)
    images = torch.rand(6, 1, 16, 16)
    drawn = augmentation.draw((1, 16, 16), np.arange(6), (0,))
    unmixed = augmentation.apply(images, replace(drawn, weight=np.ones(6)))
    weight = torch.from_numpy(drawn.weight).float()[:, None, None, None]
    truth = weight * unmixed + (1 - weight) * unmixed[drawn.partner]
    torch.testing.assert_close(augmentation.apply(images, drawn), truth)


@pytest.mark.parametrize("outside", ["border", "reflect", "zeros"])
def test_what_is_seen_outside(outside: str) -> None:
    options = AugmentationOptions(shift_chance=1, shift=0.5, outside=outside)
    augmentation = Augmentation(options, 2)
    drawn = augmentation.draw((1, 8, 8), np.arange(1), (0,))
    drawn = replace(drawn, shift=np.array([[0.0, 3.0]]))
    row = torch.arange(1.0, 9).expand(1, 1, 8, 8)
    left = augmentation.apply(row, drawn)[0, 0, 4, :4].tolist()
    truth = {"border": [1, 1, 1, 1], "reflect": [3, 2, 1, 1], "zeros": [0, 0, 0, 1]}[outside]
    assert left == pytest.approx(truth, abs=1e-5)


def test_channels_last_and_views_are_taken() -> None:
    augmentation = Augmentation(strong((1,)), 2)
    images = torch.rand(4, 3, 16, 16)
    drawn = augmentation.draw((1, 16, 16), np.arange(4), (0,))
    truth = augmentation.apply(images, drawn)
    turned = images.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(augmentation.apply(turned, drawn), truth)
    expanded = images[:1].expand(4, -1, -1, -1)
    assert augmentation.apply(expanded, drawn).shape == images.shape


def test_gradients_are_not_followed() -> None:
    augmentation = Augmentation(strong(), 2)
    images = torch.rand(2, 1, 8, 8, requires_grad=True)
    drawn = augmentation.draw((1, 8, 8), np.arange(2), (0,))
    assert not augmentation.apply(images, drawn).requires_grad


@pytest.mark.parametrize(
    ("options", "rank", "spacing"),
    [
        (AugmentationOptions(), 1, None),
        (AugmentationOptions(), 4, None),
        (AugmentationOptions(flips=(2,)), 2, None),
        (AugmentationOptions(), 2, (1.0, 1.0, 1.0)),
        (AugmentationOptions(), 2, (1.0, 0.0)),
    ],
)
def test_what_cannot_be_is_refused(
    options: AugmentationOptions, rank: int, spacing: tuple[float, ...] | None
) -> None:
    with pytest.raises(RecipeError):
        Augmentation(options, rank, spacing)


@pytest.mark.parametrize(
    "images",
    [
        torch.zeros(2, 1, 4, 4),
        torch.zeros(3, 1, 4, 4, 4),
        torch.zeros(3, 1, 4, 5),
        torch.zeros(3, 1, 4, 4).int(),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(images: torch.Tensor) -> None:
    augmentation = Augmentation(AugmentationOptions(), 2)
    drawn = augmentation.draw((1, 4, 4), np.arange(3), (0,))
    with pytest.raises(ShapeError):
        augmentation.apply(images, drawn)


@pytest.mark.parametrize(
    ("shape", "window"), [((1, 4, 4, 4), None), ((1, 4, 4), (4,)), ((1, 4, 4), (4, 5))]
)
def test_a_size_that_cannot_be_is_refused(
    shape: tuple[int, ...], window: tuple[int, ...] | None
) -> None:
    with pytest.raises(ShapeError):
        Augmentation(AugmentationOptions(), 2).draw(shape, np.arange(3), (0,), window)


def everything(rank: int, **changes: object) -> AugmentationOptions:
    """All changes, all likely."""
    likely = {name: 0.7 for name in CHANCES if name not in ("mixup_chance", "cutmix_chance")}
    axes = tuple(range(rank))
    return AugmentationOptions.model_validate({"flips": axes, **likely, **changes})


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(SIZES), st.booleans())
def test_compiled_kernels_and_tensors_give_the_same(
    seed: int, size: tuple[int, ...], by_channel: bool
) -> None:
    images = smooth(seed, 3, 2, *size)
    options = everything(len(size), by_channel=by_channel, spike_chance=0.0)
    augmentation = Augmentation(options, len(size))
    drawn = augmentation.draw((2, *size), np.arange(3), (seed,))
    compiled = augmentation.apply(images, drawn)
    # Doubles go the way of tensors, as images on an accelerator do.
    by_tensors = augmentation.apply(images.double(), drawn).float()
    torch.testing.assert_close(compiled, by_tensors, atol=1e-4, rtol=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(SIZES))
def test_everything_at_once_is_the_same_alone_and_in_a_batch(
    seed: int, size: tuple[int, ...]
) -> None:
    images = smooth(seed, 4, 2, *size)
    augmentation = Augmentation(everything(len(size)), len(size))
    drawn = augmentation.draw((2, *size), np.arange(4), (seed,))
    together = augmentation.apply(images, drawn)
    for index in range(4):
        alone = augmentation.draw((2, *size), np.arange(index, index + 1), (seed,))
        result = augmentation.apply(images[index : index + 1], alone)
        torch.testing.assert_close(result[0], together[index], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("size", [(32, 32), (20, 30, 30), (4, 30, 30)])
def test_nnunet_s_list_runs_and_keeps_standardised_images_near_it(size: tuple[int, ...]) -> None:
    images = smooth(0, 64, 1, *size)
    augmentation = Augmentation(nnunet(size), len(size))
    drawn = augmentation.draw((1, *size), np.arange(64), (0,))
    result = augmentation.apply(images, drawn)
    assert torch.all(torch.isfinite(result))
    assert 0.7 < float(result.std()) < 1.3
    is_in_plane = len(size) == 3 and size[0] == 4
    assert np.all(drawn.matrix[:, 0, 1:] == 0) == is_in_plane or len(size) == 2


def test_the_result_goes_into_memory_that_is_given() -> None:
    images, masks = torch.rand(3, 1, 16, 16), torch.ones(3, 1, 16, 16, dtype=torch.uint8)
    augmentation = Augmentation(everything(2), 2)
    drawn = augmentation.draw((1, 16, 16), np.arange(3), (0,))
    memory, labels = torch.full_like(images, 9.0), torch.full_like(masks, 9)
    assert augmentation.apply(images, drawn, memory) is memory
    assert torch.equal(memory, augmentation.apply(images, drawn))
    assert augmentation.apply_masks(masks, drawn, labels) is labels
    assert torch.equal(labels, augmentation.apply_masks(masks, drawn))
    for wrong in (torch.zeros(3, 1, 16, 15), images.double(), torch.zeros(3, 1, 16, 32)[..., ::2]):
        with pytest.raises(ShapeError, match="memory"):
            augmentation.apply(images, drawn, wrong)


def test_half_floats_and_many_channels_are_taken() -> None:
    augmentation = Augmentation(everything(2, by_channel=True), 2)
    images = smooth(0, 3, 3, 16, 16).to(torch.bfloat16)
    drawn = augmentation.draw((3, 16, 16), np.arange(3), (0,))
    result = augmentation.apply(images, drawn)
    assert result.dtype == torch.bfloat16
    assert torch.all(torch.isfinite(result.float()))


def test_other_channels_than_drawn_are_refused() -> None:
    augmentation = Augmentation(everything(2, by_channel=True), 2)
    drawn = augmentation.draw((3, 16, 16), np.arange(2), (0,))
    with pytest.raises(ShapeError, match="channels"):
        augmentation.apply(torch.zeros(2, 2, 16, 16), drawn)


@pytest.mark.gpu
def test_an_accelerator_gives_the_same_images() -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs an accelerator")
    augmentation = Augmentation(strong((1,)), 3)
    images = torch.rand(4, 1, 12, 16, 16)
    drawn = augmentation.draw((1, 12, 16, 16), np.arange(4), (0,))
    result = augmentation.apply(images.cuda(), drawn).cpu()
    torch.testing.assert_close(result, augmentation.apply(images, drawn), atol=1e-3, rtol=1e-3)
