"""Options of augmentation: limits, order, ready strengths."""

from itertools import pairwise

import pytest
from pydantic import ValidationError

from scanwright.augmentation import STRENGTHS, AugmentationOptions, light, medium, nnunet, strong
from scanwright.augmentation.options import CHANCES as ALONE
from scanwright.base import RecipeError

CHANCES = [name for name in AugmentationOptions.model_fields if name.endswith("_chance")]


def test_nothing_happens_by_default() -> None:
    options = AugmentationOptions()
    assert options.flips == ()
    on = [name for name in CHANCES if getattr(options, name)]
    # Each of these is only a part of another, and one only takes away.
    assert set(on) == set(CHANCES) - set(ALONE) - {"still_chance"}


@pytest.mark.parametrize(
    "options",
    [
        {"scale": (1.2, 0.9)},
        {"scale": (0.0, 1.0)},
        {"coarsen": (0.5, 1.5)},
        {"rotate_degrees": 181},
        {"shift": 0.6},
        {"flips": (3,)},
        {"outside": "mirror"},
        {"cutout_count": 0},
        *({name: 1.1} for name in CHANCES),
        *({name: -0.1} for name in CHANCES),
    ],
)
def test_values_have_limits(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AugmentationOptions.model_validate(options)


def test_an_unknown_option_is_named_with_the_right_one() -> None:
    with pytest.raises(RecipeError, match="rotate_chance"):
        AugmentationOptions.parse({"rotate_chanse": 0.5}, "augmentation")


def test_every_option_says_what_it_does() -> None:
    fields = AugmentationOptions.model_fields.items()
    assert not [name for name, field in fields if not field.description]


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
