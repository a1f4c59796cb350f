"""Options of augmentation: limits, names, order."""

import pytest
from pydantic import ValidationError

from scanwright.augmentation import AugmentationOptions
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
