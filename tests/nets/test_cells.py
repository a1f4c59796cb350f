"""The one tensor of a network that finds, taken apart and put together."""

import pytest
import torch
from torch import Tensor

from scanwright.base import ShapeError
from scanwright.nets import Cells, split_cells

CLASSES = 3


def outputs(rank: int, cells: int = 5) -> Tensor:
    count = 2 * (CLASSES + 3 * rank + 1) * cells
    return torch.arange(count, dtype=torch.float32).view(2, -1, cells)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_parts_stand_in_the_order_classes_low_high_centre_stride(rank: int) -> None:
    whole = outputs(rank)
    cells = split_cells(whole, CLASSES, rank)
    assert torch.equal(cells.logits, whole[:, :CLASSES])
    assert torch.equal(cells.low, whole[:, CLASSES : CLASSES + rank])
    assert torch.equal(cells.high, whole[:, CLASSES + rank : CLASSES + 2 * rank])
    assert torch.equal(cells.centre, whole[:, CLASSES + 2 * rank : -1])
    assert torch.equal(cells.stride, whole[:, -1:])


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_joining_undoes_splitting(rank: int) -> None:
    assert torch.equal(split_cells(outputs(rank), CLASSES, rank).joined(), outputs(rank))


def test_levels_follow_one_another() -> None:
    fine, coarse = outputs(2, cells=6), outputs(2, cells=2)
    levels = [split_cells(one, CLASSES, 2) for one in (fine, coarse)]
    assert torch.equal(Cells.of_levels(levels).joined(), torch.cat([fine, coarse], dim=2))


@pytest.mark.parametrize("shape", [(2, 11, 5), (2, 10), (2, 9, 5)])
def test_a_tensor_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="10, cells"):
        split_cells(torch.zeros(shape), CLASSES, 2)
