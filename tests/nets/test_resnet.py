"""ResNets: parameters of the literature, stems by size, equality with MONAI's."""

import pytest
import torch
from torch import nn

from scanwright.base import RecipeError
from scanwright.nets import Network, NetworkOptions, build_network, count_operations
from scanwright.nets import count_parameters as count

IMAGENET = NetworkOptions(size=(224, 224), channels=3, outputs=1000)


@pytest.mark.parametrize(("name", "known"), [("resnet18", 11_689_512), ("resnet50", 25_557_032)])
def test_resnets_have_the_parameters_of_the_literature(name: str, known: int) -> None:
    assert count(build_network(name, IMAGENET)) == known


@pytest.mark.parametrize(("name", "known"), [("resnet18", 1.8e9), ("resnet50", 4.1e9)])
def test_resnets_cost_the_operations_of_the_literature(name: str, known: float) -> None:
    # He et al. 2016, table 1, gives 1.8e9 and 3.8e9; with the stride in the 3-wide convolution
    # ResNet-50 needs 4.1e9.
    network = build_network(name, IMAGENET)
    assert count_operations(network, 3, (224, 224)) == pytest.approx(known, rel=0.01)


@pytest.mark.parametrize(
    ("size", "grid"),
    [((64, 64), (8, 8)), ((65, 65), (3, 3)), ((28, 28), (4, 4)), ((9, 200), (2, 25))],
)
def test_small_images_keep_their_size_through_the_stem(
    size: tuple[int, ...], grid: tuple[int, ...]
) -> None:
    network = build_network("resnet18", NetworkOptions(size=size, width=0.0625)).eval()
    assert network.features(torch.zeros(1, 1, *size)).shape[2:] == grid


def test_stem_stride_overrides_the_rule_and_knows_two_values() -> None:
    large = build_network("resnet18", NetworkOptions(size=(64, 64), width=0.0625, stem_stride=4))
    assert large.eval().features(torch.zeros(1, 1, 64, 64)).shape[2:] == (2, 2)
    with pytest.raises(RecipeError, match="1 or 4"):
        build_network("resnet18", NetworkOptions(size=(64, 64), stem_stride=2))


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "compact"])
def test_zero_last_makes_every_block_its_shortcut(name: str) -> None:
    options = NetworkOptions(size=(16, 16), width=0.125, zero_last=True)
    network = build_network(name, options).eval()
    blocks = [module for module in network.modules() if hasattr(module, "last")]
    assert blocks
    for block in blocks:
        assert not any(bool(parameter.any()) for parameter in block.last.parameters())
        maps = torch.rand(1, wide_in(block), 8, 8)
        expected = block.shortcut(maps)
        torch.testing.assert_close(block(maps), expected if name == "compact" else expected.relu())


def wide_in(block: nn.Module) -> int:
    """Return the number of maps that a block takes."""
    first = block.body[0]
    return first.in_channels if hasattr(first, "in_channels") else first.num_features


@pytest.mark.slow
@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_resnets_give_the_outputs_of_monai(name: str, rank: int) -> None:
    """The same weights in the same order; MONAI's shortcut convolutions lack nothing but bias."""
    from monai.networks import nets

    edge = 70 if rank == 2 else 66
    options = NetworkOptions(rank=rank, size=(edge,) * rank, channels=2, outputs=4)
    ours = build_network(name, options, seed=1)
    shuffle_norms(ours)
    theirs = getattr(nets, name)(
        spatial_dims=rank,
        n_input_channels=2,
        num_classes=4,
        conv1_t_stride=2,
        bias_downsample=False,
    )
    copy_in_order(ours, theirs)
    x = torch.randn(2, 2, *options.size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        # Sums of some thousand products in single precision, in another order.
        torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=1e-4, atol=1e-5)


def shuffle_norms(network: nn.Module) -> None:
    """Give the normalisations statistics and factors that are not 0 and 1."""
    generator = torch.Generator().manual_seed(5)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
            for tensor in (module.weight.data, module.running_var):
                tensor.copy_(torch.rand(tensor.shape, generator=generator) * 0.2 + 0.9)
            for tensor in (module.bias.data, module.running_mean):
                tensor.copy_(torch.randn(tensor.shape, generator=generator) * 0.1)


def copy_in_order(ours: Network, theirs: nn.Module) -> None:
    """Copy weights by position: both list modules in the order in which they run."""
    source, goal = ours.state_dict(), theirs.state_dict()
    assert [value.shape for value in source.values()] == [value.shape for value in goal.values()]
    theirs.load_state_dict(dict(zip(goal, source.values(), strict=True)))
