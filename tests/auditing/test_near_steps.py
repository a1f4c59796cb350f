import numpy as np
import pytest

from scanwright.auditing.near_steps import LANES, dot, lay_over, warp


@pytest.mark.parametrize("count", [0, 1, LANES - 1, LANES, 5 * LANES + 3])
def test_a_dot_product_is_that_of_numpy(count: int) -> None:
    first, second = np.random.default_rng(0).normal(size=(2, count)).astype(np.float32)
    assert dot(first, second) == pytest.approx(float(first @ second), abs=1e-4)


@pytest.mark.parametrize("shape", [(1, 1, 9), (1, 8, 6), (4, 5, 6)])
def test_warping_reads_linearly_and_nothing_outside(shape: tuple[int, int, int]) -> None:
    grids = np.meshgrid(*[np.arange(n) for n in shape], indexing="ij")
    ramp = sum(weight * grid for weight, grid in zip((100, 10, 1), grids, strict=True))
    moving = np.asarray(ramp, np.float32)
    scale, shift = np.ones(3, np.float32), np.zeros(3, np.float32)
    shift[2] = 2 * 1.25 / shape[2]  # an element and a quarter to the right
    seen, mask = np.empty(shape, np.float32), np.empty(shape, np.float32)
    count = warp(moving, scale, shift, (seen, mask))
    assert count == mask.sum() == np.prod(shape) - np.prod(shape[:2])
    assert np.allclose(seen[..., :-2], moving[..., :-2] + 1.25, atol=1e-4)
    assert not seen[..., -1].any()


def test_walks_stop_at_the_bar() -> None:
    rng = np.random.default_rng(0)
    pictures = rng.normal(size=(2, 1, 8, 8)).astype(np.float32)
    places = (np.array([0, 0]), np.array([0, 1]))
    overlays = (np.ones((2, 3), np.float32), np.zeros((2, 3), np.float32))
    descents = np.full((2, 4, 64), 1e-3, np.float32)
    least = np.array([0.9, -2.0], np.float32)
    found = lay_over((pictures, pictures), places, descents, overlays, least)
    assert found[0] == pytest.approx(1, abs=1e-5)
    assert found[1] < 0.9
    assert np.array_equal(overlays[0][1], np.ones(3))
