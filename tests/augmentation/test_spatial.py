"""Moves: against exact answers and against scipy; images, masks and boxes together."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from torch import Tensor

from scanwright.augmentation import Augmentation, AugmentationOptions, Drawn
from scanwright.augmentation.spatial import move, move_masks
from scanwright.base import LabelError


def still(batch: int, size: tuple[int, ...]) -> Drawn:
    nothing = Augmentation(AugmentationOptions(), len(size))
    return nothing.draw((1, *size), np.arange(batch), (0,))


def moved(images: Tensor, drawn: Drawn, outside: str = "border") -> Tensor:
    memory = images.new_empty((*images.shape[:2], *drawn.window))
    return move(images, memory, drawn, outside)  # type: ignore[arg-type]  # a plain str in the parameters


def relabelled(masks: Tensor, drawn: Drawn, outside: str, rule: str) -> Tensor:
    memory = masks.new_empty((*masks.shape[:2], *drawn.window))
    return move_masks(masks, memory, drawn, (outside, rule))  # type: ignore[arg-type]  # plain strs


def rotation(degrees: float, rank: int) -> np.ndarray:
    matrix = np.eye(rank)
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    matrix[-2:, -2:] = [[c, -s], [s, c]]
    return matrix[None]


def ball(size: tuple[int, ...], middle: tuple[float, ...], width: float) -> Tensor:
    grid = np.stack(np.meshgrid(*(np.arange(n) for n in size), indexing="ij"), axis=-1)
    value = np.exp(-0.5 * ((grid - np.array(middle)) ** 2).sum(-1) / width**2)
    return torch.from_numpy(value).float()[None, None]


def mass_centre(images: Tensor) -> np.ndarray:
    return np.array(ndimage.center_of_mass(images[0, 0].double().numpy()))


@pytest.mark.parametrize("size", [(7, 6), (5, 7, 6)])
def test_flipping_twice_is_nothing_and_once_is_numpy(size: tuple[int, ...]) -> None:
    images = torch.rand(6, 2, *size)
    flips = np.random.default_rng(0).random((6, len(size))) < 0.5
    drawn = replace(still(6, size), flips=flips)
    changed = moved(images, drawn)
    for index, row in enumerate(flips):
        truth = np.flip(images[index].numpy(), tuple(np.flatnonzero(row) + 1))
        assert np.array_equal(changed[index].numpy(), truth)
    assert torch.equal(moved(changed, drawn), images)


@pytest.mark.parametrize("outside", ["border", "reflect", "zeros"])
@pytest.mark.parametrize("size", [(7, 6), (5, 7, 6)])
def test_flips_are_exact_on_the_way_of_moved_images_too(
    size: tuple[int, ...], outside: str
) -> None:
    images = torch.rand(1, 2, *size)
    mirror = -np.eye(len(size))[None]  # as a matrix, so that it is resampled
    drawn = replace(still(1, size), matrix=mirror)
    truth = images.flip(tuple(range(2, images.ndim)))
    assert torch.equal(moved(images, drawn, outside), truth)


@pytest.mark.parametrize("size", [(12, 12), (5, 12, 12)])
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_quarter_turn_is_rot90(size: tuple[int, ...], turns: int) -> None:
    images = torch.rand(1, 2, *size)
    drawn = replace(still(1, size), matrix=rotation(90 * turns, len(size)))
    truth = torch.rot90(images, turns, (-2, -1))
    torch.testing.assert_close(moved(images, drawn), truth, atol=1e-5, rtol=0)


@pytest.mark.parametrize("size", [(40, 50), (30, 40, 50)])
def test_the_mass_centre_moves_as_drawn(size: tuple[int, ...]) -> None:
    middle = tuple((n - 1) / 2 for n in size)
    images = ball(size, middle, 3)
    shift = np.array([[2.5, -4.0, 5.25][-len(size) :]])
    result = moved(images, replace(still(1, size), shift=shift))
    np.testing.assert_allclose(mass_centre(result), np.array(middle) + shift[0], atol=0.02)


@pytest.mark.parametrize("size", [(60, 50), (40, 60, 50)])
def test_a_point_goes_where_the_matrix_sends_it(size: tuple[int, ...]) -> None:
    rank = len(size)
    middle = (np.array(size) - 1) / 2
    offset = np.array([3.0, -6.0, 5.0])[-rank:]
    images = ball(size, tuple(middle + offset), 2.5)
    matrix = (np.eye(rank) * 1.2 + np.random.default_rng(1).normal(0, 0.15, (rank, rank)))[None]
    drawn = replace(still(1, size), matrix=matrix)
    np.testing.assert_allclose(mass_centre(moved(images, drawn)), middle + matrix[0] @ offset,
                               atol=0.05)  # fmt: skip


def test_scale_above_one_is_larger() -> None:
    images = ball((41, 41), (20, 20), 3)
    drawn = replace(still(1, (41, 41)), matrix=1.5 * np.eye(2)[None])
    assert moved(images, drawn).sum() == pytest.approx(float(images.sum()) * 2.25, rel=0.01)


@pytest.mark.parametrize(
    ("outside", "scipy_mode"),
    [("border", "nearest"), ("reflect", "reflect"), ("zeros", "grid-constant")],
)
@pytest.mark.parametrize("size", [(13, 11), (9, 13, 11)])
@pytest.mark.parametrize("tilted", [False, True])
def test_resampling_is_that_of_scipy(
    outside: str, scipy_mode: str, size: tuple[int, ...], tilted: bool
) -> None:
    rank = len(size)
    images = torch.rand(1, 1, *size)
    matrix = rotation(25, rank)
    if tilted and rank == 3:
        matrix = matrix + np.random.default_rng(2).normal(0, 0.2, (1, 3, 3))
    else:
        matrix = matrix * np.linspace(0.8, 1.3, rank)
        if rank == 3:
            matrix[:, 0, 1:] = matrix[:, 1:, 0] = 0
    shift = np.array([[1.3, -2.1, 0.7][-rank:]])
    middle = (np.array(size) - 1) / 2
    back = np.linalg.inv(matrix[0])
    truth = ndimage.affine_transform(
        images[0, 0].double().numpy(), back, middle - back @ (middle + shift[0]),
        order=1, mode=scipy_mode,
    )  # fmt: skip
    result = moved(images, replace(still(1, size), matrix=matrix, shift=shift), outside)
    np.testing.assert_allclose(result[0, 0].numpy(), truth, atol=1e-4)


def test_images_without_a_move_are_left_alone() -> None:
    images = torch.rand(3, 1, 8, 8)
    drawn = still(3, (8, 8))
    drawn.shift[1] = 2
    result = moved(images, drawn)
    assert torch.equal(result[[0, 2]], images[[0, 2]])
    assert not torch.equal(result[1], images[1])
    assert torch.allclose(result[1, 0, 2:, 2:], images[1, 0, :-2, :-2], atol=1e-6)


LAW_SIZES = [(21, 26), (12, 15, 18)]
seeds = st.integers(0, 10**6)


def moves(size: tuple[int, ...], **changes: object) -> Augmentation:
    """Every kind of move, always."""
    chances = ("rotate", "tilt", "scale", "stretch", "shear", "shift", "elastic")
    options = {f"{name}_chance": 1.0 for name in chances} | {
        "flips": tuple(range(len(size))), "rotate_degrees": 60, "elastic": (0.01, 0.03),
    }  # fmt: skip
    return Augmentation(AugmentationOptions.model_validate(options | changes), len(size))


def blobs(seed: int, size: tuple[int, ...]) -> Tensor:
    noise = np.random.default_rng(seed).normal(size=size)
    smooth = ndimage.gaussian_filter(noise, 2.5, mode="nearest")
    return torch.from_numpy(smooth / smooth.std()).float()[None, None]


@settings(max_examples=20, deadline=None)
@given(seeds, st.sampled_from(LAW_SIZES))
def test_the_inverse_move_brings_the_middle_back(seed: int, size: tuple[int, ...]) -> None:
    augmentation = moves(size, elastic_chance=0.0, scale=(0.9, 1.1), shift=0.03, flips=())
    drawn = augmentation.draw((1, *size), np.arange(1), (seed,))
    images = blobs(seed, size)
    back = np.linalg.inv(drawn.matrix)
    undo = replace(drawn, matrix=back, shift=-(back @ drawn.shift[:, :, None])[..., 0])
    again = moved(moved(images, drawn, "reflect"), undo, "reflect")
    middle = tuple(slice(n // 2 - n // 8, n // 2 + n // 8 + 1) for n in size)
    off = (again - images)[(0, 0, *middle)].abs()
    assert off.max() < 0.25  # two linear interpolations of a smooth image of deviation 1


@settings(max_examples=25, deadline=None)
@given(seeds, st.sampled_from(LAW_SIZES), st.sampled_from(["border", "reflect", "zeros"]))
def test_the_majority_mask_is_where_the_moved_mask_is_more_than_half(
    seed: int, size: tuple[int, ...], outside: str
) -> None:
    mask = (blobs(seed, size) > 0.3).to(torch.uint8)
    drawn = moves(size).draw((1, *size), np.arange(1), (seed,))
    linear = moved(mask.float(), drawn, outside)
    result = relabelled(mask, drawn, outside, "majority")
    sure = (linear - 0.5).abs() > 1e-3
    assert torch.equal(result[sure].bool(), linear[sure] > 0.5)


@settings(max_examples=25, deadline=None)
@given(seeds, st.sampled_from(LAW_SIZES), st.sampled_from(["majority", "nearest"]))
def test_masks_agree_with_their_image_to_half_an_element(
    seed: int, size: tuple[int, ...], rule: str
) -> None:
    # Each element's own index as its value: what is read there says where it was read.
    index = torch.from_numpy(np.indices(size)).float()[None]  # (1, D, *size)
    labels = torch.arange(int(np.prod(size))).reshape(1, 1, *size)
    drawn = moves(size, elastic=(0.0, 0.01)).draw((len(size), *size), np.arange(1), (seed,))
    places = moved(index, drawn, "border")[0].numpy()
    found = relabelled(labels, drawn, "border", rule)[0, 0].numpy()
    chosen = np.stack(np.unravel_index(found, size))
    assert np.abs(chosen - places).max() <= 0.5 + 1e-3


@settings(max_examples=20, deadline=None)
@given(seeds, st.sampled_from(LAW_SIZES))
def test_a_mask_gets_no_label_that_it_did_not_have(seed: int, size: tuple[int, ...]) -> None:
    labels = torch.from_numpy(np.random.default_rng(seed).choice([0, 3, 200], size=(1, 1, *size)))
    drawn = moves(size).draw((1, *size), np.arange(1), (seed,))
    for rule in ("majority", "nearest"):
        result = relabelled(labels, drawn, "zeros", rule)
        assert set(result.unique().tolist()) <= {0, 3, 200}


@settings(max_examples=15, deadline=None)
@given(seeds, st.sampled_from(LAW_SIZES), st.sampled_from(["border", "reflect", "zeros"]))
def test_masks_are_moved_alike_by_tensors(seed: int, size: tuple[int, ...], outside: str) -> None:
    from scanwright.augmentation import spatial

    labels = torch.from_numpy(np.random.default_rng(seed).integers(0, 4, size=(1, 1, *size)))
    drawn = moves(size).draw((1, *size), np.arange(1), (seed,))
    for rule, choose in (("majority", spatial._majority), ("nearest", spatial._nearest)):
        ours = relabelled(labels, drawn, outside, rule)
        ((_, grid),) = spatial._grids(labels.double(), drawn)
        theirs = choose(labels, grid, outside)  # type: ignore[arg-type]  # a plain str
        # Places half-way between labels may fall to either side by rounding.
        assert (ours != theirs).float().mean() < 2e-3


@settings(max_examples=20, deadline=None)
@given(seeds, st.sampled_from(LAW_SIZES), st.booleans())
def test_a_window_is_the_same_part_of_the_whole(
    seed: int, size: tuple[int, ...], is_random: bool
) -> None:
    window = tuple(n - 5 for n in size)
    images = blobs(seed, size).expand(3, -1, *size)
    for chance in (0.0, 1.0):  # cut without and with resampling
        augmentation = Augmentation(
            AugmentationOptions(
                flips=(0, 1), rotate_chance=chance, rotate_degrees=1e-9, crop_is_random=is_random
            ),
            len(size),
        )
        drawn = augmentation.draw((1, *size), np.arange(3), (seed,), window)
        cut = augmentation.apply(images, drawn)
        assert cut.shape == (3, 1, *window)
        for row in range(3):
            part = tuple(
                slice(first, first + n)
                for first, n in zip(drawn.origin[row].tolist(), window, strict=True)
            )
            axes = tuple((np.flatnonzero(drawn.flips[row]) + 1).tolist())
            truth = images[row][(slice(None), *part)].flip(axes)
            torch.testing.assert_close(cut[row], truth, atol=1e-4, rtol=0)


def test_masks_of_mixed_images_and_float_masks_are_refused() -> None:
    augmentation = Augmentation(AugmentationOptions(mixup_chance=1), 2)
    drawn = augmentation.draw((1, 8, 8), np.arange(2), (0,))
    with pytest.raises(LabelError, match="mixed"):
        augmentation.apply_masks(torch.zeros(2, 1, 8, 8, dtype=torch.uint8), drawn)
    plain = still(2, (8, 8))
    with pytest.raises(LabelError, match="integers"):
        augmentation.apply_masks(torch.zeros(2, 1, 8, 8), plain)
