"""Moves of a batch by one resampling: compiled on the processor, by torch on other devices."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from scanwright.augmentation.drawn import Drawn, Floats, Ints
from scanwright.augmentation.maps import field, inverse_maps
from scanwright.augmentation.options import LabelRule, Outside
from scanwright.augmentation.threads import in_parts

GRID_PADDING = {"border": "border", "reflect": "reflection", "zeros": "zeros"}
"""Our words for torch's."""
OUTSIDE = {"border": 0, "reflect": 1, "zeros": 2}
RULE = {"nearest": 0, "majority": 1}
"""Our words for the kernels'."""
TIE = 1e-5
"""Labels whose weights differ by less are equally heavy."""


def move(images: Tensor, moved: Tensor, drawn: Drawn, outside: Outside) -> Tensor:
    """Write images, shape (B, C, *space), into `moved` as drawn, by linear interpolation.

    Images that are only mirrored and cut are copied exactly.
    """
    _copy(images, moved, drawn)
    rows = np.flatnonzero(drawn.is_moved)
    if rows.size == 0:
        return moved
    if is_compiled(images):
        _resample(images, moved, drawn, outside)
    else:
        for row, grid in _grids(images, drawn):
            moved[row] = _sampled(images[row : row + 1], grid, outside, "bilinear")[0]
    return moved


def move_masks(
    masks: Tensor, moved: Tensor, drawn: Drawn, rule: tuple[Outside, LabelRule]
) -> Tensor:
    """Write label maps, shape (B, M, *space), into `moved` along the same maps as the images."""
    outside, labels = rule
    _copy(masks, moved, drawn)
    if not drawn.is_moved.any():
        return moved
    if masks.device.type == "cpu":
        _relabel(masks, moved, drawn, (OUTSIDE[outside], RULE[labels]))
    else:
        choose = _nearest if labels == "nearest" else _majority
        for row, grid in _grids(masks.float(), drawn):
            moved[row] = choose(masks[row : row + 1], grid, outside)[0]
    return moved


def is_compiled(images: Tensor) -> bool:
    """Whether the compiled kernels take these images."""
    return images.device.type == "cpu" and images.dtype == torch.float32


def _copy(images: Tensor, moved: Tensor, drawn: Drawn) -> None:
    """Copy what is only mirrored and cut."""
    still = np.flatnonzero(~drawn.is_moved)
    if still.size == 0:
        return
    if still.size == len(drawn) and not drawn.flips.any() and drawn.size == drawn.window:
        moved.copy_(images)
    elif images.device.type == "cpu" and images.dtype not in (torch.float16, torch.bfloat16):
        from scanwright.augmentation.window_copy import copy_window

        source, result, starts = _volumes(images), _volumes(moved), _starts(drawn)
        in_parts(still, lambda rows: copy_window(source, result, rows, starts))
    else:
        for row in still.tolist():
            window = tuple(
                slice(first, first + length)
                for first, length in zip(drawn.origin[row].tolist(), drawn.window, strict=True)
            )
            axes = (np.flatnonzero(drawn.flips[row]) + 1).tolist()
            moved[row] = images[row][(slice(None), *window)].flip(axes)


def _starts(drawn: Drawn) -> Ints:
    """Return where a window is read first along each axis, and the step, shape (B, 3, 2)."""
    first = drawn.origin + np.where(drawn.flips, np.array(drawn.window) - 1, 0)
    steps = np.where(drawn.flips, -1, 1)
    starts = np.stack([first, steps], axis=2)
    if len(drawn.window) == 3:
        return starts
    alone = np.tile(np.array([[[0, 1]]]), (len(drawn), 1, 1))
    return np.concatenate([alone, starts], axis=1)


def _resample(images: Tensor, moved: Tensor, drawn: Drawn, outside: Outside) -> None:
    from scanwright.augmentation.image_walk import resample, resample_bent

    source, result = _volumes(images), _volumes(moved)
    maps, code = _volume_maps(drawn), OUTSIDE[outside]
    straight = np.flatnonzero(drawn.is_moved & ~drawn.is_bent)
    in_parts(straight, lambda rows: resample(source, result, rows, maps, code))
    for row in np.flatnonzero(drawn.is_bent).tolist():
        resample_bent(source, result, row, (maps[row], _volume_field(drawn, row)), code)


