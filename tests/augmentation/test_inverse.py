"""Inverse of moves: numpy's, for two and three axes."""

import numpy as np
import pytest

from scanwright.augmentation.inverse import invert


@pytest.mark.parametrize("rank", [2, 3])
def test_the_inverse_undoes_the_move(rank: int) -> None:
    rng = np.random.default_rng(rank)
    matrices = np.eye(rank) + rng.normal(scale=0.3, size=(6, rank, rank))
    flips = rng.random((6, rank)) < 0.5
    shifts, origins = rng.normal(size=(6, rank)), rng.integers(0, 4, (6, rank))
    window = np.array([7, 9, 10][:rank])
    maps = np.empty((6, rank, rank + 1))
    invert(matrices, flips, (shifts, origins), window, maps)
    middle = (window - 1) / 2
    for row in range(6):
        place = rng.normal(size=rank) * 3 + middle
        read = maps[row, :, :-1] @ place + maps[row, :, -1]
        mirrored = (read - middle - origins[row]) * np.where(flips[row], -1, 1)
        moved = matrices[row] @ mirrored + shifts[row] + middle
        np.testing.assert_allclose(moved, place, atol=1e-9)
