"""Moves: against exact answers, against scipy, and fast path against slow."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from scanwright.augmentation import Augmentation, AugmentationOptions, Drawn
from scanwright.augmentation.spatial import _resample_planes, _resample_volume, flip, move


def still(batch: int, size: tuple[int, ...]) -> Drawn:
    return Augmentation(AugmentationOptions(), len(size)).draw(
        batch, size, np.random.default_rng(0)
    )


def moved(images: Tensor, drawn: Drawn, outside: str = "border") -> Tensor:
    result = images.clone()
    move(result, drawn, outside)  # type: ignore[arg-type]  # a plain str in the parameters
    return result


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
    changed = images.clone()
    flip(changed, flips)
    for index, row in enumerate(flips):
        truth = np.flip(images[index].numpy(), tuple(np.flatnonzero(row) + 1))
        assert np.array_equal(changed[index].numpy(), truth)
    flip(changed, flips)
    assert torch.equal(changed, images)


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


@pytest.mark.parametrize("outside", ["border", "reflect", "zeros"])
def test_planes_and_slow_axis_are_the_whole_volume(outside: str) -> None:
    rng = np.random.default_rng(0)
    images = torch.rand(4, 2, 9, 12, 10)
    back = np.concatenate([rotation(angle, 3) for angle in (10, -40, 90, 170)])
    back = back * rng.uniform(0.7, 1.4, (4, 1, 1))
    start = rng.uniform(-4, 4, (4, 3))
    slow = _resample_volume(images, back, start, outside)  # type: ignore[arg-type]  # plain str
    fast = _resample_planes(images, back, start, outside)  # type: ignore[arg-type]  # plain str
    torch.testing.assert_close(fast, slow, atol=2e-5, rtol=0)


def test_images_without_a_move_are_left_alone() -> None:
    images = torch.rand(3, 1, 8, 8)
    drawn = still(3, (8, 8))
    drawn.shift[1] = 2
    result = moved(images, drawn)
    assert torch.equal(result[[0, 2]], images[[0, 2]])
    assert not torch.equal(result[1], images[1])
    assert torch.allclose(result[1, 0, 2:, 2:], images[1, 0, :-2, :-2], atol=1e-6)
