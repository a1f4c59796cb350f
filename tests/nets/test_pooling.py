"""Rectified max pooling: the fused pair of loops against torch's own layers, bit for bit."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from scanwright.nets.pooling import RectifiedMaxPool

DTYPES = (torch.float32, torch.bfloat16)


def maps_of(shape: tuple[int, ...], dtype: torch.dtype, seed: int = 0) -> torch.Tensor:
    """Make maps with many ties, zeros of both signs and infinities."""
    values = np.random.default_rng(seed).normal(size=shape).round(1)
    values[np.abs(values) < 0.15] *= 0.0
    values[np.abs(values) > 2.5] *= np.inf
    maps = torch.tensor(values).to(dtype).to(memory_format=torch.channels_last)
    return maps.requires_grad_()


def by_torch(maps: torch.Tensor) -> torch.Tensor:
    return functional.max_pool2d(functional.relu(maps), 2)


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=25, deadline=None)
@given(
    batch=st.integers(1, 3),
    channels=st.integers(2, 20),
    rows=st.integers(2, 9),
    columns=st.integers(2, 9),
    seed=st.integers(0, 10_000),
)
def test_output_and_gradient_are_torchs_bit_for_bit(
    dtype: torch.dtype, batch: int, channels: int, rows: int, columns: int, seed: int
) -> None:
    maps = maps_of((batch, channels, rows, columns), dtype, seed)
    fused, plain = RectifiedMaxPool(2)(maps), by_torch(maps)
    assert fused.grad_fn.name().startswith("_Fused")
    assert torch.equal(fused, plain)
    slope = maps_of(tuple(plain.shape), dtype, seed + 1).detach()
    (found,) = torch.autograd.grad(fused, maps, slope)
    (expected,) = torch.autograd.grad(plain, maps, slope)
    assert torch.equal(found, expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_what_is_not_a_number_is_not_hidden(dtype: torch.dtype, sign: float) -> None:
    maps = maps_of((1, 4, 4, 4), dtype).detach()
    maps[0, 1, 2, 3] = torch.copysign(torch.tensor(torch.nan), torch.tensor(sign))
    pooled = RectifiedMaxPool(2)(maps.requires_grad_())
    assert torch.isnan(pooled).nonzero().tolist() == [[0, 1, 1, 1]]


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_without_gradients_and_in_every_rank_it_is_relu_and_pool(rank: int) -> None:
    maps = torch.randn(2, 3, *(6, 7, 8)[:rank])
    pool = (functional.max_pool1d, functional.max_pool2d, functional.max_pool3d)[rank - 1]
    assert torch.equal(RectifiedMaxPool(rank)(maps), pool(functional.relu(maps), 2))


def test_a_second_derivative_is_refused_and_not_wrong() -> None:
    maps = maps_of((1, 4, 4, 4), torch.float32)
    (slope,) = torch.autograd.grad(RectifiedMaxPool(2)(maps).sum(), maps, create_graph=True)
    with pytest.raises(RuntimeError):
        torch.autograd.backward(slope.sum())
