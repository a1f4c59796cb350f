"""Kernels, beside plain numpy."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from scanwright.metrics import surface_kernels
from scanwright.metrics.surface_kernels import kernel

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("is_flat", [True, False])
def test_patterns_at_corners(is_flat: bool) -> None:
    pad = np.zeros((3 if is_flat else 5, 6, 7), np.uint8)
    pad[1:-1, 1:-1, 1:-1] = RNG.random(tuple(n - 2 for n in pad.shape)) < 0.6
    codes = np.zeros((1 if is_flat else 4, 5, 6), np.uint8)
    kernel(surface_kernels.mark_corners)(pad, codes, is_flat)
    for place in np.ndindex(*codes.shape):
        z, y, x = place
        eight = pad[z : z + 2, y : y + 2, x : x + 2]
        if is_flat:
            eight = np.stack([pad[1, y : y + 2, x : x + 2]] * 2)
        code = int("".join(map(str, eight.ravel())), 2)
        assert codes[place] == (0 if code == 255 else code)


def test_lines_tell_the_next_mark() -> None:
    marks = (RNG.random((3, 4, 30)) < 0.1).astype(np.uint8)
    marks[1, 2] = 0
    reach = np.empty(marks.shape, np.int16)
    kernel(surface_kernels.measure_lines)(marks, reach)
    for z, y in np.ndindex(3, 4):
        found = np.flatnonzero(marks[z, y])
        apart = np.abs(np.arange(30)[:, None] - found).min(axis=1) if len(found) else 30
        np.testing.assert_array_equal(reach[z, y], apart)


def test_a_slice_is_filled_with_distances() -> None:
    marks = (RNG.random((1, 40, 30)) < 0.01).astype(np.uint8)
    reach = np.empty(marks.shape, np.int16)
    kernel(surface_kernels.measure_lines)(marks, reach)
    wanted = RNG.random(30) < 0.7
    plane = np.full((30, 40), -1.0)
    kernel(surface_kernels.fill_plane)(reach[0], wanted, np.array([2.0, 0.3]), plane)
    whole = distance_transform_edt(marks[0] == 0, (2.0, 0.3)).T
    np.testing.assert_allclose(np.sqrt(plane[wanted]), whole[wanted])
    assert (plane[~wanted] == -1).all()
