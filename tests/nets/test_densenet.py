"""DenseNet-121: parameters of the literature, sizes, equality with MONAI's."""

import pytest
import torch

from scanwright.base import RecipeError
from scanwright.nets import NetworkOptions, build_network, count_operations, count_parameters

from .test_resnet import IMAGENET, copy_in_order, shuffle_norms


def test_densenet_has_the_parameters_and_operations_of_the_literature() -> None:
    network = build_network("densenet121", IMAGENET)
    assert count_parameters(network) == 7_978_856
    # Huang et al. 2017, figure 3: about 2.8e9 multiply-adds (shown as 5.7e9 FLOPs).
    assert count_operations(network, 3, (224, 224)) == pytest.approx(2.83e9, rel=0.01)


@pytest.mark.parametrize(("stem_stride", "smallest"), [(None, 8), (4, 29)])
def test_densenet_works_at_its_smallest_size_and_names_it(
    stem_stride: int | None, smallest: int
) -> None:
    def options(edge: int) -> NetworkOptions:
        return NetworkOptions(size=(edge, 40), width=0.125, stem_stride=stem_stride)

    network = build_network("densenet121", options(smallest)).eval()
    assert network.features(torch.zeros(1, 1, smallest, 40)).shape[2] == 1
    with pytest.raises(RecipeError, match=f"{smallest} × 40"):
        build_network("densenet121", options(smallest - 1))


@pytest.mark.slow
@pytest.mark.parametrize("rank", [2, 3])
def test_densenet_gives_the_outputs_of_monai(rank: int) -> None:
    from monai.networks import nets

    edge = 70 if rank == 2 else 66
    options = NetworkOptions(rank=rank, size=(edge,) * rank, channels=2, outputs=4)
    ours = build_network("densenet121", options, seed=1)
    shuffle_norms(ours)
    theirs = nets.DenseNet121(rank, 2, 4)
    copy_in_order(ours, theirs)
    x = torch.randn(2, 2, *options.size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=1e-4, atol=1e-5)
