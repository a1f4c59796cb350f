"""Options of augmentation: limits, order, ready strengths."""

from itertools import pairwise

import pytest
from pydantic import ValidationError

from scanwright.augmentation import STRENGTHS, AugmentationOptions, light, medium, strong
from scanwright.base import RecipeError

CHANCES = [name for name in AugmentationOptions.model_fields if name.endswith("_chance")]


def test_nothing_happens_by_default() -> None:
    options = AugmentationOptions()
    assert options.flips == ()
    on = [name for name in CHANCES if getattr(options, name)]
    assert on == ["flip_chance", "gamma_inverted_chance"]  # each is only a part of another


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


def test_strengths_grow() -> None:
    ordered = [light((1,)), medium((1,)), strong((1,))]
    assert [STRENGTHS[name]((1,)) for name in ("light", "medium", "strong")] == ordered
    for weaker, stronger in pairwise(ordered):
        assert all(getattr(weaker, name) <= getattr(stronger, name) for name in CHANCES)
        assert weaker.rotate_degrees < stronger.rotate_degrees
        assert weaker.shift < stronger.shift
        assert weaker.flips == (1,)


@pytest.mark.parametrize("name", sorted(STRENGTHS))
def test_plain_form_comes_back(name: str) -> None:
    options = STRENGTHS[name]((0, 1))
    assert AugmentationOptions.parse(options.model_dump(mode="json"), "") == options
