import numpy as np
import pytest

from scanwright.inference import Tiling
from scanwright.inference.window_weights import box_weights, expected_weights

TILING = Tiling.of((40,), (16,), 0.5)  # windows begin at 0, 8, 16, 24


def test_a_box_weighs_less_the_nearer_it_comes_to_the_border() -> None:
    # The window at 8 covers 7.5 to 23.5; its middle is 15.5.
    edges = np.array([[[15.0, 16.0]], [[12.5, 19.5]], [[15.5, 23.5]], [[15.5, 27.0]]])
    found = box_weights(edges, (8,), TILING, 0.5)
    assert found == pytest.approx([0.5 ** (0.5 / 8) ** 2, 0.5**0.25, 0.5, 0.5])


def test_borders_that_are_the_images_own_do_not_count() -> None:
    at_low, at_high = np.array([[[-0.5, 7.5]]]), np.array([[[31.5, 39.5]]])
    assert box_weights(at_low, (0,), TILING, 0.9) == 1.0
    assert box_weights(at_high, (24,), TILING, 0.9) == 1.0
    small = Tiling.of((10,), (16,), 0.5)
    assert box_weights(np.array([[[-0.5, 9.5]]]), small.starts[0], small, 0.9) == 1.0


def test_all_boxes_count_the_same_without_a_border() -> None:
    edges = np.array([[[15.0, 16.0]], [[20.5, 23.5]]])
    assert box_weights(edges, (8,), TILING, 0.0).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("border", [0.0, 0.5, 1.0])
def test_what_is_expected_is_the_sum_over_windows_that_see_the_box_well(border: float) -> None:
    tiling = Tiling.of((40, 30), (16, 12), 0.5)
    rng = np.random.default_rng(0)
    low = rng.uniform(0, 25, (50, 2))
    edges = np.stack([low, low + rng.uniform(1, 5, (50, 2))], axis=2)
    expected = np.zeros(50)
    needed = 0.9 * np.minimum(edges[:, :, 1] - edges[:, :, 0], tiling.window)
    for first in tiling.starts[0]:
        for second in tiling.starts[1]:
            low = np.array([first, second]) - 0.5
            parts = np.clip(edges, low[:, None], (low + tiling.window)[:, None])
            is_seen = (parts[:, :, 1] - parts[:, :, 0] >= needed).all(axis=1)
            expected += is_seen * box_weights(edges, (first, second), tiling, border)
    found = expected_weights(edges, tiling, border)
    assert np.allclose(found, expected)
    assert (found > 0).mean() > 0.5


def test_windows_that_a_box_fills_are_expected_to_see_it() -> None:
    edges = np.array([[[-0.5, 39.5]], [[9.0, 39.0]], [[2.0, 9.0]]])
    assert expected_weights(edges, TILING, 0.0).tolist() == [4.0, 3.0, 1.0]
