import pytest
import torch
from torch import nn

from scanwright.inference import Compute, quickened
from scanwright.nets import NetworkOptions, build_network

EXACT = Compute(torch.device("cpu"), None, 1)
HALF = Compute(torch.device("cpu"), torch.bfloat16, 1)
CONVOLUTIONS = {2: nn.Conv2d, 3: nn.Conv3d}
BATCH_NORMS = {2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
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


@pytest.mark.parametrize("rank", [2, 3])
def test_batch_normalisation_becomes_part_of_the_convolution(rank: int) -> None:
    norm = {2: nn.BatchNorm2d, 3: nn.BatchNorm3d}[rank](4)
    nn.init.uniform_(norm.weight, 0.5, 2.0)
    nn.init.uniform_(norm.bias)
    plain = nn.Sequential(CONVOLUTIONS[rank](1, 4, 3), norm, nn.ReLU())
    plain(images(rank))  # statistics
    quick = quickened(plain, rank, EXACT)
    assert not any(isinstance(layer, type(norm)) for layer in quick.modules())
    with torch.inference_mode():
        torch.testing.assert_close(quick(images(rank)), plain.eval()(images(rank)))


@pytest.mark.parametrize("name", ["unet", "unet_residual", "unet_light"])
@pytest.mark.parametrize("size", [(32, 32), (16, 32, 32)])
def test_our_networks_answer_the_same(name: str, size: tuple[int, ...]) -> None:
    options = NetworkOptions(rank=len(size), size=size, outputs=3, width=0.25)
    plain = build_network(name, options, seed=0)
    generator = torch.Generator().manual_seed(0)
    seen = torch.randn(1, 1, *size, generator=generator)
    for _ in range(3):
        plain(seen)  # statistics of batch normalisation
    plain.eval()
    with torch.inference_mode():
        exact = plain(seen)
        got = quickened(plain, len(size), EXACT)(seen)
        half = quickened(plain, len(size), HALF)(seen)
    torch.testing.assert_close(got, exact, atol=1e-3, rtol=1e-3)
    assert (half - exact).abs().mean() < 0.05 * exact.std()


@pytest.mark.parametrize("size", [(64, 64), (32, 32, 32)])
def test_the_norms_of_each_level_of_a_detector_become_part_of_its_own_convolutions(
    size: tuple[int, ...],
) -> None:
    rank = len(size)
    options = NetworkOptions(rank=rank, size=size, outputs=2, width=0.25)
    plain = build_network("detector", options, seed=0)
    seen = torch.randn(1, 1, *size, generator=torch.Generator().manual_seed(0))
    norms = [layer for layer in plain.modules() if isinstance(layer, BATCH_NORMS[rank])]
    assert norms
    for number, norm in enumerate(norms):  # each its own, so that no two can be exchanged
        nn.init.uniform_(norm.weight, 0.5 + 0.01 * number, 1.5)
        nn.init.uniform_(norm.bias, -0.5, 0.5)
    for _ in range(3):
        plain(seen)  # statistics
    plain.eval()
    quick = quickened(plain, rank, EXACT)
    assert not any(isinstance(layer, BATCH_NORMS[rank]) for layer in quick.modules())
    with torch.inference_mode():
        exact, got = plain(seen), quick(seen)
        half = quickened(plain, rank, HALF)(seen)
    assert exact[:, :2].std() > 0.1  # answers that differ from cell to cell
    torch.testing.assert_close(got, exact, atol=1e-4, rtol=1e-5)
    assert (half - exact).abs().mean() < 0.05 * exact.std()


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_the_last_norm_of_a_residual_block_becomes_part_of_its_convolution(name: str) -> None:
    plain = build_network(name, NetworkOptions(size=(32, 32), width=0.25), seed=0)
    seen = torch.randn(4, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    for _ in range(3):
        plain(seen)  # statistics
    plain.eval()
    quick = quickened(plain, 2, EXACT)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in quick.modules())
    with torch.inference_mode():
        torch.testing.assert_close(quick(seen), plain(seen), atol=1e-4, rtol=1e-4)


class OnlySingles(nn.Module):
    """A layer that torch has not in bfloat16, called as a function."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv3d(1, 2, 1)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        pooled: torch.Tensor = nn.functional.avg_pool3d(self.convolution(maps), 2)
        return pooled


def test_what_torch_has_not_in_bfloat16_is_computed_in_float32() -> None:
    plain = OnlySingles().eval()
    quick = quickened(plain, 3, HALF)
    with torch.inference_mode():
        for _ in range(2):
            torch.testing.assert_close(quick(images(3)), plain(images(3)))


def test_errors_of_other_kinds_are_not_hidden() -> None:
    with pytest.raises(RuntimeError, match="channels"):
        quickened(network(3), 3, HALF)(torch.zeros(1, 7, 8, 8, 8))
