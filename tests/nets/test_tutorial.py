"""The tutorial network: its exact layers, its parameters, its arithmetic."""

import numpy as np
import pytest
import torch
from torch import nn

from scanwright.base import RecipeError
from scanwright.nets import NetworkOptions, build_network, count_operations, count_parameters

from .test_blocks import convolve, pool


def test_tutorial_has_121930_parameters() -> None:
    network = build_network("tutorial", NetworkOptions(size=(28, 28), channels=1, outputs=10))
    assert count_parameters(network) == 121_930
    assert [parameter.numel() for parameter in network.parameters()] == [
        32 * 9, 32, 64 * 32 * 9, 64, 64 * 1600, 64, 10 * 64, 10,
    ]  # fmt: skip


def test_tutorial_has_the_layers_of_the_textbook() -> None:
    network = build_network("tutorial", NetworkOptions(size=(28, 28), outputs=10))
    whole = nn.Sequential(network.trunk, network.head)
    layers = [type(layer) for layer in whole.modules() if not list(layer.children())]
    assert layers == [
        nn.Conv2d, nn.ReLU, nn.MaxPool2d, nn.Conv2d, nn.ReLU,
        nn.MaxPool2d, nn.Flatten, nn.Linear, nn.ReLU, nn.Dropout, nn.Linear,
    ]  # fmt: skip
    first = network.trunk[0]
    assert (first.kernel_size, first.stride, first.padding) == ((3, 3), (1, 1), (0, 0))
    assert network.features(torch.zeros(1, 1, 28, 28)).shape == (1, 64, 11, 11)


@pytest.mark.parametrize("size", [(11, 12), (10, 10, 11)])
def test_tutorial_is_the_formulas_one_after_the_other(size: tuple[int, ...]) -> None:
    options = NetworkOptions(rank=len(size), size=size, channels=2, outputs=3, width=0.0625)
    network = build_network("tutorial", options, seed=3).double().eval()
    weights = [parameter.detach().numpy() for parameter in network.parameters()]
    x = np.random.default_rng(0).normal(size=(2, *size))
    maps = pool(np.maximum(convolve(x, weights[0], weights[1]), 0), 2, max)
    maps = pool(np.maximum(convolve(maps, weights[2], weights[3]), 0), 2, max)
    hidden = np.maximum(weights[4] @ maps.reshape(-1) + weights[5], 0)
    expected = weights[6] @ hidden + weights[7]
    found = network(torch.tensor(x[None]))[0].detach()
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_tutorial_costs_what_its_layers_cost() -> None:
    network = build_network("tutorial", NetworkOptions(size=(28, 28), outputs=10))
    by_hand = 26 * 26 * 32 * 9 + 11 * 11 * 64 * 32 * 9 + 1600 * 64 + 64 * 10
    assert count_operations(network, 1, (28, 28)) == by_hand


def test_tutorial_names_the_nearest_legal_size() -> None:
    with pytest.raises(RecipeError, match="10 × 28"):
        build_network("tutorial", NetworkOptions(size=(9, 28)))
    assert build_network("tutorial", NetworkOptions(size=(10, 28)))


def test_tutorial_refuses_what_it_lacks() -> None:
    with pytest.raises(RecipeError, match="depth"):
        build_network("tutorial", NetworkOptions(depth=(2, 2)))
