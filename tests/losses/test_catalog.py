"""Losses by name."""

import pytest

from scanwright.base import RecipeError
from scanwright.losses import LOSSES, build_loss


def test_unknown_name_names_the_nearest() -> None:
    with pytest.raises(RecipeError, match='did you mean "cross_entropy"'):
        build_loss("crossentropy")


def test_each_loss_is_listed_under_its_own_name() -> None:
    assert all(loss.name == name for name, loss in LOSSES.items())
