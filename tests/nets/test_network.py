"""A network's trunk and head, and the gradient between them."""

import pytest
import torch

from scanwright.nets import NetworkOptions, build_network
from scanwright.nets.network import FAINT, Standardise


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


@pytest.mark.parametrize("shape", [(3, 1, 9), (3, 2, 8, 9), (3, 1, 5, 6, 7)])
def test_standardised_images_have_mean_0_and_a_deviation_just_below_1(
    shape: tuple[int, ...],
) -> None:
    images = torch.rand(shape, generator=torch.Generator().manual_seed(0)) * 3 + 2
    found = Standardise()(images).flatten(1)
    spread = images.flatten(1).std(1, correction=0)
    torch.testing.assert_close(found.mean(1), torch.zeros(3), rtol=0, atol=1e-5)
    torch.testing.assert_close(found.std(1, correction=0), spread / (spread + FAINT))


def test_an_empty_image_stays_finite_and_is_not_blown_up() -> None:
    assert not Standardise()(torch.full((1, 1, 4, 4), 0.7)).any()


def test_a_standardising_network_hardly_sees_exposure_and_contrast() -> None:
    options = NetworkOptions(size=(20, 24), standardise=True)
    network = build_network("compact", options).eval()
    images = torch.rand(2, 1, 20, 24, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        plain, changed = network(images), network(images + 5)
        torch.testing.assert_close(changed, plain, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(network.head(network.features(images)), plain)


def test_standardising_adds_nothing_to_the_weights() -> None:
    plain, other = (
        build_network("compact", NetworkOptions(standardise=choice)) for choice in (False, True)
    )
    other.load_state_dict(plain.state_dict())
    assert list(other.state_dict()) == list(plain.state_dict())
