"""MONAI's classifiers: built by name, equal to MONAI's own, absent with a clear word."""

import sys

import pytest
import torch

from scanwright.base import RecipeError, ResourceError
from scanwright.nets import MONAI_NETWORKS, NetworkOptions, build_network

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
        assert network(torch.empty(1, 2, *smallest(name, 2).size)).shape == (1, 3)


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
