"""U-Nets: nnU-Net's own layer for layer, the knobs of each, their cost."""

from itertools import pairwise
from types import ModuleType

import pytest
import torch
from torch import nn

from scanwright.base import RecipeError
from scanwright.nets import Network, NetworkOptions, build_network, count_operations
from scanwright.nets import count_parameters as count

HIPPOCAMPUS = NetworkOptions(rank=3, size=(40, 56, 40), outputs=3)
COARSE = NetworkOptions(
    rank=3, size=(16, 64, 48), spacing_mm=(4.0, 1.0, 1.0), outputs=4, channels=2, width=0.25
)
FLAT = NetworkOptions(size=(64, 96), outputs=2, channels=3, width=0.25)


def test_plain_network_has_the_parameters_of_its_layers() -> None:
    maps = [1, 32, 64, 128, 256]
    down = sum(27 * a * b + 27 * b * b for a, b in pairwise(maps))
    up = sum(8 * 2 * b * b + 27 * 2 * b * b + 27 * b * b for b in maps[1:-1])
    norms = 2 * 2 * (sum(maps[1:]) + sum(maps[1:-1]))
    assert count(build_network("unet", HIPPOCAMPUS)) == down + up + norms + 32 * 3 + 3


@pytest.mark.parametrize(
    ("name", "most"), [("unet", 20e9), ("unet_residual", 30e9), ("unet_light", 3.2e9)]
)
def test_the_light_network_costs_a_sixth(name: str, most: float) -> None:
    cost = count_operations(build_network(name, HIPPOCAMPUS), 1, HIPPOCAMPUS.size)
    assert 0.9 * most < cost < most


def test_operations_of_a_transposed_convolution_are_counted_by_what_it_takes() -> None:
    assert count_operations(nn.ConvTranspose2d(3, 5, 2, 2), 3, (4, 6)) == 4 * 6 * 3 * 5 * 4


def test_a_stem_answers_at_full_size_from_a_coarser_grid() -> None:
    options = NetworkOptions(size=(65, 64), outputs=2, stem_stride=4)
    network = build_network("unet_light", options).eval()
    images = torch.zeros(1, 1, 65, 64)
    assert network.features(images).shape[2:] == (17, 16)
    assert network(images).shape == (1, 2, 65, 64)
    full = build_network("unet_light", options.model_copy(update={"stem_stride": None}))
    assert count_operations(network, 1, (64, 64)) < 0.15 * count_operations(full, 1, (64, 64))


def test_a_stem_passes_over_no_element() -> None:
    options = NetworkOptions(size=(32, 32), outputs=2, stem_stride=4)
    network = build_network("unet_light", options).eval()
    images = torch.rand(1, 1, 32, 32, requires_grad=True)
    network(images).square().sum().backward()
    assert bool((images.grad != 0).all())


@pytest.mark.parametrize("knob", [{"stem_stride": 2}, {"drop_path": 0.1}, {"zero_last": True}])
def test_the_plain_network_refuses_what_it_lacks(knob: dict[str, object]) -> None:
    with pytest.raises(RecipeError, match=next(iter(knob))):
        build_network("unet", HIPPOCAMPUS.model_copy(update=knob))


def test_zero_last_makes_every_residual_block_its_shortcut() -> None:
    options = FLAT.model_copy(update={"zero_last": True})
    network = build_network("unet_residual", options)
    lasts = [module.last for module in network.modules() if hasattr(module, "last")]
    assert lasts
    assert not any(bool(last.weight.any()) for last in lasts)


