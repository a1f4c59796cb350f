"""What was drawn: rows, and which images are moved."""

from dataclasses import replace

import numpy as np

from scanwright.augmentation import AugmentationOptions, strong
from tests.augmentation.test_draw import draw


def test_one_row_can_be_taken_out_unmixed() -> None:
    drawn = draw(strong(), 5, (8, 8))
    row = drawn.only(3)
    assert len(row) == 1
    assert row.seed[0] == drawn.seed[3]
    assert row.weight.tolist() == [1]
    assert row.partner.tolist() == [0]


def test_only_what_is_resampled_counts_as_moved() -> None:
    drawn = draw(AugmentationOptions(flips=(0,), flip_chance=1), 3, (8, 8))
    assert not drawn.is_moved.any()
    shift = np.zeros((3, 2))
    shift[1] = 0.5
    assert replace(drawn, shift=shift).is_moved.tolist() == [False, True, False]
    bent = draw(AugmentationOptions(elastic_chance=1, elastic=(0.1, 0.1)), 2, (8, 8))
    assert bent.is_bent.all()
    assert bent.is_moved.all()
