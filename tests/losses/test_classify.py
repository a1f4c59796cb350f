"""Cross-entropy, focal and ordinal loss against their formulas and against torch."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from scanwright.base import ShapeError
from scanwright.losses import Loss, LossOptions, build_loss


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.tensor(np.random.default_rng(seed).normal(size=shape))


LOGITS = drawn(6, 4)
TARGET = torch.tensor([0, 3, 2, 2, 1, 0])
WEIGHTS = (0.5, 1.0, 2.0, 4.0)


def softmax(z: list[float]) -> list[float]:
    total = math.fsum(math.exp(value) for value in z)
    return [math.exp(value) / total for value in z]


def test_cross_entropy_is_its_formula() -> None:
    rows = LOGITS.tolist()
    by_hand = math.fsum(
        -math.log(softmax(z)[y]) for z, y in zip(rows, TARGET.tolist(), strict=True)
    )
    found = build_loss("cross_entropy")(LOGITS, TARGET)
    assert found.item() == pytest.approx(by_hand / 6, rel=1e-12)


def test_cross_entropy_slope_is_probability_less_truth() -> None:
    """∂L/∂z_k = (p_k - y_k) / B."""
    logits = LOGITS.clone().requires_grad_()
    build_loss("cross_entropy")(logits, TARGET).backward()
    for row, (z, y) in enumerate(zip(LOGITS.tolist(), TARGET.tolist(), strict=True)):
        for k, p in enumerate(softmax(z)):
            assert logits.grad[row, k].item() == pytest.approx((p - (k == y)) / 6, rel=1e-10)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_is_torchs(weights: tuple[float, ...] | None, smoothing: float) -> None:
    loss = build_loss("cross_entropy", LossOptions(weights=weights, smoothing=smoothing))
    expected = F.cross_entropy(
        LOGITS,
        TARGET,
        weight=None if weights is None else torch.tensor(weights).double(),
        label_smoothing=smoothing,
    )
    torch.testing.assert_close(loss(LOGITS, TARGET), expected)


@pytest.mark.parametrize("name", ["cross_entropy", "focal", "ordinal"])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_shares_of_one_class_are_that_class(name: str, weights: tuple[float, ...] | None) -> None:
    loss = build_loss(name, LossOptions(weights=weights, smoothing=0.1))
    logits = drawn(6, loss.outputs(4))
    torch.testing.assert_close(loss(logits, TARGET), loss(logits, F.one_hot(TARGET, 4)))


@pytest.mark.parametrize("name", ["cross_entropy", "focal", "ordinal"])
def test_loss_of_a_mixture_is_the_mixture_of_losses(name: str) -> None:
    loss = build_loss(name)
    logits = drawn(1, loss.outputs(4))
    first, second = (loss(logits, torch.tensor([k])) for k in (1, 3))
    mixed = loss(logits, torch.tensor([[0, 0.3, 0, 0.7]]))
    torch.testing.assert_close(mixed, 0.3 * first + 0.7 * second)


def test_a_class_of_weight_zero_is_passed_over() -> None:
    loss = build_loss("cross_entropy", LossOptions(weights=(0, 1, 1, 1)))
    kept = TARGET != 0
    torch.testing.assert_close(
        loss(LOGITS, TARGET), build_loss("cross_entropy")(LOGITS[kept], TARGET[kept])
    )
    assert loss(LOGITS[~kept], TARGET[~kept]).item() == 0


@pytest.mark.parametrize("gamma", [0.5, 2.0, 5.0])
def test_focal_is_its_formula(gamma: float) -> None:
    rows = zip(LOGITS.tolist(), TARGET.tolist(), strict=True)
    chances = [softmax(z)[y] for z, y in rows]
    by_hand = math.fsum(-((1 - p) ** gamma) * math.log(p) for p in chances) / 6
    found = build_loss("focal", LossOptions(gamma=gamma))(LOGITS, TARGET)
    assert found.item() == pytest.approx(by_hand, rel=1e-12)


def test_focal_with_gamma_0_is_cross_entropy() -> None:
    focal = build_loss("focal", LossOptions(gamma=0, weights=WEIGHTS, smoothing=0.1))
    plain = build_loss("cross_entropy", LossOptions(weights=WEIGHTS, smoothing=0.1))
    torch.testing.assert_close(focal(LOGITS, TARGET), plain(LOGITS, TARGET))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal_slope_is_finite_where_the_case_is_certain(gamma: float) -> None:
    logits = torch.tensor([[200.0, 0.0]], requires_grad=True)
    build_loss("focal", LossOptions(gamma=gamma))(logits, torch.tensor([0])).backward()
    assert logits.grad.isfinite().all()


def test_ordinal_is_its_formula() -> None:
    """Passing class k once it is reached has the chance σ(z_k)."""
    z = [0.3, -1.2, 2.0]
    passing = [1 / (1 + math.exp(-value)) for value in z]
    classes = [
        1 - passing[0],
        passing[0] * (1 - passing[1]),
        passing[0] * passing[1] * (1 - passing[2]),
        passing[0] * passing[1] * passing[2],
    ]
    loss = build_loss("ordinal")
    logits = torch.tensor([z], dtype=torch.float64)
    for k, chance in enumerate(classes):
        assert loss(logits, torch.tensor([k])).item() == pytest.approx(-math.log(chance), rel=1e-12)


def test_ordinal_is_the_sum_of_the_binary_questions_of_corn() -> None:
    """Question k, asked of cases of class k or more: is it more than k?"""
    logits = drawn(6, 3, seed=2)
    total = torch.zeros((), dtype=torch.float64)
    for k in range(3):
        asked = k <= TARGET
        answer = (TARGET[asked] > k).double()
        total += F.binary_cross_entropy_with_logits(logits[asked, k], answer, reduction="sum")
    torch.testing.assert_close(build_loss("ordinal")(logits, TARGET), total / 6)


def test_ordinal_finds_the_frequencies_of_the_classes() -> None:
    """Without an image to look at, the best logits give back how often each class occurs."""
    logits = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
    descent = torch.optim.LBFGS([logits], max_iter=50, line_search_fn="strong_wolfe")
    loss = build_loss("ordinal")

    def evaluate() -> torch.Tensor:
        descent.zero_grad()
        value = loss(logits.expand(6, 3), TARGET)
        value.backward()
        return value

    descent.step(evaluate)
    found = loss.decode(logits.detach())[0]
    assert found.tolist() == pytest.approx([2 / 6, 1 / 6, 2 / 6, 1 / 6], abs=1e-4)


@pytest.mark.parametrize("name", ["cross_entropy", "focal", "ordinal"])
def test_targets_of_another_shape_are_refused(name: str) -> None:
    loss: Loss = build_loss(name)
    logits = drawn(6, loss.outputs(4))
    for wrong in (TARGET[:5], torch.ones(6, 3), torch.ones(6, 1)):
        with pytest.raises(ShapeError):
            loss(logits, wrong)
