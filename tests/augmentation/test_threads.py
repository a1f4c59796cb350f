"""Threads: every row is worked on once, and nothing changes in the result."""

import numpy as np
import pytest
import torch

from scanwright.augmentation import Augmentation
from scanwright.augmentation.artefacts import ARTEFACTS
from scanwright.augmentation.threads import in_parts
from tests.augmentation.test_augmentation import SIZES, everything


@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_row_is_worked_on_once(count: int) -> None:
    threads = torch.get_num_threads()
    done: list[int] = []
    try:
        torch.set_num_threads(count)
        in_parts(np.arange(4) * 3, lambda rows: done.extend(rows.tolist()))
        in_parts(np.arange(0), lambda rows: done.append(-1))
    finally:
        torch.set_num_threads(threads)
    assert sorted(done) == [0, 3, 6, 9]


@pytest.mark.parametrize("size", SIZES)
def test_threads_change_nothing(size: tuple[int, ...]) -> None:
    images = torch.rand(6, 2, *size)
    masks = (torch.rand(6, 1, *size) > 0.6).to(torch.uint8)
    # Artefacts are left out: their Fourier transforms round differently with more threads.
    options = everything(len(size), **{f"{name}_chance": 0.0 for name in ARTEFACTS})
    augmentation = Augmentation(options, len(size))
    drawn = augmentation.draw((2, *size), np.arange(6), (0,))
    threads = torch.get_num_threads()
    results = []
    try:
        for count in (1, 3):
            torch.set_num_threads(count)
            results.append(
                (augmentation.apply(images, drawn), augmentation.apply_masks(masks, drawn))
            )
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(results[0][0], results[1][0])
    assert torch.equal(results[0][1], results[1][1])
