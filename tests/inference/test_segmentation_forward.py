import pytest
import torch
from torch import nn

from scanwright.base import BundleError
from scanwright.inference import Compute, ensemble_forward

CPU = Compute(torch.device("cpu"), None, 1)
CONVOLUTIONS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}


def network(rank: int, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(CONVOLUTIONS[rank](2, 3, 3, padding=1), nn.Dropout(0.5))


def windows(rank: int) -> torch.Tensor:
    return torch.randn(2, 2, *(5, 6, 7)[:rank], generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_logits_are_averaged_over_networks(rank: int) -> None:
    networks = [network(rank, seed) for seed in (0, 1, 2)]
    with torch.inference_mode():
        got = ensemble_forward(networks, CPU)(windows(rank))
        each = [one.eval()(windows(rank)) for one in networks]
    torch.testing.assert_close(got, torch.stack(each).mean(dim=0))


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_mirrored_views_make_the_answer_follow_a_mirrored_image(rank: int) -> None:
    forward = ensemble_forward([network(rank)], CPU, tuple(range(rank)))
    seen = windows(rank)
    for axis in range(2, rank + 2):
        with torch.inference_mode():
            torch.testing.assert_close(forward(seen.flip(axis)), forward(seen).flip(axis))


def test_an_ensemble_needs_a_network() -> None:
    with pytest.raises(BundleError):
        ensemble_forward([], CPU)
