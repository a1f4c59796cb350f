import numpy as np
import pytest

from scanwright.base import RecipeError
from scanwright.training.rarity import classes_of, loss_weights, priors_of
from tests.training.builders import toy_recipe, toy_truth

RARE = (np.arange(32) % 8 == 7).astype(np.int64)


def test_priors_are_shares_of_the_cases() -> None:
    assert priors_of(RARE, 2) == [0.875, 0.125]
    assert priors_of(RARE, 3) == [0.875, 0.125, 0.0]
    assert priors_of(toy_truth("findings"), 3) is None


def test_losses_are_weighed_only_where_the_recipe_says_so() -> None:
    assert loss_weights(toy_recipe(), RARE) is None
    for change in ({"training__balance": 1.0}, {"training__effective": 0.99}):
        common, rare = loss_weights(toy_recipe(**change), RARE) or []
        assert rare > 3 * common


def test_classes_are_those_of_cases_with_one_label() -> None:
    assert classes_of(RARE, "", "") is RARE
    with pytest.raises(RecipeError, match="one label each") as caught:
        classes_of(toy_truth("findings"), "x = 0", "training.x")
    assert caught.value.where == "training.x"
