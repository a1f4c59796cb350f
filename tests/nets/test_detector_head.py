"""The head of a detector: boxes from distances, first answers, weights that levels share."""

import math

import torch

from scanwright.nets import NetworkOptions, split_cells
from scanwright.nets.detector_head import FURTHEST, DetectorHead, _in_singles

OPTIONS = NetworkOptions(rank=2, size=(32, 32), outputs=2)
REDUCTIONS = ((2, 4), (4, 8))


def head() -> DetectorHead:
    torch.manual_seed(0)
    return DetectorHead(OPTIONS, 4, "batch", REDUCTIONS).eval()


def levels() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    fine = torch.randn(2, 4, 8, 4, generator=generator)
    return fine, torch.randn(2, 4, 4, 2, generator=generator)


def test_a_box_lies_by_strides_to_the_power_of_the_output_from_its_centre() -> None:
    finder = head()
    with torch.no_grad():
        finder.answers[1].weight.zero_()
        finder.answers[1].bias.copy_(torch.tensor([0.5, 1.0, -1.0, 2.0]))
        finder.scales.copy_(torch.tensor([1.0, 0.5]))
        cells = split_cells(finder(levels()), 2, 2)
    is_fine = cells.stride[0, 0] == 4
    for level, scale in ((is_fine, 1.0), (~is_fine, 0.5)):
        below = (cells.centre - cells.low)[0][:, level]
        above = (cells.high - cells.centre)[0][:, level]
        rows, columns = REDUCTIONS[0] if scale == 1 else REDUCTIONS[1]
        torch.testing.assert_close(below[0, 0].item(), rows * math.exp(0.5 * scale))
        torch.testing.assert_close(below[1, 0].item(), columns * math.exp(1.0 * scale))
        torch.testing.assert_close(above[0, 0].item(), rows * math.exp(-1.0 * scale))
        torch.testing.assert_close(above[1, 0].item(), columns * math.exp(2.0 * scale))


def test_a_distance_stays_finite_whatever_the_output() -> None:
    finder = head()
    with torch.no_grad():
        finder.answers[1].bias.fill_(1e6)
        cells = split_cells(finder(levels()), 2, 2)
    assert cells.high.isfinite().all()
    assert (cells.high - cells.centre).max().item() <= 8 * math.exp(FURTHEST) * (1 + 1e-6)


def test_levels_share_the_convolutions_but_not_the_norms() -> None:
    one, two = (
        sum(weight.numel() for weight in DetectorHead(OPTIONS, 4, "batch", given).parameters())
        for given in (REDUCTIONS[:1], REDUCTIONS)
    )
    # Two branches of two blocks with a factor and a shift for each of 4 maps, and one scale.
    assert two - one == 2 * 2 * 2 * 4 + 1


def test_places_of_boxes_are_not_rounded_where_the_rest_is_in_half_precision() -> None:
    finder = head()
    layer = finder.answers[1]
    maps = torch.randn(1, layer.in_channels, 6, 6, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rounded = layer(maps)
        exact = _in_singles(layer, maps)
    assert rounded.dtype == torch.bfloat16
    assert exact.dtype == torch.float32
    assert torch.equal(exact, layer(maps))
