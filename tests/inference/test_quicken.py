import pytest
import torch
from torch import nn

from scanwright.inference import Compute, quickened

EXACT = Compute(torch.device("cpu"), None, 1)
HALF = Compute(torch.device("cpu"), torch.bfloat16, 1)
CONVOLUTIONS = {2: nn.Conv2d, 3: nn.Conv3d}
NORMS = {1: nn.InstanceNorm1d, 2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}


def network(rank: int) -> nn.Module:
    torch.manual_seed(rank)
    convolution, norm = CONVOLUTIONS[rank], NORMS[rank]
    layers = nn.Sequential(
        nn.Sequential(convolution(1, 8, 3, padding=1), norm(8, affine=True), nn.LeakyReLU()),
        convolution(8, 16, 3, stride=2, padding=1),
        norm(16),
        nn.LeakyReLU(inplace=True),
        convolution(16, 16, 1),
        nn.Dropout(0.5),
        convolution(16, 4, 1, bias=False),
    )
    nn.init.normal_(layers[0][1].weight)
    nn.init.normal_(layers[0][1].bias)
    return layers


def images(rank: int) -> torch.Tensor:
    return torch.randn(2, 1, *(12,) * rank, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("rank", [2, 3])
def test_a_quickened_network_answers_the_same(rank: int) -> None:
    plain = network(rank).eval()
    with torch.inference_mode():
        got = quickened(plain, rank, EXACT)(images(rank))
        torch.testing.assert_close(got, plain(images(rank)), atol=1e-4, rtol=1e-4)
    assert got.dtype is torch.float32


@pytest.mark.parametrize("rank", [2, 3])
def test_in_bfloat16_it_answers_nearly_the_same(rank: int) -> None:
    plain = network(rank).eval()
    with torch.inference_mode():
        got, exact = quickened(plain, rank, HALF)(images(rank)), plain(images(rank))
    assert got.dtype is torch.float32
    assert (got - exact).abs().max() < 0.05 * exact.std()


def test_the_network_given_is_left_alone() -> None:
    plain = network(3).train()
    before = {name: value.clone() for name, value in plain.state_dict().items()}
    quickened(plain, 3, HALF)
    assert plain.training
    assert isinstance(plain[0][1], nn.InstanceNorm3d)
    for name, value in plain.state_dict().items():
        assert torch.equal(value, before[name])
        assert value.dtype is torch.float32


def test_layers_that_differ_are_kept() -> None:
    tracking = nn.InstanceNorm2d(4, track_running_stats=True)
    strided, grouped = nn.Conv2d(4, 4, 1, stride=2), nn.Conv2d(4, 4, 1, groups=2)
    kept = quickened(nn.Sequential(tracking, strided, grouped), 2, EXACT)
    assert isinstance(kept, nn.Sequential)
    assert [type(layer) for layer in kept] == [nn.InstanceNorm2d, nn.Conv2d, nn.Conv2d]


def test_a_network_of_one_layer_is_quickened_too() -> None:
    plain = nn.Conv2d(1, 2, 1).eval()
    with torch.inference_mode():
        torch.testing.assert_close(quickened(plain, 2, EXACT)(images(2)), plain(images(2)))
