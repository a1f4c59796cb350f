import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from scanwright.inference.quicken_norm import ChannelsInnermostNorm

NORMS = {1: nn.InstanceNorm1d, 2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}
LAYOUTS = {1: torch.contiguous_format, 2: torch.channels_last, 3: torch.channels_last_3d}


def maps_of(rank: int, mean: float = 0.0, std: float = 1.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(rank)
    maps = torch.randn(2, 5, *(13, 11, 9)[:rank], generator=generator) * std + mean
    return maps.contiguous(memory_format=LAYOUTS[rank])


def norm_of(rank: int, *, affine: bool = True) -> nn.Module:
    norm = NORMS[rank](5, affine=affine)
    if affine:
        generator = torch.Generator().manual_seed(rank)
        nn.init.uniform_(norm.weight, 0.5, 2.0, generator)
        nn.init.uniform_(norm.bias, -1.0, 1.0, generator)
    return norm.eval()


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_it_normalises_as_torch_does(rank: int, affine: bool, in_place: bool) -> None:
    norm = norm_of(rank, affine=affine)
    expected = norm(maps_of(rank))
    got = ChannelsInnermostNorm(norm, in_place=in_place)(maps_of(rank))
    torch.testing.assert_close(got, expected.detach(), atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize("ratio", [10.0, 1000.0])
def test_a_mean_far_above_the_deviation_costs_no_digits(ratio: float) -> None:
    maps = maps_of(3, mean=ratio * 0.1, std=0.1)
    exact = functional.instance_norm(maps.double())
    got = ChannelsInnermostNorm(nn.InstanceNorm3d(5), in_place=False)(maps)
    assert (got.double() - exact).abs().max() < 1e-6 * ratio


@pytest.mark.parametrize("rank", [2, 3])
def test_bfloat16_is_rounded_once(rank: int) -> None:
    norm = norm_of(rank)
    maps = maps_of(rank, mean=3.0).bfloat16()
    got = ChannelsInnermostNorm(norm, in_place=False)(maps)
    assert got.dtype is torch.bfloat16
    expected = norm(maps.float()).detach().bfloat16()
    # The nearest of bfloat16's 8 bits, save where two are as near as rounding can tell.
    assert (got == expected).float().mean() > 0.999
    torch.testing.assert_close(got, expected)


def test_maps_are_left_alone_unless_in_place() -> None:
    maps = maps_of(3)
    before = maps.clone()
    ChannelsInnermostNorm(nn.InstanceNorm3d(5), in_place=False)(maps)
    assert torch.equal(maps, before)
    got = ChannelsInnermostNorm(nn.InstanceNorm3d(5), in_place=True)(maps)
    assert got.data_ptr() == maps.data_ptr()


def test_constant_maps_become_the_bias() -> None:
    norm = norm_of(2)
    got = ChannelsInnermostNorm(norm, in_place=False)(torch.full((1, 5, 8, 8), 7.0))
    expected = norm.bias.detach().numpy().reshape(1, 5, 1, 1)
    np.testing.assert_allclose(got.numpy(), np.broadcast_to(expected, got.shape), atol=1e-5)


def test_threads_change_nothing_but_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    maps = maps_of(3)
    one = ChannelsInnermostNorm(nn.InstanceNorm3d(5), in_place=False)(maps)
    monkeypatch.setattr("scanwright.inference.quicken_norm.LEAST_PART", 100)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    three = ChannelsInnermostNorm(nn.InstanceNorm3d(5), in_place=False)(maps)
    torch.testing.assert_close(one, three, atol=1e-6, rtol=1e-6)
