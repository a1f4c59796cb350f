"""LDAM and logit adjustment against their formulas, and what they are where nothing is rare."""

import math

import numpy as np
import pytest
import torch

from scanwright.base import RecipeError
from scanwright.losses import LossOptions, build_loss

COUNTS = (400.0, 60.0, 20.0)
SHARES = tuple(count / sum(COUNTS) for count in COUNTS)
LOGITS = torch.tensor(np.random.default_rng(0).normal(size=(7, 3)))
TARGET = torch.tensor([0, 1, 2, 2, 0, 1, 0])


def by_hand(logits: list[float], truth: int, others: list[float]) -> float:
    """-log of exp(logit of the truth) over itself and the others."""
    total = math.exp(logits[truth]) + math.fsum(math.exp(other) for other in others)
    return math.log(total) - logits[truth]


def test_ldam_is_its_formula() -> None:
    """Cao et al. 2019, equations 11 and 12, Δ_k = C / n_k^(1/4), the largest 2."""
    largest = 2.0
    constant = largest * min(COUNTS) ** 0.25
    margins = [constant / count**0.25 for count in COUNTS]
    assert max(margins) == margins[2] == pytest.approx(largest)
    costs = []
    for row, truth in zip(LOGITS.tolist(), TARGET.tolist(), strict=True):
        moved = list(row)
        moved[truth] -= margins[truth]
        costs.append(by_hand(moved, truth, [row[k] for k in range(3) if k != truth]))
    loss = build_loss("ldam", LossOptions(priors=SHARES, margin=largest))
    assert loss(LOGITS, TARGET).item() == pytest.approx(math.fsum(costs) / 7, rel=1e-12)


def test_logit_adjustment_is_its_formula() -> None:
    """Menon et al. 2021, equation 10: log(1 + Σ_{k≠y} (π_k / π_y)^τ exp(z_k - z_y))."""
    tau = 1.5
    costs = []
    for row, truth in zip(LOGITS.tolist(), TARGET.tolist(), strict=True):
        odds = [
            (SHARES[k] / SHARES[truth]) ** tau * math.exp(row[k] - row[truth])
            for k in range(3)
            if k != truth
        ]
        costs.append(math.log1p(math.fsum(odds)))
    loss = build_loss("logit_adjusted", LossOptions(priors=SHARES, tau=tau))
    assert loss(LOGITS, TARGET).item() == pytest.approx(math.fsum(costs) / 7, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "knobs"),
    [
        ("ldam", {"margin": 0.0, "priors": SHARES}),
        ("logit_adjusted", {"tau": 0.0, "priors": SHARES}),
        ("logit_adjusted", {"priors": (1 / 3, 1 / 3, 1 / 3)}),
        ("logit_adjusted", {}),
        ("focal", {"gamma": 0.0}),
        ("cross_entropy", {"weights": (1.0, 1.0, 1.0)}),
    ],
    ids=str,
)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_without_its_measure_each_is_plain_cross_entropy(
    name: str, knobs: dict[str, object], smoothing: float
) -> None:
    loss = build_loss(name, LossOptions(smoothing=smoothing, **knobs))  # type: ignore[arg-type]  # knobs by name
    plain = build_loss("cross_entropy", LossOptions(smoothing=smoothing))
    torch.testing.assert_close(loss(LOGITS, TARGET), plain(LOGITS, TARGET))


@pytest.mark.parametrize("name", ["ldam", "logit_adjusted"])
def test_the_slope_is_the_derivative_with_priors_and_weights(name: str) -> None:
    options = LossOptions(priors=SHARES, weights=(0.5, 1.0, 3.0), smoothing=0.1)
    loss = build_loss(name, options)
    shares = torch.softmax(LOGITS.flip(0), dim=1)
    logits = LOGITS.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda z: loss(z, shares), logits)


@pytest.mark.parametrize("name", ["ldam", "logit_adjusted"])
def test_loss_of_a_mixture_is_the_mixture_of_losses(name: str) -> None:
    loss = build_loss(name, LossOptions(priors=SHARES))
    one = LOGITS[:1]
    first, second = (loss(one, torch.tensor([k])) for k in (0, 2))
    torch.testing.assert_close(
        loss(one, torch.tensor([[0.3, 0.0, 0.7]])), 0.3 * first + 0.7 * second
    )


@pytest.mark.parametrize("name", ["ldam", "logit_adjusted"])
def test_a_rarer_class_is_pushed_further(name: str) -> None:
    loss = build_loss(name, LossOptions(priors=SHARES))
    equal = torch.zeros(1, 3)
    costs = [loss(equal, torch.tensor([k])).item() for k in range(3)]
    assert costs == sorted(costs)
    assert costs[0] < costs[2]


@pytest.mark.parametrize("name", ["ldam", "logit_adjusted"])
def test_a_class_that_training_lacks_leaves_the_loss_finite(name: str) -> None:
    loss = build_loss(name, LossOptions(priors=(0.9, 0.1, 0.0)))
    logits = LOGITS.clone().requires_grad_()
    value = loss(logits, TARGET.clamp(max=1))
    value.backward()
    assert value.isfinite()
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize("name", ["ldam", "logit_adjusted"])
def test_a_wrong_number_of_priors_is_refused(name: str) -> None:
    with pytest.raises(RecipeError, match=r"loss\.priors"):
        build_loss(name, LossOptions(priors=(0.5, 0.5)))(LOGITS, TARGET)


def test_priors_only_count_by_their_ratio() -> None:
    once, many = (
        build_loss("logit_adjusted", LossOptions(priors=values))(LOGITS, TARGET)
        for values in (SHARES, COUNTS)
    )
    torch.testing.assert_close(once, many)