@pytest.mark.parametrize("options", [HIPPOCAMPUS, COARSE, FLAT], ids=["cube", "coarse", "flat"])
@pytest.mark.parametrize("name", ["unet", "unet_residual"])
def test_outputs_are_those_of_nnunets_network(name: str, options: NetworkOptions) -> None:
    """The same weights, block by block, in dynamic-network-architectures (0.4)."""
    peer = pytest.importorskip("dynamic_network_architectures.architectures.unet")
    ours = build_network(name, options.model_copy(update={"deep_supervision": True}), seed=1)
    shuffle_norms(ours)
    theirs = peer_of(peer, name, ours)
    copy_by_part(ours, theirs)
    images = torch.randn(1, options.channels, *options.size, generator=random(3))
    with torch.no_grad():
        expected = theirs.train()(images)
        found = ours.train()(images)
        single = ours.eval()(images)
    assert len(found) == max(1, len(expected) - 1)
    for one, other in zip(found, expected, strict=False):
        # Sums of some thousand products in single precision, in another order.
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(single, found[0])


def random(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def shuffle_norms(network: nn.Module) -> None:
    """Give the normalisations factors and shifts that are not 1 and 0."""
    for module in network.modules():
        if isinstance(module, nn.InstanceNorm1d | nn.InstanceNorm2d | nn.InstanceNorm3d):
            module.weight.data = torch.rand(module.weight.shape, generator=random(5)) + 0.5
            module.bias.data = torch.randn(module.bias.shape, generator=random(6)) * 0.1


def peer_of(peer: ModuleType, name: str, ours: Network) -> nn.Module:
    """Build their network with the stages of ours."""
    down = ours.trunk.down
    rank = ours.options.rank
    convolutions = [first_convolution(stage, name, index) for index, stage in enumerate(down)]
    stages = len(down)
    plain = name == "unet"
    depth = "n_conv_per_stage" if plain else "n_blocks_per_stage"
    build = peer.PlainConvUNet if plain else peer.ResidualEncoderUNet
    counts = [2] * stages if plain else [1, 3, 4, 6, 6, 6, 6][:stages]
    return build(
        input_channels=ours.options.channels,
        n_stages=stages,
        features_per_stage=[layer.out_channels for layer in convolutions],
        conv_op=(nn.Conv2d, nn.Conv3d)[rank - 2],
        kernel_sizes=[layer.kernel_size for layer in convolutions],
        strides=[layer.stride for layer in convolutions],
        num_classes=ours.options.outputs,
        n_conv_per_stage_decoder=2 if plain else 1,
        norm_op=(nn.InstanceNorm2d, nn.InstanceNorm3d)[rank - 2],
        norm_op_kwargs={"eps": 1e-5, "affine": True},
        nonlin=nn.LeakyReLU,
        nonlin_kwargs={"inplace": True},
        deep_supervision=True,
        **{depth: counts},
    )


def first_convolution(stage: nn.Module, name: str, index: int) -> nn.Module:
    """Return the convolution that holds the stride of a stage."""
    layers = [m for m in stage.modules() if isinstance(m, nn.Conv2d | nn.Conv3d)]
    return layers[1 if name == "unet_residual" and index == 0 else 0]


def copy_by_part(ours: Network, theirs: nn.Module) -> None:
    """Copy weights in the order of the parts, which both networks share."""
    down, up = theirs.encoder, theirs.decoder
    parts = [(ours.trunk.down, nn.ModuleList([getattr(down, "stem", nn.Identity()), *down.stages]))]
    parts += list(zip(ours.trunk.up, reversed(up.transpconvs), strict=True))
    parts += list(zip(ours.trunk.joins, reversed(up.stages), strict=True))
    heads = list(reversed(up.seg_layers))
    parts += list(zip([ours.head, *ours.coarse_heads], heads, strict=False))
    for mine, peers in parts:
        given = list(mine.parameters())
        taken = unique_parameters(peers)
        assert [weight.shape for weight in given] == [weight.shape for weight in taken]
        for source, goal in zip(given, taken, strict=True):
            goal.data.copy_(source.data)


def unique_parameters(module: nn.Module) -> list[nn.Parameter]:
    """List parameters once: theirs hold some layers under two names."""
    return list(dict(module.named_parameters()).values())
