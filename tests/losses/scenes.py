"""Cells and boxes drawn at random, for tests of the losses for boxes."""

import math

import torch
from torch import Tensor


def cells(rank: int, edge: int = 16, strides: tuple[int, ...] = (2, 4)) -> tuple[Tensor, Tensor]:
    """Return centres (D, N) and strides (N,) of the levels of a cube."""
    centres, all_strides = [], []
    for stride in strides:
        axis = torch.arange(edge // stride, dtype=torch.float64) * stride + (stride - 1) / 2
        grid = torch.stack(torch.meshgrid(*[axis] * rank, indexing="ij")).flatten(1)
        centres.append(grid)
        all_strides.append(torch.full(grid.shape[1:], float(stride), dtype=torch.float64))
    return torch.cat(centres, dim=1), torch.cat(all_strides)


def outputs_of(
    rank: int, classes: int = 2, images: int = 3, seed: int = 0, edge: int = 16
) -> Tensor:
    """Return outputs (B, K + 3 · D + 1, N) whose boxes lie around their centres."""
    generator = torch.Generator().manual_seed(seed)
    centre, stride = cells(rank, edge)
    count = centre.shape[1]

    def draw(rows: int) -> Tensor:
        return torch.randn(images, rows, count, generator=generator, dtype=torch.float64)

    reach = stride * (math.log(2) + 0.4 * draw(2 * rank)).exp()
    place = centre.expand(images, -1, -1)
    low, high = place - reach[:, :rank], place + reach[:, rank:]
    logits = draw(classes) - 1
    return torch.cat([logits, low, high, place, stride.expand(images, 1, -1)], dim=1)


def boxes_of(rank: int, classes: int = 2, images: int = 3, most: int = 3, seed: int = 0) -> Tensor:
    """Return boxes (B, M, 1 + 2 · D); image number i has i of them, up to `most`."""
    generator = torch.Generator().manual_seed(seed + 1000)

    def draw(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, dtype=torch.float64)

    truth = torch.full((images, most, 1 + 2 * rank), -1.0, dtype=torch.float64)
    for image in range(images):
        count = min(image, most)
        low = draw(count, rank) * 9
        truth[image, :count, 0] = (draw(count) * classes).floor()
        truth[image, :count, 1 : 1 + rank] = low
        truth[image, :count, 1 + rank :] = low + 1 + 6 * draw(count, rank)
    return truth