def _relabel(masks: Tensor, moved: Tensor, drawn: Drawn, rule: tuple[int, int]) -> None:
    from scanwright.augmentation.label_walk import relabel, relabel_bent

    source, result = _volumes(masks), _volumes(moved)
    maps = _volume_maps(drawn)
    straight = np.flatnonzero(drawn.is_moved & ~drawn.is_bent)
    in_parts(straight, lambda rows: relabel(source, result, rows, maps, rule))
    for row in np.flatnonzero(drawn.is_bent).tolist():
        relabel_bent(source, result, row, (maps[row], _volume_field(drawn, row)), rule)


def _volumes(images: Tensor) -> npt.NDArray[Any]:  # Any: floats of images, integers of masks
    """Return a batch as the kernels take it: (B, C, Z, Y, X), a plane as a volume of one."""
    images = images.detach().contiguous()
    array = (images.view(torch.uint8) if images.dtype == torch.bool else images).numpy()
    return array if array.ndim == 5 else array[:, :, None]


def _volume_maps(drawn: Drawn) -> Floats:
    """Return the maps for volumes, shape (B, 3, 4)."""
    maps = inverse_maps(drawn)
    rank = len(drawn.window)
    volume = np.zeros((len(drawn), 3, 4))
    volume[:, 3 - rank :, 3 - rank :] = maps
    if rank == 2:
        volume[:, 0, 0] = 1
    return volume


def _volume_field(drawn: Drawn, row: int) -> npt.NDArray[np.float32]:
    bent = field(drawn, row)
    if len(drawn.window) == 3:
        return bent
    return np.concatenate([np.zeros_like(bent[:1]), bent])[:, None]


def _grids(images: Tensor, drawn: Drawn) -> Iterator[tuple[int, Tensor]]:
    """Yield each moved row with where it is read, as `grid_sample` wants it."""
    maps = inverse_maps(drawn)
    for row in np.flatnonzero(drawn.is_moved).tolist():
        places = _places(maps[row], drawn.window)
        if drawn.is_bent[row]:
            places = places + field(drawn, row)
        edges = np.array(drawn.size).reshape(-1, *(1,) * len(drawn.size))
        unit = (2 * places + 1) / edges - 1  # -1 and 1 at the outer edges
        grid = np.ascontiguousarray(np.moveaxis(unit[::-1], 0, -1), dtype=np.float32)
        yield row, torch.from_numpy(grid)[None].to(images.device, images.dtype)


def _places(where: Floats, window: tuple[int, ...]) -> Floats:
    """Return where each element of the output is read, in elements, shape (D, *window)."""
    rank = len(window)
    places: Floats = where[:, -1].reshape(-1, *(1,) * rank)
    for axis, length in enumerate(window):
        steps = np.arange(length).reshape([-1 if axis == other else 1 for other in range(rank)])
        places = places + where[:, axis].reshape(-1, *(1,) * rank) * steps
    return places


def _sampled(images: Tensor, grid: Tensor, outside: Outside, mode: str) -> Tensor:
    return F.grid_sample(
        images, grid, mode=mode, padding_mode=GRID_PADDING[outside], align_corners=False
    )


def _nearest(masks: Tensor, grid: Tensor, outside: Outside) -> Tensor:
    return _sampled(masks.to(grid.dtype), grid, outside, "nearest").to(masks.dtype)


def _majority(masks: Tensor, grid: Tensor, outside: Outside) -> Tensor:
    """Return the label that weighs most; of labels as heavy the nearest, as the kernels do."""
    best = _nearest(masks, grid, outside)
    labels = torch.unique(masks)
    if outside == "zeros":
        labels = torch.unique(torch.cat([labels, labels.new_zeros(1)]))
    most = torch.zeros(best.shape, dtype=grid.dtype, device=grid.device)
    weights = [_weight(masks, int(label), grid, outside) for label in labels]
    for label, weight in zip(labels, weights, strict=True):
        most = torch.where(best == label, weight + TIE, most)
    for label, weight in zip(labels, weights, strict=True):
        best = torch.where(weight > most, label, best)
        most = torch.maximum(most, weight)
    return best


def _weight(masks: Tensor, label: int, grid: Tensor, outside: Outside) -> Tensor:
    """Return the linear weight of a label; what lies outside counts as background."""
    if label == 0 and outside == "zeros":
        return 1 - _sampled((masks != 0).to(grid.dtype), grid, outside, "bilinear")
    return _sampled((masks == label).to(grid.dtype), grid, outside, "bilinear")
