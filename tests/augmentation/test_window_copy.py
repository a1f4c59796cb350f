"""Windows that are only cut and mirrored: numpy's slices."""

import numpy as np
import pytest

from scanwright.augmentation.window_copy import copy_window


@pytest.mark.parametrize("step", [1, -1])
def test_windows_are_cut_and_mirrored(step: int) -> None:
    images = np.random.default_rng(0).normal(size=(3, 2, 4, 6, 8)).astype(np.float32)
    out = np.zeros((3, 2, 4, 3, 5), np.float32)
    starts = np.tile(np.array([[0, 1], [2, 1], [1 if step > 0 else 5, step]]), (3, 1, 1))
    copy_window(images, out, np.array([0, 2]), starts)
    cut = images[:, :, :, 2:5, 1:6][..., ::step]
    assert np.array_equal(out[[0, 2]], cut[[0, 2]])
    assert not out[1].any()
