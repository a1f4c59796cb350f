"""Topology by size and spacing: nnU-Net's rule."""

import pytest

from scanwright.base import RecipeError
from scanwright.nets import NetworkOptions, UNetPlan, build_network, unet_features, unet_topology


@pytest.mark.parametrize(
    ("size", "spacing", "reduction", "stages"),
    [
        # Plans of the default nnU-Net for tasks of the Medical Segmentation Decathlon:
        # hippocampus, prostate, heart, liver (Isensee et al. 2021, supplement); and a flat one.
        ((40, 56, 40), (1.0, 1.0, 1.0), (8, 8, 8), 4),
        ((20, 320, 256), (3.6, 0.62, 0.62), (4, 64, 64), 7),
        ((80, 192, 160), (1.37, 1.25, 1.25), (16, 32, 32), 6),
        ((128, 128, 128), (1.0, 0.77, 0.77), (32, 32, 32), 6),
        ((512, 512), (0.7, 0.7), (128, 128), 8),
    ],
)
def test_topology_is_that_of_published_plans(
    size: tuple[int, ...],
    spacing: tuple[float, ...],
    reduction: tuple[int, ...],
    stages: int,
) -> None:
    strides, kernels = unet_topology(size, spacing)
    plan = UNetPlan(strides, kernels, unet_features(len(strides)))
    assert plan.reduction == reduction
    assert len(strides) == len(kernels) == stages


def test_a_coarse_axis_is_neither_halved_nor_mixed_until_the_others_have_caught_up() -> None:
    strides, kernels = unet_topology((20, 320, 256), (3.6, 0.62, 0.62))
    assert strides[:4] == ((1, 1, 1), (1, 2, 2), (1, 2, 2), (2, 2, 2))
    assert kernels[:3] == ((1, 3, 3), (1, 3, 3), (3, 3, 3))


def test_small_axes_are_left_alone() -> None:
    strides, _ = unet_topology((7, 64, 64))
    assert {stride[0] for stride in strides} == {1}


@pytest.mark.parametrize(("edge", "stages"), [(11, 1), (12, 2), (15, 2), (24, 3)])
def test_one_axis_left_is_halved_only_while_12_remain(edge: int, stages: int) -> None:
    assert len(unet_topology((edge, 4))[0]) == stages


def test_one_axis_alone_is_halved_from_8() -> None:
    assert len(unet_topology((8,))[0]) == 2
    assert len(unet_topology((7,))[0]) == 1


def test_width_scales_what_is_planned_and_what_is_set() -> None:
    half = NetworkOptions(size=(32, 32), width=0.5)
    assert build_network("unet", half).head[1].in_channels == 16
    plan = UNetPlan.of_options("unet", half, first=32, widest=64)
    assert plan.features == (16, 32, 32, 32)


def test_strides_that_leave_fewer_than_two_elements_are_refused() -> None:
    strides = ((1, 1), (2, 2), (2, 2), (2, 2))
    options = NetworkOptions(size=(16, 12), strides=strides)
    with pytest.raises(RecipeError, match="16 × 16"):
        build_network("unet", options)
