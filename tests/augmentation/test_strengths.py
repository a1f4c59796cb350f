"""Ready sets: each stronger than the one before, and nnU-Net's own."""

from itertools import pairwise

import pytest

from scanwright.augmentation import STRENGTHS, AugmentationOptions, light, medium, nnunet, strong
from scanwright.augmentation.options import CHANCES as ALONE
from scanwright.base import RecipeError

CHANCES = [name for name in AugmentationOptions.model_fields if name.endswith("_chance")]


@pytest.mark.parametrize(
    ("size", "degrees", "tilts"),
    [
        ((128, 128), 180, False),
        ((64, 128), 15, False),
        ((96, 96, 96), 30, True),
        ((20, 128, 128), 180, False),
    ],
)
def test_nnunet_turns_as_far_as_the_window_allows(
    size: tuple[int, ...], degrees: float, tilts: bool
) -> None:
    options = nnunet(size)
    assert options.rotate_degrees == degrees
    assert options.tilt_joins == tilts
    assert options.flips == tuple(range(len(size)))
    assert nnunet(size, flips=(1,)).flips == (1,)
    likely = {name: getattr(options, name) for name in ALONE if getattr(options, name)}
    assert likely == {
        "rotate_chance": 0.2, "scale_chance": 0.2, "noise_chance": 0.1, "blur_chance": 0.2,
        "multiply_chance": 0.15, "contrast_chance": 0.15, "coarsen_chance": 0.25,
        "negative_chance": 0.1, "gamma_chance": 0.3,
    }  # fmt: skip


def test_nnunet_knows_two_and_three_axes() -> None:
    with pytest.raises(RecipeError):
        nnunet((8,))


def test_strengths_grow() -> None:
    ordered = [light((1,)), medium((1,)), strong((1,))]
    assert [STRENGTHS[name]((1,)) for name in ("light", "medium", "strong")] == ordered
    for weaker, stronger in pairwise(ordered):
        assert all(getattr(weaker, name) <= getattr(stronger, name) for name in CHANCES)
        assert weaker.rotate_degrees < stronger.rotate_degrees
        assert weaker.shift < stronger.shift
        assert weaker.flips == (1,)


def test_nnunet_s_plain_form_comes_back() -> None:
    options = nnunet((8, 8, 8))
    assert AugmentationOptions.parse(options.model_dump(mode="json"), "") == options


@pytest.mark.parametrize("name", sorted(STRENGTHS))
def test_plain_form_comes_back(name: str) -> None:
    options = STRENGTHS[name]((0, 1))
    assert AugmentationOptions.parse(options.model_dump(mode="json"), "") == options
