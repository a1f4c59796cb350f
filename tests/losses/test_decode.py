"""From logits to probabilities."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scanwright.losses import decode_identity, decode_ordinal, decode_sigmoid, decode_softmax
from scanwright.losses.decode import log_ordinal

ROWS = st.lists(st.floats(-100, 100), min_size=1, max_size=6)


@given(ROWS)
def test_ordinal_probabilities_sum_to_one_and_are_one_more(row: list[float]) -> None:
    chances = decode_ordinal(torch.tensor([row], dtype=torch.float64))[0]
    assert len(chances) == len(row) + 1
    assert bool((chances >= 0).all())
    assert chances.sum().item() == pytest.approx(1, abs=1e-12)


@given(ROWS)
def test_softmax_does_not_see_a_common_shift(row: list[float]) -> None:
    logits = torch.tensor([row], dtype=torch.float64)
    torch.testing.assert_close(decode_softmax(logits), decode_softmax(logits + 17))


def test_ordinal_of_zero_halves_what_is_left() -> None:
    assert decode_ordinal(torch.zeros(1, 3)).tolist() == [[0.5, 0.25, 0.125, 0.125]]


def test_two_ordered_classes_are_a_sigmoid() -> None:
    logits = torch.linspace(-3, 3, 7)[:, None]
    torch.testing.assert_close(decode_ordinal(logits)[:, 1:], decode_sigmoid(logits))


def test_ordinal_logarithms_are_finite_far_out() -> None:
    assert log_ordinal(torch.tensor([[500.0, -500.0], [-500.0, 500.0]])).isfinite().all()


@pytest.mark.parametrize(
    "decode", [decode_softmax, decode_sigmoid, decode_ordinal, decode_identity]
)
def test_half_precision_is_widened_and_double_is_kept(decode) -> None:
    assert decode(torch.zeros(2, 3, dtype=torch.bfloat16)).dtype == torch.float32
    assert decode(torch.zeros(2, 3, dtype=torch.float64)).dtype == torch.float64
