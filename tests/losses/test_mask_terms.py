"""The terms by their formulas in numpy, and by MONAI."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from scanwright.losses import Exclusive, Overlapping
from scanwright.losses.mask_terms import (
    boundary_loss,
    cross_entropy,
    overlap_loss,
    rim,
    tversky_overlap,
    widened,
)
from scanwright.losses.mask_truth import Elements

SHAPES = [(9,), (7, 8), (5, 6, 7)]
B, K = 3, 2
GOLDEN_DICE = 0.261089055165
GOLDEN_ENTROPY = 0.307894776640


def random(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def classes(size: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    logits = torch.randn((B, K + 1, *size), generator=random(1), dtype=torch.float64)
    return logits, torch.randint(0, K + 1, (B, *size), generator=random(2))


def regions(size: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    logits = torch.randn((B, K, *size), generator=random(1), dtype=torch.float64)
    return logits, torch.randint(0, 2, (B, K, *size), generator=random(2))


def shares(logits: Tensor) -> np.ndarray:
    powers = np.exp(logits.numpy())
    return powers / powers.sum(1, keepdims=True)


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("is_batch", [False, True])
def test_dice_is_twice_the_intersection_over_the_sum(size: tuple[int, ...], is_batch: bool) -> None:
    logits, truth = classes(size)
    truth[0, 0] = -1
    chances, total = shares(logits), 0.0
    known = truth.numpy() >= 0
    groups = [range(B)] if is_batch else [[case] for case in range(B)]
    for group in groups:
        for k in (1, 2):
            p = np.concatenate([chances[case, k][known[case]] for case in group])
            y = np.concatenate([truth.numpy()[case][known[case]] == k for case in group])
            total += 1 - (2 * (p * y).sum() + 1e-5) / (p.sum() + y.sum() + 1e-5)
    elements = Exclusive().read(logits, truth, None)
    found = overlap_loss(elements, is_batch=is_batch).item()
    assert found == pytest.approx(total / len(groups) / 2, rel=1e-12)


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("gamma", [0.0, 2.0])
def test_cross_entropy_is_minus_the_logarithm_of_the_truth(
    size: tuple[int, ...], gamma: float
) -> None:
    logits, truth = classes(size)
    truth[1, 1] = -1
    weights = np.array([0.5, 1.0, 4.0])
    by_case = []
    for case in range(B):
        known = truth[case].numpy() >= 0
        label = truth[case].numpy()[known]
        p = np.take_along_axis(shares(logits)[case][:, known], label[None], 0)[0]
        costs = -((1 - p) ** gamma) * np.log(p)
        by_case.append((weights[label] * costs).sum() / weights[label].sum())
    elements = Exclusive().read(logits, truth, torch.tensor(weights))
    assert cross_entropy(elements, gamma).item() == pytest.approx(np.mean(by_case), rel=1e-10)


def test_tversky_weighs_what_is_missed_and_what_is_too_much() -> None:
    # 2 of 5 found, 3 missed, 1 too many, for sure.
    truth = torch.tensor([[[1, 1, 1, 1, 1, 0, 0]]])
    logits = 200.0 * torch.tensor([[[1, 1, -1, -1, -1, 1, -1]]], dtype=torch.float64)
    elements = Overlapping().read(logits, truth, None)
    overlap, counts = tversky_overlap(elements, 0.7, is_batch=False)
    assert overlap.item() == pytest.approx(2 / (2 + 0.3 * 1 + 0.7 * 3), rel=1e-5)
    assert counts.all()
    found = overlap_loss(elements, missed=0.7, power=0.75).item()
    assert found == pytest.approx((1 - 2 / 4.4) ** 0.75, rel=1e-5)


def test_a_region_that_is_unknown_in_a_case_is_left_out_of_its_mean() -> None:
    logits, truth = regions((6,))
    truth[0, 1] = -1
    whole = overlap_loss(Overlapping().read(logits[:1], truth[:1], None))
    alone = overlap_loss(Overlapping().read(logits[:1, :1], truth[:1, :1], None))
    torch.testing.assert_close(whole, alone)


def test_a_rim_is_the_inner_layer() -> None:
    square = torch.zeros(1, 1, 7, 7)
    square[..., 1:6, 1:6] = 1
    inner = torch.zeros(1, 1, 7, 7)
    inner[..., 2:5, 2:5] = 1
    assert torch.equal(rim(square), square - inner)
    point = torch.zeros(1, 1, 7)
    point[..., 3] = 1
    assert torch.equal(rim(point), point)
    assert widened(point, 5)[0, 0].tolist() == [0, 1, 1, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("start", "expected"), [(3, 0.0), (4, 0.0), (5, 0.0), (6, 0.5), (7, 1.0), (9, 1.0)]
)
def test_a_rim_may_be_off_by_two_elements(start: int, expected: float) -> None:
    """A bar of two elements: each of its elements is rim; further off it is half, then not met."""
    truth = torch.zeros(1, 1, 14)
    truth[..., 3:5] = 1
    guess = torch.full((1, 1, 14), -200.0)
    guess[..., start : start + 2] = 200.0
    found = boundary_loss(Overlapping().read(guess, truth, None)).item()
    assert found == pytest.approx(expected, abs=1e-4)


def test_a_point_weighs_as_much_as_a_ball_for_rims() -> None:
    truth = torch.zeros(1, 2, 20, 20)
    truth[0, 0, 4:16, 4:16] = 1
    truth[0, 1, 10, 10] = 1
    for lost in (0, 1):
        guess = 200.0 * (2 * truth - 1)
        guess[0, lost] = -200.0
        found = boundary_loss(Overlapping().read(guess, truth, None)).item()
        assert found == pytest.approx(0.5, abs=1e-3)


def monai_of(name: str, **options: object) -> Callable[[Tensor, Tensor], Tensor]:
    from monai import losses

    return getattr(losses, name)(**options)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(7, 8), (5, 6, 7)])
@pytest.mark.parametrize("is_batch", [False, True])
def test_overlaps_are_those_of_monai(size: tuple[int, ...], is_batch: bool) -> None:
    logits, truth = classes(size)
    elements = Exclusive().read(logits, truth, None)
    common = {"to_onehot_y": True, "softmax": True, "include_background": False}
    dice = monai_of("DiceLoss", batch=is_batch, **common)(logits, truth[:, None])
    torch.testing.assert_close(overlap_loss(elements, is_batch=is_batch), dice)
    # MONAI's 1e-5 stands above and below the undoubled ratio.
    tversky = monai_of("TverskyLoss", alpha=0.3, beta=0.7, batch=is_batch, **common)
    found = overlap_loss(elements, missed=0.7, is_batch=is_batch)
    torch.testing.assert_close(found, tversky(logits, truth[:, None]), rtol=1e-5, atol=0)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(7, 8), (5, 6, 7)])
def test_sums_of_terms_are_those_of_monai(size: tuple[int, ...]) -> None:
    def ours(elements: Elements, gamma: float) -> Tensor:
        return overlap_loss(elements) + cross_entropy(elements, gamma)

    logits, truth = classes(size)
    elements = Exclusive().read(logits, truth, None)
    common = {"to_onehot_y": True, "softmax": True, "include_background": False}
    both = monai_of("DiceCELoss", **common)(logits, truth[:, None])
    torch.testing.assert_close(ours(elements, 0.0), both)
    logits, truth = regions(size)
    elements = Overlapping().read(logits, truth, None)
    focal = monai_of("DiceFocalLoss", sigmoid=True, gamma=2.0)(logits, truth.double())
    torch.testing.assert_close(ours(elements, 2.0), focal)


def test_values_stay_what_they_are() -> None:
    """Golden: computed by MONAI 1.6 (DiceLoss, DiceCELoss) from the same numbers."""
    elements = Exclusive().read(
        torch.tensor([[[2.0, 0.0, -1.0], [0.5, 1.0, 0.0], [0.0, 0.0, 3.0]]]),
        torch.tensor([[0, 1, 2]]),
        None,
    )
    assert overlap_loss(elements).item() == pytest.approx(GOLDEN_DICE, rel=1e-6)
    assert cross_entropy(elements).item() == pytest.approx(GOLDEN_ENTROPY, rel=1e-6)
