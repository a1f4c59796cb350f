import pytest
import torch
from torch import nn

from scanwright.base import RecipeError
from scanwright.recipe import OptimiserChoice
from scanwright.training import OPTIMISERS
from scanwright.training.optimise import FULL_BATCH, build_optimiser, parameter_groups


def network() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(16, 1)
    )


@pytest.mark.parametrize("name", list(OPTIMISERS))
def test_every_optimiser_lowers_the_loss_of_a_toy_problem(name: str) -> None:
    ours = network()
    optimiser = build_optimiser(ours, OptimiserChoice(name=name, rate=0.01, weight_decay=1e-4))
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(16, 1, 4, 4, generator=generator)
    truth = images.mean(dim=(1, 2, 3))[:, None]
    losses = []
    for _ in range(40):
        loss = (ours(images) - truth).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert {group["lr"] for group in optimiser.param_groups} == {0.01}


def test_kernels_and_matrices_decay_and_vectors_do_not() -> None:
    ours = network()
    heavy, light = parameter_groups(ours, 0.1)
    assert heavy["weight_decay"] == 0.1
    assert light["weight_decay"] == 0.0
    assert heavy["params"] == [ours[0].weight, ours[4].weight]
    assert light["params"] == [ours[0].bias, ours[1].weight, ours[1].bias, ours[4].bias]


@pytest.mark.parametrize("name", list(OPTIMISERS))
def test_without_a_gradient_only_kernels_and_matrices_shrink(name: str) -> None:
    ours = network()
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.fill_(1.0)
            parameter.grad = torch.zeros_like(parameter)
    build_optimiser(ours, OptimiserChoice(name=name, rate=0.1, weight_decay=0.5)).step()
    for parameter in ours.parameters():
        assert bool((parameter < 1).all()) == (parameter.ndim > 1)
        assert bool((parameter == 1).all()) == (parameter.ndim <= 1)


def test_what_is_frozen_and_what_is_absent_is_left_out() -> None:
    ours = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    ours[0].weight.requires_grad_(requires_grad=False)
    (only,) = parameter_groups(ours, 0.1)
    assert only["params"] == [ours[1].weight]


def path(name: str, gradients: list[float], **choice: float) -> list[float]:
    """Return where one weight goes from 0, given its gradients."""
    ours = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(ours.weight)
    optimiser = build_optimiser(ours, OptimiserChoice(name=name, rate=0.1, **choice))  # type: ignore[arg-type]  # choice by name
    places = []
    for gradient in gradients:
        ours.weight.grad = torch.full_like(ours.weight, gradient)
        optimiser.step()
        places.append(ours.weight.item())
    return places


@pytest.mark.parametrize("name", ["gradient_descent", "sgd"])
def test_plain_descent_goes_against_the_gradient(name: str) -> None:
    assert path(name, [1, 1, -2]) == pytest.approx([-0.1, -0.2, 0.0])


def test_momentum_remembers() -> None:
    """v ← 0.5 v + g, w ← w - 0.1 v."""
    assert path("momentum", [1, 1, 0], momentum=0.5) == pytest.approx([-0.1, -0.25, -0.325])


def test_nesterov_looks_ahead() -> None:
    """v ← 0.5 v + g, w ← w - 0.1 (g + 0.5 v)."""
    assert path("nesterov", [1, 1, 0], momentum=0.5) == pytest.approx([-0.15, -0.325, -0.3625])


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_adam_follows_its_formula(name: str) -> None:
    """Kingma & Ba 2015, algorithm 1; both are the same without decay."""
    mean = square = place = 0.0
    expected = []
    gradients = [1.0, -3.0, 2.0]
    for step, gradient in enumerate(gradients, start=1):
        mean = 0.8 * mean + 0.2 * gradient
        square = 0.9 * square + 0.1 * gradient**2
        root = (square / (1 - 0.9**step)) ** 0.5
        place -= 0.1 * mean / (1 - 0.8**step) / (root + 1e-8)
        expected.append(place)
    found = path(name, gradients, momentum=0.8, second_momentum=0.9)
    assert found == pytest.approx(expected, rel=1e-4)


def test_adamw_decays_apart_from_the_gradient() -> None:
    ours = nn.Linear(1, 1, bias=False)
    nn.init.ones_(ours.weight)
    ours.weight.grad = torch.zeros_like(ours.weight)
    build_optimiser(ours, OptimiserChoice(name="adamw", rate=0.1, weight_decay=0.5)).step()
    assert ours.weight.item() == pytest.approx(1 - 0.1 * 0.5)


def test_an_unknown_optimiser_names_the_nearest() -> None:
    with pytest.raises(RecipeError, match='did you mean "adamw"'):
        build_optimiser(network(), OptimiserChoice(name="adamww"))


def test_every_name_that_sees_all_cases_is_in_the_catalog() -> None:
    assert set(OPTIMISERS) >= FULL_BATCH
