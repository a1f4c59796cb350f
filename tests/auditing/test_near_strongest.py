import numpy as np
import pytest

from scanwright.auditing.near_strongest import WIDE, Strongest


@pytest.mark.parametrize("width", [7, WIDE, 3 * WIDE + 5])
def test_blocks_in_any_cut_give_the_strongest_of_all_views(width: int) -> None:
    views = np.random.default_rng(0).uniform(-1, 1, (3, 20, 200)).astype(np.float32)
    strongest = Strongest.none(20, 4, 0.5)
    for left in range(0, 200, width):
        for view in views:
            strongest.take(np.ascontiguousarray(view[:, left : left + width]), left, without=30)
    best = views.max(axis=0)
    best[np.arange(20), 30 + np.arange(20)] = -1
    wanted = np.argsort(-best, axis=1)[:, :4]
    assert np.array_equal(strongest.column, wanted)
    assert np.allclose(strongest.likeness, np.take_along_axis(best, wanted, axis=1))


def test_what_is_below_the_bar_is_left_out() -> None:
    likeness = np.array([[0.4, 0.7, -0.9], [0.1, 0.2, 0.3]], np.float32)
    strongest = Strongest.none(2, 2, 0.5)
    strongest.take(likeness, 5, without=50)
    row, column = strongest.pairs()
    assert (row.tolist(), column.tolist()) == ([0], [6])
