"""The stages of a detector and its levels, by size, by spacing, and as asked."""

import pytest

from scanwright.base import RecipeError
from scanwright.nets import NetworkOptions
from scanwright.nets.detector_plan import DetectorPlan


def plan_of(*size: int, **knobs: object) -> DetectorPlan:
    options = NetworkOptions(rank=len(size), size=size, **knobs)
    return DetectorPlan.of_options("detector", options)


def strides_of(plan: DetectorPlan) -> list[int]:
    return [max(plan.reductions[level]) for level in plan.levels]


def test_large_images_are_searched_from_stride_4_with_a_stage_beyond() -> None:
    plan = plan_of(256, 256)
    assert plan.reductions == ((2, 2), (4, 4), (8, 8), (16, 16), (32, 32))
    assert strides_of(plan) == [4, 8, 16]
    assert plan.stages.features == (16, 32, 64, 128, 192)


def test_small_images_are_searched_from_stride_2() -> None:
    assert strides_of(plan_of(64, 64)) == [2, 4, 8]
    assert strides_of(plan_of(64, 64, 128)) == [4, 8, 16]


def test_a_level_that_the_size_does_not_allow_is_left_out() -> None:
    assert strides_of(plan_of(16, 16)) == [2, 4]
    assert strides_of(plan_of(5, 16)) == [2]


def test_a_coarse_axis_is_halved_later_and_its_kernel_grows_later() -> None:
    plan = plan_of(24, 128, 128, spacing_mm=(4.0, 1.0, 1.0))
    assert plan.reductions[:4] == ((1, 2, 2), (1, 4, 4), (2, 8, 8), (4, 16, 16))
    assert plan.stages.kernels[:3] == ((1, 3, 3), (3, 3, 3), (3, 3, 3))
    assert strides_of(plan) == [4, 8, 16]


def test_a_coarser_stem_takes_the_place_of_the_first_stages() -> None:
    plan = plan_of(256, 256, stem_stride=4)
    assert plan.reductions == ((4, 4), (8, 8), (16, 16), (32, 32))
    assert strides_of(plan) == [4, 8, 16]


@pytest.mark.parametrize("stem", [3, 8])
def test_a_stem_that_is_no_stage_is_refused(stem: int) -> None:
    with pytest.raises(RecipeError, match=r"network\.stem_stride"):
        plan_of(32, 32, stem_stride=stem, spacing_mm=(1.0, 1.0))


def test_stages_can_be_set_one_by_one() -> None:
    plan = plan_of(
        60, 60, strides=((3, 3), (2, 2), (5, 5)), features=(4, 8, 10), width=0.5, levels=(6, 30)
    )
    assert plan.reductions == ((3, 3), (6, 6), (30, 30))
    assert plan.levels == (1, 2)
    assert plan.stages.features == (4, 4, 4)


@pytest.mark.parametrize(
    "wrong",
    [
        {"features": (4, 8)},
        {"strides": ((2, 2), (16, 16), (4, 4)), "features": (4, 4, 4)},
        {"strides": ((2, 2),), "features": (4,)},
    ],
    ids=str,
)
def test_stages_that_do_not_fit_each_other_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(RecipeError, match="network"):
        plan_of(64, 64, **wrong)


@pytest.mark.parametrize("levels", [(), (4, 4), (8, 4), (0, 2)], ids=str)
def test_levels_rise(levels: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="levels"):
        NetworkOptions(levels=levels)
