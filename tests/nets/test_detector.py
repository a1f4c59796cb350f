"""The detector: its size, and what each of its answers sees."""

import pytest
import torch

from scanwright.nets import NetworkOptions, build_network, count_operations, split_cells
from scanwright.nets import count_parameters as count


def test_it_is_smaller_and_cheaper_than_the_usual_small_detector() -> None:
    """YOLOv8-n has 3.2 M weights, and 8.7 G operations at 640², which is 2.8 G pairs at 512²."""
    network = build_network("detector", NetworkOptions(size=(512, 512), outputs=1))
    assert 1.5e6 < count(network) < 2.5e6
    assert 2.0e9 < count_operations(network, 1, (512, 512)) < 2.8e9


@pytest.mark.parametrize("rank", [2, 3])
def test_a_coarse_axis_gives_no_more_cells_than_it_has_slices(rank: int) -> None:
    size = (6, 32, 40)[-rank:]
    options = NetworkOptions(
        rank=rank, size=size, spacing_mm=(8.0, 1.0, 1.0)[-rank:], outputs=1, width=0.125
    )
    cells = split_cells(build_network("detector", options)(torch.zeros(2, 1, *size)), 1, rank)
    # Levels 2, 4 and 8 in plane; slices are not halved.
    slices = 6 if rank == 3 else 1
    assert cells.stride.shape[2] == slices * (16 * 20 + 8 * 10 + 4 * 5)
    if rank == 3:
        assert cells.centre[0, 0].unique().tolist() == [0, 1, 2, 3, 4, 5]


def test_shifting_the_image_by_the_coarsest_stride_shifts_the_boxes() -> None:
    options = NetworkOptions(size=(160, 160), outputs=1, width=0.125, levels=(4, 8))
    network = build_network("detector", options, seed=3).eval()
    images = torch.zeros(2, 1, 160, 160)
    square = torch.rand(24, 24, generator=torch.Generator().manual_seed(0))
    images[0, 0, 64:88, 64:88] = square
    images[1, 0, 80:104, 64:88] = square
    with torch.no_grad():
        cells = split_cells(network(images), 1, 2)
    is_fine = cells.stride[0, 0] == 4
    high = cells.high[:, 0, is_fine].view(2, 40, 40)
    # Away from the rim, whose zeros all cells see less the farther they are.
    torch.testing.assert_close(high[0, 16:22, 14:24] + 16, high[1, 20:26, 14:24], atol=0.05, rtol=0)
    assert high[0, 16:22, 14:24].std() > 1


def test_zero_last_makes_every_residual_block_its_shortcut() -> None:
    options = NetworkOptions(size=(32, 32), width=0.125, zero_last=True)
    lasts = [
        module.last
        for module in build_network("detector", options).modules()
        if hasattr(module, "last")
    ]
    assert lasts
    assert not any(bool(last.weight.any()) for last in lasts)
