"""The looks of an ensemble at windows: each network's cells, at each mirrored view, turned back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch
from torch import nn

from scanwright.base import BundleError
from scanwright.inference.compute import Compute
from scanwright.inference.segmentation_forward import laid_out, mirror_sets
from scanwright.nets import Cells, split_cells

CellsForward = Callable[[torch.Tensor], Iterator[Cells]]
"""Windows (B, C, *window) to the cells of each look."""


def ensemble_looks(
    networks: Sequence[nn.Module], compute: Compute, classes: int, mirrors: Sequence[int] = ()
) -> CellsForward:
    """Return a function from windows (B, C, *window) to cells, one after another for each look.

    Parameters
    ----------
    networks
        At least one; put into evaluation mode.
    compute
        Where they are and how they compute.
    classes
        Number of labels.
    mirrors
        Spatial axes along which windows are also seen mirrored, in all combinations.

    Raises
    ------
    BundleError
        There is no network.
    """
    if not networks:
        raise BundleError("An ensemble needs at least one network.")
    for network in networks:
        if network.training:  # to ask all layers takes as long as to run small ones
            network.eval()

    def forward(windows: torch.Tensor) -> Iterator[Cells]:
        size = tuple(windows.shape[2:])
        windows = windows.to(compute.device)
        windows = laid_out(windows) if compute.is_cpu else windows
        kind, dtype = compute.device.type, compute.autocast
        for axes in mirror_sets(mirrors):
            dims = [axis + 2 for axis in axes]
            seen = windows.flip(dims) if dims else windows
            for network in networks:
                with torch.autocast(kind, dtype=dtype, enabled=dtype is not None):
                    outputs = network(seen)
                yield mirrored(split_cells(outputs.float(), classes, len(size)), axes, size)

    return forward


def mirrored(cells: Cells, axes: Sequence[int], size: Sequence[int]) -> Cells:
    """Return cells of windows of a size as they lie when these are mirrored along some axes."""
    if not axes:
        return cells
    low, high, centre = (part.clone() for part in (cells.low, cells.high, cells.centre))
    for axis in axes:
        last = size[axis] - 1
        low[:, axis], high[:, axis] = last - cells.high[:, axis], last - cells.low[:, axis]
        centre[:, axis] = last - cells.centre[:, axis]
    return replace(cells, low=low, high=high, centre=centre)
