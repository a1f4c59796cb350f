"""Loss options: what is refused."""

import pytest

from scanwright.base import RecipeError
from scanwright.losses import LossOptions, build_loss


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": []},
        {"weights": [-1.0, 1.0]},
        {"weights": [0.0, 0.0]},
        {"weights": [1.0, float("nan")]},
        {"weights": [1.0, float("inf")]},
        {"smoothing": 0.6},
        {"gamma": -1},
        {"delta": 0},
        {"gama": 2},
        {"priors": []},
        {"priors": [0.0, 0.0]},
        {"priors": [1.0, float("nan")]},
        {"priors": [-0.1, 1.1]},
        {"margin": -1},
        {"tau": 11},
    ],
    ids=str,
)
def test_illegal_options_are_recipe_errors(wrong: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        LossOptions.parse(wrong, "loss")


@pytest.mark.parametrize(
    ("name", "knob"),
    [
        ("cross_entropy", {"gamma": 2.0}),
        ("ordinal", {"delta": 1.0}),
        ("binary_cross_entropy", {"gamma": 0.0}),
        ("mean_squared_error", {"smoothing": 0.1}),
        ("cross_entropy", {"margin": 1.0}),
        ("focal", {"priors": (0.5, 0.5)}),
        ("ldam", {"tau": 1.0}),
    ],
)
def test_a_loss_refuses_a_knob_that_it_lacks(name: str, knob: dict[str, float]) -> None:
    with pytest.raises(RecipeError, match=f'no setting "{next(iter(knob))}"'):
        build_loss(name, LossOptions(**knob))
