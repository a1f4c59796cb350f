"""Resampling of images: scipy's numbers, straight and bent."""

import numpy as np
import pytest
from scipy import ndimage

from scanwright.augmentation.image_walk import resample, resample_bent
from scanwright.augmentation.ray import BORDER, REFLECT, ZEROS

MODES = {BORDER: "nearest", REFLECT: "reflect", ZEROS: "constant"}


def volumes(depth: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(2, 2, depth, 9, 11)).astype(np.float32)


def some_map(depth: int) -> np.ndarray:
    where = np.random.default_rng(1).normal(scale=0.4, size=(3, 4)) + np.eye(3, 4)
    if depth == 1:  # walks stay in the plane
        where[0] = where[:, 0] = 0
        where[0, 0] = 1
    return where


@pytest.mark.parametrize("outside", MODES)
@pytest.mark.parametrize("depth", [1, 6])
def test_straight_walks_read_as_scipy_does(outside: int, depth: int) -> None:
    images, where = volumes(depth), some_map(depth)
    out = np.zeros_like(images)
    resample(images, out, np.array([1]), np.stack([where, where]), outside)
    for channel in range(2):
        truth = ndimage.affine_transform(
            images[1, channel], where[:, :3], where[:, 3], order=1, mode=MODES[outside]
        )
        if outside == ZEROS:  # scipy knows no half element beyond the edge
            inner = ndimage.affine_transform(
                np.ones(images.shape[2:]), where[:, :3], where[:, 3], order=1
            )
            truth = np.where(inner > 0.99, truth, out[1, channel])
        np.testing.assert_allclose(out[1, channel], truth, atol=1e-4)
    assert not out[0].any()


@pytest.mark.parametrize("depth", [1, 6])
def test_a_bent_walk_along_no_field_is_straight(depth: int) -> None:
    images, where = volumes(depth), some_map(depth)
    straight, bent = np.zeros_like(images), np.zeros_like(images)
    resample(images, straight, np.array([0]), where[None], REFLECT)
    field = np.zeros((3, *images.shape[2:]), np.float32)
    resample_bent(images, bent, 0, (where, field), REFLECT)
    np.testing.assert_allclose(bent, straight, atol=1e-4)


def test_a_bent_walk_reads_where_the_field_says() -> None:
    images = volumes(6)
    field = np.zeros((3, 6, 9, 11), np.float32)
    field[2] = 0.5
    out = np.zeros_like(images)
    resample_bent(images, out, 1, (np.eye(3, 4), field), BORDER)
    halfway = (images[1][..., :-1] + images[1][..., 1:]) / 2
    np.testing.assert_allclose(out[1][..., :-1], halfway, atol=1e-5)
