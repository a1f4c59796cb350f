"""Moves of a batch: mirroring, and one affine resampling that holds all the others."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from scanwright.augmentation.drawn import Drawn
from scanwright.augmentation.options import Outside

GRID_PADDING = {"border": "border", "reflect": "reflection", "zeros": "zeros"}
"""Our words for torch's."""

Floats = npt.NDArray[np.float64]


def flip(images: Tensor, flips: npt.NDArray[np.bool_]) -> None:
    """Mirror images, shape (B, C, *space), in place, along the axes that `flips`, (B, D), names."""
    for axis in range(flips.shape[1]):
        rows = np.flatnonzero(flips[:, axis])
        if rows.size:
            index = torch.from_numpy(rows).to(images.device)
            images[index] = images[index].flip(axis + 2)


def move(images: Tensor, drawn: Drawn, outside: Outside) -> None:
    """Rotate, scale, shear and shift in place those images of which anything of it was drawn.

    Linear interpolation. Volumes that stay in their plane are resampled plane by plane and then
    along the slow axis, which is the same sum, done faster.
    """
    rank = drawn.shift.shape[1]
    is_moved = np.any(drawn.matrix != np.eye(rank), axis=(1, 2)) | np.any(drawn.shift != 0, axis=1)
    across = np.zeros((rank, rank), dtype=bool)
    across[0, 1:] = across[1:, 0] = rank == 3
    is_tilted = np.any(drawn.matrix[:, across] != 0, axis=1)
    for rows, resample in (
        (np.flatnonzero(is_moved & is_tilted), _resample_volume),
        (np.flatnonzero(is_moved & ~is_tilted), _resample_planes),
    ):
        if rows.size:
            back = np.linalg.inv(drawn.matrix[rows]).astype(np.float64)
            start: Floats = -(back @ drawn.shift[rows][:, :, None])[:, :, 0]
            index = torch.from_numpy(rows).to(images.device)
            images[index] = resample(images[index], back, start, outside)


def _resample_volume(images: Tensor, back: Floats, start: Floats, outside: Outside) -> Tensor:
    grid = sampling_grid(images.shape[2:], back, start, images)
    return F.grid_sample(
        images, grid, mode="bilinear", padding_mode=GRID_PADDING[outside], align_corners=False
    )


def _resample_planes(images: Tensor, back: Floats, start: Floats, outside: Outside) -> Tensor:
    planes = images.flatten(1, -3)  # (B, C * Z, Y, X)
    moved = _resample_volume(planes, back[:, -2:, -2:], start[:, -2:], outside)
    if images.ndim == 5:
        weights = _axis_weights(images.shape[2], back[:, 0, 0], start[:, 0], outside)
        matrix = torch.from_numpy(weights).to(images)[:, None]  # (B, 1, Z, Z)
        moved = matrix @ moved.reshape(*images.shape[:3], -1)
    return moved.reshape(images.shape)


def sampling_grid(space: torch.Size, back: Floats, start: Floats, like: Tensor) -> Tensor:
    """Return where each new element is read, as `grid_sample` wants it.

    Parameters
    ----------
    space
        Number of elements along each spatial axis.
    back, start
        Shapes (B, D, D) and (B, D): an element at offset `u` from the middle is read at
        `back @ u + start`, in elements.
    like
        A tensor of the wanted type and device.

    Returns
    -------
    Shape (B, *space, D), fast axis first, -1 and 1 at the outer edges of the image.
    """
    rank = len(space)
    half = np.array(space) / 2
    unit = torch.from_numpy(back / half[:, None]).to(like)  # input in -1..1 per element of output
    shift = torch.from_numpy(start / half).to(like)
    grid = like.new_empty((len(back), *space, rank))
    for row in range(rank):
        total = shift[:, row].reshape(-1, *(1,) * rank)
        for axis, length in enumerate(space):
            offset = torch.arange(length, device=like.device, dtype=like.dtype) - (length - 1) / 2
            shape = [-1] + [length if other == axis else 1 for other in range(rank)]
            total = total + (unit[:, row, axis, None] * offset).reshape(shape)
        grid[..., rank - 1 - row] = total
    return grid


def _axis_weights(length: int, step: Floats, start: Floats, outside: Outside) -> Floats:
    """Return linear interpolation along one axis as matrices, shape (B, length, length)."""
    middle = (length - 1) / 2
    places = middle + (np.arange(length) - middle) * step[:, None] + start[:, None]
    if outside == "border":
        places = np.clip(places, 0, length - 1)
    if outside == "reflect":  # about the outer edges, as torch does
        folded = np.abs(places + 0.5) % (2 * length)
        places = np.clip(np.minimum(folded, 2 * length - folded) - 0.5, 0, length - 1)
    weights: Floats = np.maximum(0, 1 - np.abs(places[:, :, None] - np.arange(length)))
    return weights
