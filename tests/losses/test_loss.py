"""What all losses share: weights of the right number, a place for them on the device."""

import pytest
import torch

from scanwright.base import RecipeError
from scanwright.losses import LossOptions, build_loss


def test_a_wrong_number_of_weights_is_refused() -> None:
    loss = build_loss("cross_entropy", LossOptions(weights=(1, 2)))
    with pytest.raises(RecipeError, match=r"loss\.weights"):
        loss(torch.zeros(2, 3), torch.tensor([0, 1]))


def test_weights_move_with_the_loss_and_are_not_saved() -> None:
    loss = build_loss("cross_entropy", LossOptions(weights=(1, 2)))
    assert loss.to("meta").weights.device.type == "meta"
    assert not loss.state_dict()


def test_the_ordinal_loss_needs_one_output_less() -> None:
    assert build_loss("ordinal").outputs(5) == 4
    assert build_loss("cross_entropy").outputs(5) == 5
