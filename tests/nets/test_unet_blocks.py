"""Stages of U-Nets: sizes, shortcuts, answers."""

import pytest
import torch

from scanwright.nets.unet_blocks import (
    ResidualBlock,
    answer,
    convolution_stage,
    cropped_like,
    enlargement,
)

SIZES = {1: (9,), 2: (9, 8), 3: (9, 8, 7)}


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2])
def test_a_residual_block_shrinks_as_its_convolution_does(rank: int, stride: int) -> None:
    maps = torch.randn(2, 4, *SIZES[rank])
    steps = (stride,) * rank
    block = ResidualBlock((4, 6), (3,) * rank, steps, "instance")
    plain = convolution_stage((4, 6), (3,) * rank, steps, "instance", 1)
    assert block(maps).shape == plain(maps).shape


def test_a_residual_block_whose_last_factor_is_zero_is_its_shortcut() -> None:
    block = ResidualBlock((4, 4), (3, 3), (1, 1), "instance")
    torch.nn.init.zeros_(block.last.weight)
    maps = torch.randn(1, 4, 5, 5)
    torch.testing.assert_close(
        block(maps), torch.nn.functional.leaky_relu(maps, 0.01), rtol=0, atol=0
    )


def test_an_enlargement_makes_tiles() -> None:
    layer = enlargement(1, 1, (2, 3))
    tile = layer.weight[0, 0]
    maps = torch.tensor([[[[1.0, -2.0]]]])
    torch.testing.assert_close(layer(maps)[0, 0], torch.cat([tile, -2 * tile], dim=1))


def test_what_sticks_out_is_cut_off_at_the_end() -> None:
    maps = torch.arange(12.0).view(1, 1, 3, 4)
    cut = cropped_like(maps, torch.zeros(2, 5, 3, 3))
    assert cut[0, 0].tolist() == [[0, 1, 2], [4, 5, 6], [8, 9, 10]]
    assert cropped_like(maps, maps) is maps


@pytest.mark.parametrize("stride", [1, 2])
def test_an_answer_is_enlarged_by_its_stride(stride: int) -> None:
    layers = answer(4, 3, (stride, stride), dropout=0.0)
    assert layers(torch.zeros(1, 4, 5, 6)).shape == (1, 3, 5 * stride, 6 * stride)
