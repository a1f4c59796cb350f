"""The pyramid: what reaches which level, and where its cells lie."""

import pytest
import torch
from torch import nn

from scanwright.nets.pyramid import Pyramid, cell_centres, enlarged, separable_block


def test_centres_are_the_means_of_what_the_cells_cover() -> None:
    found = cell_centres((3, 2), (4, 2), torch.device("cpu"))
    rows, columns = [], []
    for row in range(3):
        for column in range(2):
            rows.append(sum(range(4 * row, 4 * row + 4)) / 4)
            columns.append(sum(range(2 * column, 2 * column + 2)) / 2)
    assert found.tolist() == [rows, columns]
    assert found.dtype == torch.float32


@pytest.mark.parametrize("stride", [(2,), (1, 2), (2, 1, 3)])
def test_an_element_becomes_a_tile(stride: tuple[int, ...]) -> None:
    maps = torch.randn(2, 3, *(4,) * len(stride))
    expected = maps
    for axis, by in enumerate(stride):
        expected = expected.repeat_interleave(by, dim=2 + axis)
    assert torch.equal(enlarged(maps, stride), expected)


def test_a_fine_level_is_its_own_lateral_plus_all_that_is_coarser() -> None:
    """With pools for stages, factors for laterals and no smoothing, the sum can be written down."""
    down = [nn.AvgPool1d(2, ceil_mode=True) for _ in range(3)]
    laterals = [nn.Conv1d(1, 1, 1, bias=False) for _ in range(3)]
    for factor, lateral in zip((1.0, 10.0, 100.0), laterals, strict=True):
        nn.init.constant_(lateral.weight, factor)
    pyramid = Pyramid(down, laterals, ((2,), (2,), (2,)), (0, 2), [nn.Identity(), nn.Identity()])
    fine, coarse = pyramid(torch.arange(10.0).view(1, 1, 10))
    halves = [0.5, 2.5, 4.5, 6.5, 8.5]
    quarters = [1.5, 1.5, 5.5, 5.5, 8.5]
    eighths = [3.5, 3.5, 3.5, 3.5, 8.5]
    expected = [a + 10 * b + 100 * c for a, b, c in zip(halves, quarters, eighths, strict=True)]
    torch.testing.assert_close(fine.flatten(), torch.tensor(expected))
    torch.testing.assert_close(coarse.flatten(), torch.tensor([350.0, 850.0]))


def test_a_separable_block_has_an_eighth_of_the_weights() -> None:
    block = separable_block(64, (3, 3), "batch")
    convolutions = [layer for layer in block if isinstance(layer, nn.Conv2d)]
    assert sum(layer.weight.numel() for layer in convolutions) == 64 * 9 + 64 * 64
