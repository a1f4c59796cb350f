"""Mixing: by formula, with the partner drawn, the input left alone."""

from dataclasses import replace

import numpy as np
import torch

from scanwright.augmentation import Augmentation, AugmentationOptions, Drawn
from scanwright.augmentation.mix import mix


def still(images: torch.Tensor) -> Drawn:
    size = tuple(images.shape[2:])
    nothing = Augmentation(AugmentationOptions(), len(size))
    return nothing.draw((1, *size), np.arange(len(images)), (0,))


def test_mixing_averages_or_patches_with_the_partner() -> None:
    images = torch.rand(3, 1, 6, 8)
    patch = np.zeros((3, 2, 2), dtype=np.int64)
    patch[2] = [[1, 4], [0, 8]]
    drawn = replace(
        still(images), partner=np.array([1, 2, 0]), weight=np.array([0.7, 1.0, 0.5]), patch=patch
    )
    before = images.clone()
    result = mix(images, drawn)
    assert torch.equal(images, before)
    torch.testing.assert_close(result[0], 0.7 * images[0] + 0.3 * images[1])
    assert torch.equal(result[1], images[1])
    assert torch.equal(result[2, :, 1:4], images[0, :, 1:4])
    assert torch.equal(result[2, :, [0, 4, 5]], images[2, :, [0, 4, 5]])
