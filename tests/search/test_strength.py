"""One factor on all of the augmentation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.augmentation import AugmentationOptions
from scanwright.search.strength import SCALED, UNSCALED, at_strength

OPTIONS = AugmentationOptions(
    flips=(1,), rotate_chance=0.8, rotate_degrees=20, scale_chance=0.6, scale=(0.8, 1.25),
    noise_chance=0.2, noise=(0.0, 0.2), coarsen_chance=0.5, coarsen=(0.5, 1.0), cutout_chance=0.3,
)  # fmt: skip


def test_factor_one_changes_nothing() -> None:
    assert at_strength(OPTIONS, 1.0) == OPTIONS


def test_factor_nought_leaves_mirroring_alone() -> None:
    none = at_strength(OPTIONS, 0.0)
    chances = {name: value for name, value in none.model_dump().items() if name.endswith("_chance")}
    assert {name for name, value in chances.items() if value} == set(UNSCALED)
    assert none.flips == (1,)


def test_ratios_are_scaled_on_their_logarithmic_scale() -> None:
    stronger = at_strength(OPTIONS, 2.0)
    assert stronger.scale == pytest.approx((0.64, 1.5625))
    assert stronger.rotate_degrees == 40
    assert stronger.rotate_chance == 0.8
    assert stronger.noise == (0.0, 0.4)


def test_what_is_lost_by_coarsening_is_scaled_and_not_what_is_kept() -> None:
    assert at_strength(OPTIONS, 0.5).coarsen == (0.75, 1.0)


@given(st.floats(0, 3), st.floats(0, 180), st.floats(0, 0.5), st.floats(0, 3))
def test_every_strength_stays_legal(
    factor: float, degrees: float, shift: float, brightness: float
) -> None:
    options = OPTIONS.model_copy(
        update={"rotate_degrees": degrees, "shift": shift, "brightness": brightness}
    )
    made = at_strength(options, factor)
    assert made.rotate_degrees <= 180
    assert made.cutout[1] <= 1


def test_every_strength_that_is_scaled_exists() -> None:
    assert set(SCALED) <= set(AugmentationOptions.model_fields)
