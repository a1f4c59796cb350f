"""The compact network: its plan for every size, and its options."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.base import RecipeError
from scanwright.nets import NetworkOptions, build_network, compact_plan

EDGES = st.integers(4, 512)
STEPS = st.floats(0.2, 10)


@given(st.integers(1, 3).flatmap(lambda rank: st.tuples(
    st.tuples(*[EDGES] * rank), st.tuples(*[STEPS] * rank)
)))  # fmt: skip
def test_plan_never_pools_an_axis_below_four(
    asked: tuple[tuple[int, ...], tuple[float, ...]],
) -> None:
    size, spacing = asked
    plan = compact_plan(size, spacing)
    assert min(plan.sizes[-1]) >= 4
    for axis, edge in enumerate(size):
        left = edge // plan.stem[axis]
        for window, shape in zip(plan.pools, plan.sizes, strict=True):
            assert window[axis] == 1 or left >= 8
            left //= window[axis]
            assert shape[axis] == left


@given(st.tuples(EDGES, EDGES, EDGES))
def test_plan_leaves_an_affordable_number_of_elements(size: tuple[int, int, int]) -> None:
    assert math.prod(compact_plan(size).sizes[0]) <= 32_768


@given(st.lists(EDGES, min_size=2, max_size=2), STEPS)
def test_plan_depends_on_the_ratio_of_spacings_alone(size: list[int], step: float) -> None:
    assert compact_plan(tuple(size), (step, step)) == compact_plan(tuple(size))


def test_plan_leaves_a_coarse_axis_alone_until_the_others_have_caught_up() -> None:
    plan = compact_plan((16, 32, 32), (4.0, 1.0, 1.0))
    assert plan.kernels == ((1, 3, 3), (1, 3, 3), (3, 3, 3), (3, 3, 3))
    assert plan.pools == ((1, 1, 1), (1, 2, 2), (1, 2, 2), (2, 2, 2))
    assert plan.sizes == ((16, 32, 32), (16, 16, 16), (16, 8, 8), (8, 4, 4))


@settings(max_examples=12, deadline=None)
@given(st.tuples(st.integers(16, 96), st.integers(16, 96)))
def test_network_follows_its_plan(size: tuple[int, int]) -> None:
    options = NetworkOptions(size=size, width=0.125)
    network = build_network("compact", options).eval()
    maps = network.features(torch.zeros(1, 1, *size))
    assert maps.shape[2:] == compact_plan(size).sizes[-1]


@pytest.mark.parametrize("size", [(512, 512), (16, 16), (4, 4), (20, 96, 96)])
def test_network_takes_large_small_and_flat_inputs(size: tuple[int, ...]) -> None:
    spacing = (5.0, 0.7, 0.7)[-len(size) :] if len(size) == 3 else None
    options = NetworkOptions(rank=len(size), size=size, spacing_mm=spacing, width=0.125)
    network = build_network("compact", options)
    assert network(torch.zeros(2, 1, *size)).shape == (2, 2)


def test_odd_sizes_meet_a_strided_stem() -> None:
    options = NetworkOptions(size=(225, 513), width=0.125)
    network = build_network("compact", options).eval()
    assert network(torch.zeros(1, 1, 225, 513)).isfinite().all()


def test_depth_sets_the_stages_and_their_blocks() -> None:
    network = build_network("compact", NetworkOptions(depth=(1, 3, 2), width=0.25))
    names = [type(module).__name__ for module in network.trunk]
    assert names.count("PreactivationBlock") == 6
    assert network.head[-1].in_features == 2 * 32


def test_stem_stride_is_a_power_of_two() -> None:
    assert compact_plan((64, 64), stem_stride=4).sizes[0] == (16, 16)
    with pytest.raises(RecipeError, match="1, 2, 4 or 8"):
        build_network("compact", NetworkOptions(stem_stride=3))


def test_deeper_blocks_are_dropped_more_often() -> None:
    network = build_network("compact", NetworkOptions(drop_path=0.3))
    chances = [module.drop_path.chance for module in network.modules() if hasattr(module, "last")]
    assert chances == pytest.approx([0, 0.1, 0.2, 0.3])
