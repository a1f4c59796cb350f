"""A network's trunk and head, and the gradient between them."""

import torch

from scanwright.nets import NetworkOptions, build_network


def test_a_class_activation_map_can_be_had_from_features_and_head() -> None:
    network = build_network("compact", NetworkOptions(size=(20, 24), outputs=3)).eval()
    maps = network.features(torch.randn(2, 1, 20, 24)).detach().requires_grad_()
    network.head(maps)[:, 1].sum().backward()
    assert maps.grad is not None
    assert maps.grad.shape == maps.shape
    assert bool((maps.grad.flatten(2).abs().sum(2) > 0).any(1).all())


def test_a_network_remembers_its_options() -> None:
    options = NetworkOptions(size=(20, 24), outputs=3)
    assert build_network("compact", options).options is options
