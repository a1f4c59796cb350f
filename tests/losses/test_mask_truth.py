"""Reading logits and truth of both kinds."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scanwright.losses import Exclusive, Overlapping, resized_truth


def test_classes_are_read_without_background() -> None:
    logits = torch.log(torch.tensor([[[0.2, 0.5], [0.3, 0.25], [0.5, 0.25]]]))
    found = Exclusive().read(logits, torch.tensor([[2, -1]]), None)
    torch.testing.assert_close(found.chances, torch.tensor([[[0.3, 0.25], [0.5, 0.25]]]))
    assert found.truth.tolist() == [[[0, 0], [1, 0]]]
    assert found.known.tolist() == [[[1, 0]]]
    assert found.log_chances[0, 0, 0].exp().item() == pytest.approx(0.5)
    assert found.factors is None


def test_each_element_has_the_weight_of_its_class() -> None:
    weights = torch.tensor([1.0, 2.0, 3.0])
    found = Exclusive().read(torch.zeros(1, 3, 3), torch.tensor([[0, 2, 1]]), weights)
    assert found.factors.tolist() == [[[1, 3, 2]]]


def test_regions_are_read_one_by_one_and_weigh_inside() -> None:
    truth = torch.tensor([[[1, 0], [-1, 1]]])
    found = Overlapping().read(torch.zeros(1, 2, 2), truth, torch.tensor([4.0, 5.0]))
    assert found.truth.tolist() == [[[1, 0], [0, 1]]]
    assert found.known.tolist() == [[[1, 1], [0, 1]]]
    assert found.factors.tolist() == [[[4, 1], [1, 5]]]


@given(st.integers(1, 9), st.integers(1, 9), st.integers(-1, 4))
def test_a_uniform_truth_stays_so_at_every_size(edge: int, coarse: int, value: int) -> None:
    truth = torch.full((2, edge, 3), value)
    assert (resized_truth(truth, torch.Size([coarse, 3])) == value).all()


def test_truth_of_the_same_size_is_left_alone() -> None:
    truth = torch.zeros(2, 3, 4)
    assert resized_truth(truth, truth.shape[1:]) is truth
