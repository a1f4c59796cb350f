"""Instance normalisation with channels innermost, for inference on a processor.

torch turns feature maps round for it, at the price of two copies; its group normalisation does not,
but loses the variance of channels whose mean is many times their deviation (sums of squares in
single precision). Here sums are of differences from a channel's first element, and in double
precision from one run of elements to the next.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from scanwright.base import compiled
from scanwright.image import Array
from scanwright.inference.windows import Singles

Doubles = npt.NDArray[np.float64]
Halves = npt.NDArray[np.uint16]
"""The bits of bfloat16: the upper half of a float32."""

Change = tuple[Singles, Singles, Singles]
"""What is subtracted from each channel, multiplied with it and added to it."""

RUN = 128
"""Elements added up in single precision before they join the sum in double precision."""

LEAST_PART = 2**18
"""Numbers below which a thread is not worth waking."""


def _add_singles(maps: Singles, first: Singles, sums: Doubles) -> None:
    """Add up differences and their squares, (2, C), of elements (N, C) from a first one (C,)."""
    count, channels = maps.shape
    ones, squares = np.zeros(channels, np.float32), np.zeros(channels, np.float32)
    for n in range(count):
        row = maps[n]
        for c in range(channels):
            difference = row[c] - first[c]
            ones[c] += difference
            squares[c] += difference * difference
        if n % RUN == RUN - 1 or n == count - 1:
            for c in range(channels):
                sums[0, c] += ones[c]
                sums[1, c] += squares[c]
                ones[c] = 0
                squares[c] = 0


add_singles = compiled(_add_singles)


def _add_halves(maps: Halves, first: Singles, sums: Doubles) -> None:
    """Do the same for bfloat16."""
    count, channels = maps.shape
    ones, squares = np.zeros(channels, np.float32), np.zeros(channels, np.float32)
    bits = np.empty(channels, np.uint32)
    row = bits.view(np.float32)
    for n in range(count):
        half = maps[n]
        for c in range(channels):
            bits[c] = np.uint32(half[c]) << np.uint32(16)
        for c in range(channels):
            difference = row[c] - first[c]
            ones[c] += difference
            squares[c] += difference * difference
        if n % RUN == RUN - 1 or n == count - 1:
            for c in range(channels):
                sums[0, c] += ones[c]
                sums[1, c] += squares[c]
                ones[c] = 0
                squares[c] = 0


add_halves = compiled(_add_halves)


def _scale_singles(maps: Singles, change: Change, result: Singles) -> None:
    """Subtract, multiply and add, channel by channel; `result` may be `maps`."""
    first, factor, offset = change
    for n in range(maps.shape[0]):
        row, target = maps[n], result[n]
        for c in range(maps.shape[1]):
            target[c] = (row[c] - first[c]) * factor[c] + offset[c]


scale_singles = compiled(_scale_singles)


def _scale_halves(maps: Halves, change: Change, result: Halves) -> None:
    """Do the same for bfloat16, rounding to the nearest, ties to even."""
    first, factor, offset = change
    channels = maps.shape[1]
    bits = np.empty(channels, np.uint32)
    row = bits.view(np.float32)
    for n in range(maps.shape[0]):
        half, target = maps[n], result[n]
        for c in range(channels):
            bits[c] = np.uint32(half[c]) << np.uint32(16)
        for c in range(channels):
            row[c] = (row[c] - first[c]) * factor[c] + offset[c]
        for c in range(channels):
            odd = (bits[c] >> np.uint32(16)) & np.uint32(1)
            target[c] = np.uint16((bits[c] + np.uint32(0x7FFF) + odd) >> np.uint32(16))


scale_halves = compiled(_scale_halves)


class ChannelsInnermostNorm(nn.Module):
    """Instance normalisation of maps whose channels lie innermost.

    Parameters
    ----------
    norm
        What to do the same as. It keeps no running statistics.
    in_place
        Whether nothing else needs the maps given, so that the result may lie where they were.
    """

    def __init__(
        self, norm: nn.InstanceNorm1d | nn.InstanceNorm2d | nn.InstanceNorm3d, *, in_place: bool
    ) -> None:
        super().__init__()
        ones, zeros = torch.ones(norm.num_features), torch.zeros(norm.num_features)
        # In single precision whatever the network is in.
        self._weight = (norm.weight if norm.affine else ones).detach().float().numpy().copy()
        self._bias = (norm.bias if norm.affine else zeros).detach().float().numpy().copy()
        self._eps = norm.eps
        self._in_place = in_place

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Normalise (B, C, *space)."""
        innermost = maps.movedim(1, -1).contiguous()  # (B, *space, C); a view as a rule
        result = innermost if self._in_place else torch.empty_like(innermost)
        is_half = maps.dtype is torch.bfloat16
        given = innermost.view(torch.int16) if is_half else innermost
        taken = result.view(torch.int16) if is_half else result
        channels = maps.shape[1]
        for one, target in zip(given.numpy(), taken.numpy(), strict=True):
            flat, flat_target = one.reshape(-1, channels), target.reshape(-1, channels)
            if is_half:
                self._normalise(flat.view(np.uint16), flat_target.view(np.uint16))
            else:
                self._normalise(flat, flat_target)
        return result.movedim(-1, 1)

    def _normalise(self, maps: Array, result: Array) -> None:
        is_half = maps.dtype == np.uint16
        add, scale = (add_halves, scale_halves) if is_half else (add_singles, scale_singles)
        first = maps[0].astype(np.float32)
        if is_half:
            first = (maps[0].astype(np.uint32) << 16).view(np.float32)
        parts = _parts(len(maps), maps.shape[1])
        sums = np.zeros((len(parts), 2, maps.shape[1]))
        _at_once([partial(add, maps[part], first, sums[at]) for at, part in enumerate(parts)])
        means, squares = sums.sum(axis=0) / len(maps)
        variance = np.maximum(squares - means**2, 0)
        factor = self._weight / np.sqrt(variance + self._eps)
        offset = self._bias - means * factor
        change = (first, factor.astype(np.float32), offset.astype(np.float32))
        _at_once([partial(scale, maps[part], change, result[part]) for part in parts])


def _parts(count: int, channels: int) -> list[slice]:
    threads = min(torch.get_num_threads(), max(1, count * channels // LEAST_PART))
    ends = np.linspace(0, count, threads + 1).round().astype(int).tolist()
    return [slice(low, high) for low, high in pairwise(ends)]


def _at_once(work: "list[partial[None]]") -> None:
    if len(work) == 1:
        work[0]()
    else:
        list(_pool(len(work)).map(lambda one: one(), work))


@lru_cache(maxsize=2)
def _pool(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="norm")
