"""The terms by their formulas in numpy, and their slopes by differences."""

import numpy as np
import pytest
import torch
from torch import Tensor

from scanwright.losses.box_terms import edge_error, generalised_overlap, overlap, quality_focal

PAIRS = 40


def boxes(rank: int, seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    low = torch.rand(rank, PAIRS, generator=generator, dtype=torch.float64) * 4
    return low, low + torch.rand(rank, PAIRS, generator=generator, dtype=torch.float64) * 4


def by_hand(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> tuple[float, float]:
    """IoU and GIoU of two boxes (D,), as in Rezatofighi et al., algorithm 1."""
    shared = float(np.prod(np.maximum(0, np.minimum(b, d) - np.maximum(a, c))))
    united = float(np.prod(b - a) + np.prod(d - c)) - shared
    hull = float(np.prod(np.maximum(b, d) - np.minimum(a, c)))
    return shared / united, shared / united - (hull - united) / hull


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_overlaps_are_those_by_hand(rank: int) -> None:
    one, other = boxes(rank, 0), boxes(rank, 1)
    plain, general = overlap(*one, *other), generalised_overlap(*one, *other)
    assert (plain == 0).any()
    assert (plain > 0.1).any()
    for pair in range(PAIRS):
        edges = [edge[:, pair].numpy() for edge in (*one, *other)]
        assert (plain[pair].item(), general[pair].item()) == pytest.approx(by_hand(*edges))


def test_every_box_is_compared_with_every_other_by_broadcasting() -> None:
    (low, high), (other_low, other_high) = boxes(2, 0), boxes(2, 1)
    table = overlap(low[:, :, None], high[:, :, None], other_low[:, None], other_high[:, None])
    assert table.shape == (PAIRS, PAIRS)
    torch.testing.assert_close(table.diagonal(), overlap(low, high, other_low, other_high))


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_slope_of_the_generalised_overlap_is_its_derivative(rank: int) -> None:
    one, other = boxes(rank, 0), boxes(rank, 1)
    edges = torch.stack(one).requires_grad_()
    generalised_overlap(*edges, *other).sum().backward()
    step = 1e-6
    for place in np.ndindex(2, rank, PAIRS):
        moved = [edges.detach().clone() for _ in range(2)]
        moved[0][place] += step
        moved[1][place] -= step
        above, below = (generalised_overlap(*one, *other).sum().item() for one in moved)
        assert edges.grad[place].item() == pytest.approx((above - below) / (2 * step), abs=1e-6)


def test_boxes_that_do_not_meet_are_drawn_together() -> None:
    low, high = torch.tensor([[0.0]]), torch.tensor([[1.0]], requires_grad=True)
    generalised_overlap(low, high, torch.tensor([[5.0]]), torch.tensor([[6.0]])).sum().backward()
    assert high.grad.item() > 0


def test_boxes_without_extent_give_finite_numbers_and_slopes() -> None:
    flat = torch.ones(2, 1, requires_grad=True)
    same = torch.ones(2, 1)
    for function in (overlap, generalised_overlap):
        value = function(flat, flat + 0, same, same)
        value.sum().backward()
        assert value.isfinite().all()
        assert flat.grad.isfinite().all()


@pytest.mark.parametrize(("stride", "by"), [(2.0, (3.0, 4.0)), (8.0, (8.0, 8.0))])
def test_edge_error_is_a_share_of_the_true_box_or_of_a_stride(
    stride: float, by: tuple[float, float]
) -> None:
    low, high = torch.tensor([[0.0], [0.0]]), torch.tensor([[3.0], [4.0]])
    found = edge_error(
        low - 1, high + torch.tensor([[2.0], [4.0]]), low, high, torch.tensor([stride])
    )
    assert found.item() == pytest.approx(((1 + 2) / 2 / by[0] + (1 + 4) / 2 / by[1]) / 2)


def test_a_tiny_box_inside_a_large_one_still_has_a_slope() -> None:
    low, high = torch.full((3, 1), -8.0), torch.full((3, 1), 8.0, requires_grad=True)
    tiny = torch.zeros(3, 1)
    edge_error(low, high, tiny, tiny, torch.tensor([4.0])).sum().backward()
    assert (high.grad > 0.01).all()


@pytest.mark.parametrize("gamma", [0.0, 1.5, 2.0])
def test_quality_focal_is_entropy_times_the_gap(gamma: float) -> None:
    generator = torch.Generator().manual_seed(0)
    z = torch.randn(50, generator=generator, dtype=torch.float64) * 3
    y = torch.rand(50, generator=generator, dtype=torch.float64)
    p = 1 / (1 + np.exp(-z.numpy()))
    entropy = -(y.numpy() * np.log(p) + (1 - y.numpy()) * np.log(1 - p))
    expected = np.abs(y.numpy() - p) ** gamma * entropy
    assert quality_focal(z, y, gamma).numpy() == pytest.approx(expected)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_quality_focal_has_a_finite_slope_where_chance_and_target_agree(gamma: float) -> None:
    z = torch.tensor([-200.0, 0.0, 200.0], requires_grad=True)
    quality_focal(z, torch.tensor([0.0, 0.5, 1.0]), gamma).sum().backward()
    assert z.grad.isfinite().all()
