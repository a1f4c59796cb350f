"""What every loss in the catalog promises that judges one row of outputs per case."""

import pytest
import torch
from torch import Tensor

from scanwright.losses import LOSSES, BoxLoss, Loss, LossOptions, MaskLoss, build_loss

K = 4
CASES = 6
BY_CASE = [name for name, loss in LOSSES.items() if not issubclass(loss, MaskLoss | BoxLoss)]
each_loss = pytest.mark.parametrize("name", BY_CASE)


def random(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def logits_of(loss: Loss, scale: float = 1.0) -> Tensor:
    shape = (CASES, loss.outputs(K))
    return torch.randn(shape, generator=random(1), dtype=torch.float64) * scale


def target_of(loss: Loss) -> Tensor:
    """One of K, several of K, or K numbers, by what the loss decodes to."""
    chances = loss.decode(logits_of(loss))
    if (chances < 0).any():
        return torch.randn(CASES, K, generator=random(2), dtype=torch.float64)
    if torch.allclose(chances.sum(1), torch.ones(CASES, dtype=torch.float64)):
        return torch.arange(CASES) % K
    return (torch.rand(CASES, K, generator=random(3)) > 0.5).double()


def perfect_logits(loss: Loss, target: Tensor) -> Tensor:
    """Logits that decode to the target."""
    far = 60.0
    if loss.decode(-torch.ones(1, loss.outputs(K))).min() < 0:
        return target
    if target.ndim == 2:
        return far * (2 * target - 1)
    steps = torch.arange(loss.outputs(K))
    if loss.outputs(K) == K:
        return far * (steps == target[:, None]).double()
    return far * (2 * (steps < target[:, None]).double() - 1)


@each_loss
def test_loss_is_a_finite_scalar_that_is_not_negative(name: str) -> None:
    loss = build_loss(name)
    for scale in (0.0, 1.0, 1e3):
        value = loss(logits_of(loss, scale), target_of(loss))
        assert value.shape == ()
        assert value.isfinite()
        assert value >= 0


@each_loss
def test_slope_is_the_derivative(name: str) -> None:
    options = {"weights": (0.5, 1.0, 2.0, 3.0)}
    if "smoothing" in LOSSES[name].knobs:
        options["smoothing"] = 0.1
    for loss in (build_loss(name), build_loss(name, LossOptions(**options))):
        target = target_of(loss)
        logits = logits_of(loss).requires_grad_()
        assert torch.autograd.gradcheck(lambda z, loss=loss, y=target: loss(z, y), logits)


@each_loss
def test_loss_of_a_perfect_answer_is_zero(name: str) -> None:
    loss = build_loss(name)
    target = target_of(loss)
    logits = perfect_logits(loss, target)
    assert loss(logits, target).item() == pytest.approx(0, abs=1e-12)
    decoded = loss.decode(logits)
    guess = decoded.argmax(1) if target.ndim == 1 else decoded
    torch.testing.assert_close(guess, target, rtol=0, atol=1e-12)


@each_loss
def test_steps_down_the_slope_lead_to_the_target(name: str) -> None:
    loss = build_loss(name)
    target = target_of(loss)
    logits = logits_of(loss).requires_grad_()
    before = loss(logits, target).item()
    descent = torch.optim.Adam([logits], lr=0.1)
    for _ in range(200):
        descent.zero_grad()
        loss(logits, target).backward()
        descent.step()
    assert loss(logits, target).item() < 0.05 * before


@each_loss
def test_weights_of_one_change_nothing(name: str) -> None:
    plain, weighted = build_loss(name), build_loss(name, LossOptions(weights=(1.0,) * K))
    logits, target = logits_of(plain), target_of(plain)
    torch.testing.assert_close(weighted(logits, target), plain(logits, target))


@each_loss
def test_loss_does_not_depend_on_the_size_or_order_of_the_batch(name: str) -> None:
    loss = build_loss(name, LossOptions(weights=(0.5, 1.0, 2.0, 3.0)))
    logits, target = logits_of(loss), target_of(loss)
    once = loss(logits, target)
    torch.testing.assert_close(loss(torch.cat([logits] * 3), torch.cat([target] * 3)), once)
    torch.testing.assert_close(loss(logits.flip(0), target.flip(0)), once)


@each_loss
def test_half_precision_logits_give_a_loss_in_single_precision(name: str) -> None:
    loss = build_loss(name)
    logits = logits_of(loss).bfloat16()
    assert loss(logits, target_of(loss)).dtype == torch.float32
    torch.testing.assert_close(
        loss(logits, target_of(loss)), loss(logits.float(), target_of(loss).clone())
    )


@each_loss
def test_decoding_gives_one_number_for_each_class(name: str) -> None:
    loss = build_loss(name)
    assert loss.decode(logits_of(loss)).shape == (CASES, K)


@each_loss
@pytest.mark.parametrize("is_weighted", [False, True])
def test_the_parts_of_a_batch_add_up_to_the_whole_by_their_mass(
    name: str, is_weighted: bool
) -> None:
    weights = (0.5, 1.0, 2.0, 3.0) if is_weighted else None
    loss = build_loss(name, LossOptions(weights=weights))
    logits, target = logits_of(loss), target_of(loss)
    cuts = [(0, 1), (1, 4), (4, CASES)]
    parts = [(logits[a:b], target[a:b]) for a, b in cuts]
    masses = [loss.mass(*part) for part in parts]
    total = sum(loss(*part) * mass for part, mass in zip(parts, masses, strict=True))
    torch.testing.assert_close(total / sum(masses), loss(logits, target))
