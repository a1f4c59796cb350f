"""Binary cross-entropy over several labels, some of them unknown."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from scanwright.base import ShapeError
from scanwright.losses import LossOptions, build_loss

LOGITS = torch.tensor(np.random.default_rng(0).normal(size=(5, 3)))
TARGET = torch.tensor([[0, 1, 1], [1, 0, 0], [1, 1, 1], [0, 0, 0], [0, 1, 0]]).double()


def test_value_is_its_formula() -> None:
    total = 0.0
    for z, y in zip(LOGITS.flatten().tolist(), TARGET.flatten().tolist(), strict=True):
        p = 1 / (1 + math.exp(-z))
        total -= 3 * y * math.log(p) + (1 - y) * math.log(1 - p)
    loss = build_loss("binary_cross_entropy", LossOptions(weights=(3, 3, 3)))
    assert loss(LOGITS, TARGET).item() == pytest.approx(total / 15, rel=1e-12)


def test_weights_belong_to_labels_as_in_torch() -> None:
    loss = build_loss("binary_cross_entropy", LossOptions(weights=(1, 2, 5)))
    factor = torch.tensor([1, 2, 5]).double()
    expected = F.binary_cross_entropy_with_logits(LOGITS, TARGET, pos_weight=factor)
    torch.testing.assert_close(loss(LOGITS, TARGET), expected)


@pytest.mark.parametrize("unknown", [float("nan"), -1.0])
def test_unknown_labels_change_neither_value_nor_slope(unknown: float) -> None:
    loss = build_loss("binary_cross_entropy", LossOptions(smoothing=0.1))
    known = torch.ones(5, 3, dtype=torch.bool)
    known[1, 2] = known[3, 0] = False
    logits = LOGITS.clone().requires_grad_()
    found = loss(logits, torch.where(known, TARGET, unknown))
    found.backward()
    smooth = TARGET * 0.9 + 0.05
    expected = F.binary_cross_entropy_with_logits(LOGITS[known], smooth[known])
    torch.testing.assert_close(found.detach(), expected)
    assert torch.equal(logits.grad != 0, known)


def test_a_batch_of_unknowns_gives_zero_and_no_slope() -> None:
    logits = LOGITS.clone().requires_grad_()
    loss = build_loss("binary_cross_entropy")(logits, torch.full((5, 3), float("nan")))
    loss.backward()
    assert loss.item() == 0
    assert not logits.grad.any()


def test_whole_number_targets_are_taken() -> None:
    loss = build_loss("binary_cross_entropy")
    torch.testing.assert_close(loss(LOGITS, TARGET.long()), loss(LOGITS, TARGET))
    assert loss(LOGITS, -torch.ones(5, 3, dtype=torch.long)).item() == 0


def test_unknown_stays_unknown_in_a_mixture() -> None:
    mixed = 0.3 * TARGET + 0.7 * torch.full_like(TARGET, float("nan"))
    assert build_loss("binary_cross_entropy")(LOGITS, mixed).item() == 0


def test_smoothing_moves_the_best_probability_inwards() -> None:
    """The best logit for a positive is the log-odds of 1 - ε / 2."""
    best = math.log(0.95 / 0.05)
    logits = torch.tensor([[best]], dtype=torch.float64, requires_grad=True)
    build_loss("binary_cross_entropy", LossOptions(smoothing=0.1))(
        logits, torch.ones(1, 1)
    ).backward()
    assert logits.grad.item() == pytest.approx(0, abs=1e-12)


def test_targets_of_another_shape_are_refused() -> None:
    with pytest.raises(ShapeError):
        build_loss("binary_cross_entropy")(LOGITS, TARGET[:, :2])
