"""Boxes: they hold what they held, and are exact where nothing is turned."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.augmentation import Augmentation, AugmentationOptions
from scanwright.base import ShapeError
from tests.augmentation.test_spatial import LAW_SIZES, moves, seeds


@settings(max_examples=40, deadline=None)
@given(seeds, st.sampled_from(LAW_SIZES))
def test_boxes_lie_tightly_around_moved_findings(seed: int, size: tuple[int, ...]) -> None:
    rng = np.random.default_rng(seed)
    low = np.array([rng.integers(1, n // 2) for n in size])
    high = np.array([rng.integers(a + 2, n) for a, n in zip(low, size, strict=True)])
    mask = torch.zeros((1, 1, *size), dtype=torch.uint8)
    places = np.indices(size).reshape(len(size), -1).T
    middle, half = (low + high - 1) / 2, (high - low) / 2
    inside = (((places - middle) / half) ** 2).sum(axis=1) <= 1
    mask[(0, 0, *places[inside].T)] = 1
    augmentation = moves(size, outside="zeros")
    drawn = augmentation.draw((1, *size), np.arange(1), (seed,))
    box = np.stack([low, high], axis=1)[None] - 0.5
    ((boxes, kept),) = augmentation.apply_boxes([box], drawn)
    found = np.argwhere(augmentation.apply_masks(mask, drawn)[0, 0].numpy())
    if len(found):
        assert kept.tolist() == [0]
        assert np.all(found.min(axis=0) - 0.5 >= boxes[0, :, 0] - 1)
        assert np.all(found.max(axis=0) + 0.5 <= boxes[0, :, 1] + 1)
        is_whole = np.all((found.min(axis=0) > 0) & (found.max(axis=0) < np.array(size) - 1))
        if is_whole:
            loose = (boxes[0, :, 1] - boxes[0, :, 0]) - (np.ptp(found, axis=0) + 1)
            assert np.all(loose <= 3), "a box is no more than the raster of its finding too long"


def test_a_box_of_an_unmoved_or_mirrored_image_is_exact() -> None:
    box = np.array([[[1.5, 4.5], [2.5, 6.5]]])
    augmentation = Augmentation(AugmentationOptions(flips=(1,), flip_chance=1), 2)
    drawn = augmentation.draw((1, 10, 12), np.arange(1), (0,))
    ((boxes, _),) = augmentation.apply_boxes([box], drawn)
    np.testing.assert_allclose(boxes, [[[1.5, 4.5], [4.5, 8.5]]])
    ((gone, kept),) = augmentation.apply_boxes([box + 20], drawn)
    assert len(gone) == len(kept) == 0


def test_boxes_of_which_little_is_left_are_left_out() -> None:
    box = np.array([[[-0.5, 3.5], [-0.5, 3.5]]])
    augmentation = Augmentation(AugmentationOptions(), 2)
    drawn = augmentation.draw((1, 8, 8), np.arange(1), (0,), window=(4, 4))  # its middle: 2 to 5
    ((some, kept),) = augmentation.apply_boxes([box], drawn)
    np.testing.assert_allclose(some, [[[-0.5, 1.5], [-0.5, 1.5]]])
    assert kept.tolist() == [0]
    ((none, _),) = augmentation.apply_boxes([box], drawn, least_share=0.3)
    assert len(none) == 0


def test_boxes_that_do_not_fit_are_refused() -> None:
    augmentation = Augmentation(AugmentationOptions(), 2)
    drawn = augmentation.draw((1, 8, 8), np.arange(1), (0,))
    with pytest.raises(ShapeError):
        augmentation.apply_boxes([], drawn)
    with pytest.raises(ShapeError):
        augmentation.apply_boxes([np.zeros((1, 3, 2))], drawn)
