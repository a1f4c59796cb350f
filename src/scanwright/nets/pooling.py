"""Rectifier and max pooling as one layer, which in training passes over memory once."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from scanwright.nets.blocks import MAX_POOL

INNERMOST = torch.channels_last
BITS: dict[torch.dtype, tuple[torch.dtype, int, int]] = {
    torch.bfloat16: (torch.int16, -0x80, 0x7FFF),
    torch.float32: (torch.int32, -0x800000, 0x7FFFFFFF),
}
"""Number type → integers of its width, the bits of negative infinity, the bits of a NaN."""


class RectifiedMaxPool(nn.Module):
    """ReLU, then the maximum over windows of two along each axis.

    In training of 2-D networks on a processor, torch spends more on these two than on the
    convolution before them: four passes, and a scatter that is not vectorised. There a compiled
    pair of loops gives the same numbers, bit for bit, and the same gradients.
    """

    def __init__(self, rank: int) -> None:
        super().__init__()
        self.rectify = nn.ReLU()
        self.pool = MAX_POOL[rank](2)

    def forward(self, maps: Tensor) -> Tensor:
        """Take shape (B, C, *space), give (B, C, *(space // 2))."""
        if _is_trained_on_processor(maps):
            pooled: Tensor = _Fused.apply(maps)  # type: ignore[no-untyped-call]  # torch's own
            return pooled
        return self.pool(self.rectify(maps))  # type: ignore[no-any-return]  # torch's call


def _is_trained_on_processor(maps: Tensor) -> bool:
    return (
        maps.requires_grad
        and torch.is_grad_enabled()
        and maps.ndim == 4
        and maps.device.type == "cpu"
        and maps.dtype in BITS
        and maps.is_contiguous(memory_format=INNERMOST)
    )


class _Fused(torch.autograd.Function):
    """The compiled pair."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor) -> Tensor:  # Any: torch's context
        from scanwright.nets.pooling_kernels import pool_forward

        batch, channels, *space = maps.shape
        rows, columns = (edge // 2 for edge in space)
        integer, negative_infinity, nan = BITS[maps.dtype]
        kind = np.int16 if integer == torch.int16 else np.int32
        pooled = _empty((batch, channels, rows, columns), maps.dtype)
        choice = np.empty((batch, rows, columns, channels), np.int8)
        pool_forward(_bits(maps), _bits(pooled), choice, kind(negative_infinity), kind(nan))
        ctx.choice, ctx.shape = choice, maps.shape
        return pooled

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:  # Any: torch's context
        from scanwright.nets.pooling_kernels import pool_backward

        gradient = gradients[0].contiguous(memory_format=INNERMOST)
        maps = _empty(ctx.shape, gradient.dtype)
        rows, columns = gradient.shape[2:]
        maps[:, :, 2 * rows :] = 0
        maps[:, :, :, 2 * columns :] = 0
        pool_backward(_bits(gradient), ctx.choice, _bits(maps))
        return maps


def _empty(shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    return torch.empty(shape, dtype=dtype, memory_format=INNERMOST)


def _bits(maps: Tensor) -> Any:  # Any: int16 or int32 array
    """Show (B, C, Y, X) with channels innermost as integers of shape (B, Y, X, C)."""
    return maps.detach().permute(0, 2, 3, 1).view(BITS[maps.dtype][0]).numpy()
