"""MONAI's networks: built by name, equal to MONAI's own, absent with a clear word."""

import sys

import pytest
import torch

from scanwright.base import RecipeError, ResourceError
from scanwright.nets import (
    MONAI_NETWORKS,
    NetworkOptions,
    answer_of,
    build_network,
    count_operations,
)

OUTLINERS = [name for name in MONAI_NETWORKS if MONAI_NETWORKS[name].answers == "element"]
ONE_OF_EACH_FAMILY = ["DenseNet121", "ResNet10", "SEResNet50", "EfficientNetBN-b0"]


def smallest(name: str, rank: int) -> NetworkOptions:
    size = (MONAI_NETWORKS[name].smallest,) * rank
    return NetworkOptions(rank=rank, size=size, channels=2, outputs=3)


@pytest.mark.slow
@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("name", ONE_OF_EACH_FAMILY)
def test_family_works_at_its_smallest_size(name: str, rank: int) -> None:
    options = smallest(name, rank)
    network = build_network("monai:" + name, options, seed=1).eval()
    x = torch.randn(2, 2, *options.size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        maps = network.features(x)
        assert maps.ndim == 2 + rank
        assert network(x).shape == (2, 3)
        torch.testing.assert_close(network(x), network.head(maps))
        torch.testing.assert_close(network(x)[:1], network(x[:1]), rtol=1e-4, atol=1e-5)
    tiny = options.model_copy(update={"size": (options.size[0] - 1,) * rank})
    with pytest.raises(RecipeError, match="nearest"):
        build_network("monai:" + name, tiny)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MONAI_NETWORKS))
def test_every_name_in_the_table_exists_in_monai(name: str) -> None:
    """On tensors without values, which makes the large ones cheap."""
    with torch.device("meta"):
        network = build_network("monai:" + name, smallest(name, 2)).eval()
        size = smallest(name, 2).size
        per_element = size if answer_of("monai:" + name) == "element" else ()
        assert network(torch.empty(1, 2, *size)).shape == (1, 3, *per_element)


@pytest.mark.slow
def test_outputs_are_those_of_the_whole_monai_network() -> None:
    from monai.networks import nets

    x = torch.randn(2, 2, 70, 70, generator=torch.Generator().manual_seed(0))
    options = NetworkOptions(size=(70, 70), channels=2, outputs=3)
    wholes = {
        "DenseNet121": nets.DenseNet121(2, 2, 3),
        "ResNet18": nets.resnet18(
            spatial_dims=2, n_input_channels=2, num_classes=3, conv1_t_stride=2
        ),
        "SEResNet50": nets.SEResNet50(spatial_dims=2, in_channels=2, num_classes=3),
        "EfficientNetBN-b0": nets.EfficientNetBN(
            "efficientnet-b0", pretrained=False, in_channels=2, num_classes=3
        ),
    }
    for name, whole in wholes.items():
        part = build_network("monai:" + name, options)
        values = list(whole.state_dict().values())
        keys = list(part.state_dict())
        assert len(keys) == len(values)
        part.load_state_dict(dict(zip(keys, values, strict=True)))
        with torch.no_grad():
            torch.testing.assert_close(part.eval()(x), whole.eval()(x), rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ResNet10", "DenseNet121"])
def test_weights_depend_on_the_seed_alone(name: str) -> None:
    before = torch.get_rng_state()
    one, same, other = (
        build_network("monai:" + name, smallest(name, 2), seed=seed) for seed in (1, 1, 2)
    )
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(next(one.parameters()), next(same.parameters()))
    assert not all(
        torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True)
    )


def test_absence_of_monai_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "monai.networks", None)
    with pytest.raises(ResourceError, match=r"scanwright\[monai\]"):
        build_network("monai:ResNet18", NetworkOptions())


def test_unknown_name_and_foreign_knob_are_refused_before_monai_is_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "monai.networks", None)
    with pytest.raises(RecipeError, match='did you mean "ResNet18"'):
        build_network("monai:Resnet18", NetworkOptions())
    with pytest.raises(RecipeError, match="width"):
        build_network("monai:ResNet18", NetworkOptions(width=0.5))
    with pytest.raises(RecipeError, match="dropout"):
        build_network("monai:ResNet18", NetworkOptions(dropout=0.5))


def test_the_table_says_which_networks_outline() -> None:
    assert sorted(OUTLINERS) == ["AttentionUnet", "BasicUNet", "SegResNet", "UNet"]
    assert answer_of("monai:ResNet18") == "case"
    assert answer_of("monai:SegResNet") == "element"
    with pytest.raises(RecipeError, match='did you mean "SegResNet"'):
        answer_of("monai:SegResnet")


@pytest.mark.slow
@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("name", OUTLINERS)
def test_a_network_that_outlines_takes_any_size(name: str, rank: int) -> None:
    options = smallest(name, rank)
    network = build_network("monai:" + name, options, seed=1).eval()
    size = tuple(options.size[0] + axis for axis in range(rank))
    x = torch.randn(1, 2, *size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert network(x).shape == (1, 3, *size)
        torch.testing.assert_close(network(x), network.head(network.features(x)))
    assert count_operations(network, 2, size) > 0
    with pytest.raises(RecipeError, match="deep_supervision"):
        build_network("monai:" + name, options.model_copy(update={"deep_supervision": True}))


@pytest.mark.slow
def test_outlines_are_those_of_the_whole_monai_network() -> None:
    from monai.networks import nets

    x = torch.randn(1, 2, 32, 48, generator=torch.Generator().manual_seed(0))
    options = NetworkOptions(size=(32, 48), channels=2, outputs=3)
    widths = {"channels": (32, 64, 128, 256, 512), "strides": (2, 2, 2, 2)}
    wholes = {
        "SegResNet": nets.SegResNet(2, 32, 2, 3),
        "BasicUNet": nets.BasicUNet(2, 2, 3),
        "UNet": nets.UNet(2, 2, 3, num_res_units=2, **widths),
        "AttentionUnet": nets.AttentionUnet(2, 2, 3, **widths),
    }
    for name, whole in wholes.items():
        network = build_network("monai:" + name, options).eval()
        goal = list(whole.state_dict())
        # The head stands last in ours and last in theirs.
        assert len(goal) == len(network.state_dict())
        whole.load_state_dict(dict(zip(goal, network.state_dict().values(), strict=True)))
        with torch.no_grad():
            torch.testing.assert_close(network(x), whole.eval()(x))
