import pytest
import torch

from scanwright.nets import NetworkOptions, build_network
from scanwright.training.layout import placed

CPU = torch.device("cpu")


def innermost(network: torch.nn.Module) -> set[bool]:
    """Say of each kernel with several channels whether they lie innermost."""
    return {
        weight.stride(1) == 1
        for weight in network.parameters()
        if weight.ndim > 3 and weight.shape[1] > 1 and weight[0, 0].numel() > 1
    }


@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize(("norm", "is_innermost"), [("batch", True), ("instance", False)])
def test_channels_lie_where_the_norm_is_fast(rank: int, norm: str, is_innermost: bool) -> None:
    options = NetworkOptions(rank=rank, size=(16,) * rank, outputs=3, norm=norm, width=0.25)
    network = build_network("unet", options)
    images = torch.rand(1, 1, *(16,) * rank, generator=torch.Generator().manual_seed(0))
    expected = network.eval()(images)
    assert innermost(placed(network, "unet", CPU)) == {is_innermost}
    torch.testing.assert_close(network(images), expected, atol=1e-5, rtol=1e-4)


def test_networks_that_answer_by_case_are_left_as_they_were() -> None:
    options = NetworkOptions(size=(16, 16), norm="instance")
    assert innermost(placed(build_network("compact", options), "compact", CPU)) == {True}
    whole = NetworkOptions(rank=3, size=(16, 16, 16))
    assert innermost(placed(build_network("compact", whole), "compact", CPU)) == {False}
