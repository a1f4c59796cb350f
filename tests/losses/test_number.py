"""Losses for numbers against their formulas."""

import pytest
import torch

from scanwright.base import ShapeError
from scanwright.losses import LossOptions, build_loss

GUESS = torch.tensor([[0.0, 1.0], [2.0, -1.0], [0.5, 3.0]], dtype=torch.float64)
TRUTH = torch.tensor([[0.5, 1.0], [0.0, -4.0], [0.0, 3.5]], dtype=torch.float64)
RESIDUALS = [-0.5, 0.0, 2.0, 3.0, 0.5, -0.5]


def huber(residual: float, delta: float) -> float:
    size = abs(residual)
    return residual**2 / 2 if size <= delta else delta * (size - delta / 2)


@pytest.mark.parametrize(
    ("name", "cost"),
    [
        ("mean_squared_error", lambda r: r**2),
        ("mean_absolute_error", abs),
        ("huber", lambda r: huber(r, 1.0)),
    ],
)
def test_value_is_its_formula(name: str, cost) -> None:
    by_hand = sum(cost(residual) for residual in RESIDUALS) / 6
    assert build_loss(name)(GUESS, TRUTH).item() == pytest.approx(by_hand, rel=1e-12)


def test_huber_turns_at_delta() -> None:
    by_hand = sum(huber(residual, 2.5) for residual in RESIDUALS) / 6
    loss = build_loss("huber", LossOptions(delta=2.5))
    assert loss(GUESS, TRUTH).item() == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize("name", ["mean_squared_error", "mean_absolute_error", "huber"])
def test_weights_belong_to_numbers(name: str) -> None:
    weighted = build_loss(name, LossOptions(weights=(1, 3)))(GUESS, TRUTH)
    plain = build_loss(name)
    columns = [plain(GUESS[:, [k]], TRUTH[:, k]) for k in (0, 1)]
    torch.testing.assert_close(weighted, (columns[0] + 3 * columns[1]) / 2)


@pytest.mark.parametrize("name", ["mean_squared_error", "mean_absolute_error", "huber"])
def test_unknown_numbers_are_left_out(name: str) -> None:
    truth = TRUTH.clone()
    truth[1, 1] = truth[0, 0] = float("nan")
    guess = GUESS.clone().requires_grad_()
    found = build_loss(name)(guess, truth)
    found.backward()
    known = ~truth.isnan()
    expected = build_loss(name)(GUESS[known][:, None], truth[known])
    torch.testing.assert_close(found.detach(), expected)
    assert guess.grad.isfinite().all()
    assert not guess.grad[~known].any()


def test_a_column_of_numbers_may_be_flat() -> None:
    loss = build_loss("mean_squared_error")
    assert loss(GUESS[:, :1], TRUTH[:, 0]) == loss(GUESS[:, :1], TRUTH[:, :1])


def test_targets_of_another_shape_are_refused() -> None:
    """Above all (B, 1) against (B, B), which torch would broadcast in silence."""
    with pytest.raises(ShapeError):
        build_loss("mean_squared_error")(GUESS, TRUTH[:, 0])
