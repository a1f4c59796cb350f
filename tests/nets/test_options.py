"""Network options: what is refused, and with which word."""

import pytest
from pydantic import ValidationError

from scanwright.base import RecipeError
from scanwright.nets import NetworkOptions
from scanwright.nets.options import check_size, refuse_knobs


@pytest.mark.parametrize(
    "wrong",
    [
        {"rank": 3, "size": [28, 28]},
        {"size": [28, 0]},
        {"spacing_mm": [1.0]},
        {"spacing_mm": [1.0, 0.0]},
        {"spacing_mm": [1.0, float("nan")]},
        {"depth": []},
        {"depth": [1, 0]},
        {"rank": 4, "size": [4, 4, 4, 4]},
        {"width": 0},
        {"dropout": 1.0},
        {"norm": "layer"},
        {"widht": 2},
    ],
    ids=str,
)
def test_illegal_options_are_recipe_errors(wrong: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        NetworkOptions.parse(wrong, "network")


def test_options_survive_plain_values() -> None:
    options = NetworkOptions(rank=3, size=(8, 9, 10), spacing_mm=(2, 1, 1), depth=(1, 2))
    plain = options.model_dump(mode="json", exclude_none=True)
    assert NetworkOptions.parse(plain, "network") == options


def test_options_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        NetworkOptions().rank = 3  # type: ignore[misc]  # that is the point


def test_a_knob_at_its_default_is_not_refused() -> None:
    refuse_knobs("any", NetworkOptions(width=1.0), ("width", "depth"))
    with pytest.raises(RecipeError, match=r"network\.width"):
        refuse_knobs("any", NetworkOptions(width=2.0), ("width", "depth"))


def test_nearest_legal_size_keeps_the_axes_that_are_long_enough() -> None:
    check_size("any", NetworkOptions(size=(8, 30)), 8)
    with pytest.raises(RecipeError) as caught:
        check_size("any", NetworkOptions(size=(7, 30)), 8)
    assert "8 × 30" in str(caught.value.next)
