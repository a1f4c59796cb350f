import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.nets import unet_topology
from scanwright.recipe.activations import training_bytes
from scanwright.recipe.grid import Grid
from scanwright.recipe.window import (
    LADDER,
    Attempt,
    attempts,
    choose_batch,
    fitting_window,
    largest_window,
    memory_allowed,
    shrunk,
)

GIGABYTES = 1e9


def grid_of(*size: int, spacing: tuple[float, ...] | None = None) -> Grid:
    return Grid("", size, spacing or (1.0,) * len(size), spacing is not None, None, "median")


SIZES = st.one_of(
    st.tuples(*[st.integers(4, 700)] * 2),
    st.tuples(st.integers(3, 300), *[st.integers(8, 500)] * 2),
)


@given(SIZES)
def test_a_window_covers_the_image_or_is_as_large_as_nnunets(size: tuple[int, ...]) -> None:
    window = largest_window(grid_of(*size))
    for edge, whole in zip(window, size, strict=True):
        assert edge >= min(whole, 200)
        assert edge <= max(16, whole) + 64


def test_windows_are_those_of_known_data() -> None:
    assert largest_window(grid_of(35, 50, 35)) == (40, 56, 40), "nnU-Net's for the hippocampus"
    assert largest_window(grid_of(256, 256)) == (256, 256)
    thin = largest_window(grid_of(20, 300, 300, spacing=(6.0, 0.6, 0.6)))
    assert thin[0] in (20, 24)
    assert thin[1] == thin[2] == 320


@given(SIZES)
def test_edges_of_the_largest_window_can_be_halved(size: tuple[int, ...]) -> None:
    grid = grid_of(*size)
    window = largest_window(grid)
    clipped = tuple(max(16, min(edge, 200)) for edge in size)
    strides, _ = unet_topology(clipped)
    for axis, edge in enumerate(window):
        assert edge % min(math.prod(stride[axis] for stride in strides), 16) == 0


@settings(deadline=None, max_examples=30)
@given(SIZES)
def test_windows_shrink_to_an_end(size: tuple[int, ...]) -> None:
    grid = grid_of(*size)
    window: tuple[int, ...] | None = largest_window(grid)
    count = 0
    while window is not None:
        smaller = shrunk(window, grid)
        if smaller is not None:
            assert math.prod(smaller) < math.prod(window)
        window = smaller
        count += 1
        assert count < 1000


def test_the_axis_that_is_covered_most_is_cut_first() -> None:
    grid = grid_of(64, 512, 512)
    assert shrunk((64, 128, 128), grid) in {(48, 128, 128), (56, 128, 128)}


@pytest.mark.parametrize("memory", [1, 4, 64])
def test_two_windows_fit_into_the_memory(memory: float) -> None:
    grid = grid_of(300, 400, 400)
    window = fitting_window(grid, LADDER[0], 1, 3, memory * GIGABYTES)
    options = Attempt(grid, window, LADDER[0]).network(1, 3)
    allowed = memory_allowed(memory * GIGABYTES)
    assert 2 * training_bytes("unet", options) <= allowed


def test_more_memory_makes_larger_windows_up_to_nnunets() -> None:
    grid = grid_of(300, 400, 400)
    sizes = [
        math.prod(fitting_window(grid, LADDER[0], 1, 3, memory * GIGABYTES))
        for memory in (1, 4, 20, 1000)
    ]
    assert sizes == sorted(sizes)
    assert sizes[2] == sizes[3]
    assert 96**3 < sizes[3] < 160**3


def test_ways_to_train_come_from_the_most_demanding_to_the_least() -> None:
    tried = list(attempts(grid_of(300, 400, 400, spacing=(1.0,) * 3), 1, 3, 16e9, 60.0))
    assert [attempt.rung for attempt in tried[:3]] == list(LADDER)
    assert min(math.prod(attempt.window) for attempt in tried) <= 40**3
    spacings = [attempt.grid.spacing_mm[0] for attempt in tried]
    assert max(spacings) == 4.0
    # Coarser grids before windows that see next to nothing.
    coarse = next(place for place, spacing in enumerate(spacings) if spacing > 1)
    tiny = [attempt.coverage < 0.01 and attempt.grid.spacing_mm[0] == 1 for attempt in tried]
    assert not any(tiny[:coarse])


def test_small_things_forbid_a_coarser_grid() -> None:
    for smallest, coarsest in [(6.0, 1.0), (9.5, 1.5), (1000.0, 4.0)]:
        tried = attempts(grid_of(300, 400, 400, spacing=(1.0,) * 3), 1, 3, 16e9, smallest)
        assert max(attempt.grid.spacing_mm[0] for attempt in tried) == coarsest


def test_small_images_are_seen_whole() -> None:
    tried = list(attempts(grid_of(35, 50, 35), 1, 3, 16e9, 12.0))
    assert all(attempt.coverage == 1.0 for attempt in tried[:3])


def test_a_batch_is_bounded_by_memory_share_of_the_set_and_time() -> None:
    ample = {"memory_bytes": 64e9, "elements": 1e12, "windows": math.inf}
    assert choose_batch((40, 56, 40), 0.17e9, **ample) == 12
    assert choose_batch((40, 56, 40), 1e9, **ample) == 8
    assert choose_batch((40, 56, 40), 9e9, **ample) == 2
    few = {**ample, "elements": 208 * 35 * 50 * 35.0}
    assert choose_batch((40, 56, 40), 0.17e9, **few) == 7
    assert choose_batch((64, 64), 9e9, **ample) == 4
    short = {**ample, "windows": 16_000.0}
    assert choose_batch((40, 56, 40), 0.17e9, **short) == 3


def test_windows_that_show_little_are_needed_in_greater_number() -> None:
    rung = LADDER[1]
    whole = Attempt(grid_of(64, 64, 64), (64, 64, 64), rung)
    quarter = Attempt(grid_of(64, 128, 128), (64, 64, 64), rung)
    little = Attempt(grid_of(256, 256, 256), (64, 64, 64), rung)
    assert whole.needed == quarter.needed == rung.needed
    assert little.needed == 4 * rung.needed
