import pytest
import torch

from scanwright.nets import NetworkOptions, build_network
from scanwright.recipe.activations import count_activations, training_bytes


def options(*size: int, **more: object) -> NetworkOptions:
    return NetworkOptions(rank=len(size), outputs=3, size=size, **more)  # type: ignore[arg-type]  # by name


def test_the_memory_of_a_known_network_is_about_what_was_measured() -> None:
    """nnU-Net's network for the hippocampus, batch 9: 1.47 GiB on a processor."""
    measured = 1.47 * 2**30 / 9
    assert training_bytes("unet", options(40, 56, 40)) == pytest.approx(measured, rel=0.15)


@pytest.mark.parametrize("name", ["unet", "unet_light", "unet_residual"])
def test_twice_the_elements_take_twice_the_memory(name: str) -> None:
    one = training_bytes(name, options(64, 64))
    assert training_bytes(name, options(128, 64)) == pytest.approx(2 * one, rel=0.1)


def test_a_lighter_network_takes_less() -> None:
    assert training_bytes("unet_light", options(64, 64)) < training_bytes("unet", options(64, 64))
    half = training_bytes("unet_light", options(64, 64, stem_stride=2))
    assert half < 0.5 * training_bytes("unet_light", options(64, 64))


def test_what_convolutions_make_is_counted_and_the_network_left_as_it_was() -> None:
    layers = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(4, 2, 1, stride=2)
    )
    assert count_activations(layers, 1, (8, 8)) == 4 * 64 + 2 * 16
    assert layers.training
    assert layers[0].weight.device.type == "cpu"
    network = build_network("unet_light", options(32, 32))
    network(torch.zeros(1, 1, 32, 32))
