"""What a network that finds says of each cell, and the one tensor in which it says so."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from scanwright.base import ShapeError


@dataclass(frozen=True, slots=True)
class Cells:
    """The answers of N cells: those of all levels, the finest first, in C-order within a level.

    All lengths are in index units of the network's input: the element with index i covers
    i - 0.5 to i + 0.5.

    Parameters
    ----------
    logits
        Shape (B, K, N): log-odds of each class, higher where the box fits better.
    low, high
        Shape (B, D, N): edges of the box that the cell proposes, slow axis first.
    centre
        Shape (B, D, N): where the cell lies.
    stride
        Shape (B, 1, N): distance between neighbouring cells, along the axis where it is largest.
    """

    logits: Tensor
    low: Tensor
    high: Tensor
    centre: Tensor
    stride: Tensor

    def joined(self) -> Tensor:
        """Return everything as one tensor (B, K + 3 · D + 1, N); `split_cells` undoes it."""
        return torch.cat([self.logits, self.low, self.high, self.centre, self.stride], dim=1)

    @classmethod
    def of_levels(cls, levels: list[Self]) -> Self:
        """Put the cells of several levels one behind the other."""
        return cls(
            *(
                torch.cat([getattr(level, name) for level in levels], dim=2)
                for name in cls.__dataclass_fields__
            )
        )


def split_cells(outputs: Tensor, classes: int, rank: int) -> Cells:
    """Take the answer of a network that finds apart.

    Parameters
    ----------
    outputs
        Shape (B, K + 3 · D + 1, N).
    classes
        K.
    rank
        D.

    Returns
    -------
    Views of `outputs`.

    Raises
    ------
    ShapeError
        The second axis has another length.

    Examples
    --------
    >>> cells = split_cells(torch.zeros(2, 3 + 7, 50), classes=3, rank=2)
    >>> cells.logits.shape, cells.high.shape, cells.stride.shape
    (torch.Size([2, 3, 50]), torch.Size([2, 2, 50]), torch.Size([2, 1, 50]))
    """
    parts = [classes, rank, rank, rank, 1]
    if outputs.ndim != 3 or outputs.shape[1] != sum(parts):
        raise ShapeError(
            "The outputs are not those of a network that finds.",
            got=tuple(outputs.shape),
            legal=f"(cases, {sum(parts)}, cells) for {classes} classes and {rank} axes",
        )
    return Cells(*torch.split(outputs, parts, dim=1))
