"""What every loss in the catalog promises that judges masks."""

import pytest
import torch
from torch import Tensor

from scanwright.base import RecipeError, ShapeError
from scanwright.losses import IGNORED, LOSSES, LossOptions, MaskLoss, build_loss

K = 3
CASES = 4
SIZES = {1: (12,), 2: (7, 6), 3: (5, 6, 4)}
FOR_MASKS = [name for name, loss in LOSSES.items() if issubclass(loss, MaskLoss)]
each_loss = pytest.mark.parametrize("name", FOR_MASKS)
each_rank = pytest.mark.parametrize("rank", sorted(SIZES))


def random(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def logits_of(loss: MaskLoss, rank: int = 2, scale: float = 1.0) -> Tensor:
    shape = (CASES, loss.outputs(K), *SIZES[rank])
    return torch.randn(shape, generator=random(1), dtype=torch.float64) * scale


def truth_of(loss: MaskLoss, rank: int = 2) -> Tensor:
    """Whole numbers 0..K, or a map for each region; a tenth is unknown, every class is there."""
    channels = () if loss.kind.extra else (K,)
    highest = K + 1 if loss.kind.extra else 2
    shape = (CASES, *channels, *SIZES[rank])
    truth = torch.randint(0, highest, shape, generator=random(2))
    truth[torch.rand(shape, generator=random(3)) < 0.1] = IGNORED
    return truth


def perfect_logits(loss: MaskLoss, truth: Tensor) -> Tensor:
    far = 60.0
    if not loss.kind.extra:
        return far * (2.0 * truth.double() - 1)
    classes = torch.arange(K + 1).view(1, -1, *(1,) * (truth.ndim - 1))
    return far * (truth.unsqueeze(1) == classes).double()


def weights_for(loss: MaskLoss) -> LossOptions:
    return LossOptions(weights=(0.5, 1.0, 2.0, 3.0)[: loss.outputs(K)])


@each_loss
def test_it_is_listed_under_its_own_name_and_says_how_many_outputs_it_needs(name: str) -> None:
    loss = build_loss(name)
    assert loss.name == name
    assert loss.outputs(K) == K + ("binary" not in name)


@each_rank
@each_loss
def test_loss_is_a_finite_scalar_that_is_not_negative(name: str, rank: int) -> None:
    loss = build_loss(name)
    for scale in (0.0, 1.0, 1e3):
        value = loss(logits_of(loss, rank, scale), truth_of(loss, rank))
        assert value.shape == ()
        assert value.isfinite()
        assert value >= 0


@each_loss
def test_slope_is_the_derivative(name: str) -> None:
    for options in (None, LossOptions(batch_dice=True), weights_for(build_loss(name))):
        loss = build_loss(name, options)
        logits = logits_of(loss, 1).requires_grad_()
        truth = truth_of(loss, 1)
        assert torch.autograd.gradcheck(lambda z, loss=loss, y=truth: loss(z, y), logits)


@each_rank
@each_loss
def test_loss_of_a_perfect_answer_is_zero(name: str, rank: int) -> None:
    loss = build_loss(name)
    truth = truth_of(loss, rank)
    assert loss(perfect_logits(loss, truth), truth).item() == pytest.approx(0, abs=1e-10)


@each_loss
def test_decoding_gives_chances_of_the_same_shape(name: str) -> None:
    loss = build_loss(name)
    truth = truth_of(loss).clamp(min=0)
    chances = loss.decode(perfect_logits(loss, truth))
    if loss.kind.extra:
        torch.testing.assert_close(chances.argmax(1), truth)
        torch.testing.assert_close(chances.sum(1), torch.ones_like(chances[:, 0]))
    else:
        torch.testing.assert_close(chances, truth.double(), rtol=0, atol=1e-12)


@each_rank
@each_loss
@pytest.mark.parametrize("is_pooled", [False, True])
def test_what_is_ignored_does_not_count(name: str, rank: int, is_pooled: bool) -> None:
    loss = build_loss(name, LossOptions(batch_dice=is_pooled))
    logits, truth = logits_of(loss, rank), truth_of(loss, rank)
    unknown = truth == IGNORED
    unknown = unknown.unsqueeze(1) if loss.kind.extra else unknown
    noise = torch.randn(logits.shape, generator=random(9), dtype=torch.float64) * 5
    changed = torch.where(unknown, noise, logits).requires_grad_()
    value = loss(changed, truth)
    torch.testing.assert_close(value, loss(logits, truth))
    value.backward()
    assert not changed.grad[unknown.expand_as(changed)].any()


@each_loss
def test_nothing_known_costs_nothing_and_moves_nothing(name: str) -> None:
    loss = build_loss(name)
    logits = logits_of(loss).requires_grad_()
    nothing = torch.full_like(truth_of(loss), IGNORED)
    value = loss(logits, nothing)
    value.backward()
    assert value.item() == 0
    assert not logits.grad.any()
    assert loss.mass(logits, nothing) == 0


@each_loss
def test_steps_down_the_slope_lead_to_the_truth(name: str) -> None:
    loss = build_loss(name)
    truth = truth_of(loss)
    logits = logits_of(loss).requires_grad_()
    before = loss(logits, truth).item()
    descent = torch.optim.Adam([logits], lr=0.1)
    for _ in range(200):
        descent.zero_grad()
        loss(logits, truth).backward()
        descent.step()
    assert loss(logits, truth).item() < 0.05 * before


@each_loss
def test_an_absent_class_is_finite_and_pushes_chances_down(name: str) -> None:
    loss = build_loss(name)
    truth = torch.zeros_like(truth_of(loss))
    logits = logits_of(loss).requires_grad_()
    value = loss(logits, truth)
    value.backward()
    assert value.isfinite()
    assert bool((logits.grad[:, loss.kind.extra :] >= 0).all())
    assert torch.isfinite(logits.grad).all()


@each_loss
def test_weights_of_one_change_nothing(name: str) -> None:
    plain = build_loss(name)
    weighted = build_loss(name, LossOptions(weights=(1.0,) * plain.outputs(K)))
    logits, truth = logits_of(plain), truth_of(plain)
    torch.testing.assert_close(weighted(logits, truth), plain(logits, truth))


@each_loss
def test_a_wrong_number_of_weights_is_refused(name: str) -> None:
    loss = build_loss(name, LossOptions(weights=(1.0, 1.0)))
    with pytest.raises(RecipeError, match=r"loss\.weights"):
        loss(logits_of(loss), truth_of(loss))


@each_loss
@pytest.mark.parametrize("is_pooled", [False, True])
def test_loss_does_not_depend_on_the_size_or_order_of_the_batch(name: str, is_pooled: bool) -> None:
    loss = build_loss(name, LossOptions(batch_dice=is_pooled))
    logits, truth = logits_of(loss), truth_of(loss)
    once = loss(logits, truth)
    # What is added above and below the ratio weighs a little less in a larger pool.
    torch.testing.assert_close(
        loss(torch.cat([logits] * 3), torch.cat([truth] * 3)), once, rtol=1e-5, atol=0
    )
    torch.testing.assert_close(loss(logits.flip(0), truth.flip(0)), once)


@each_loss
@pytest.mark.parametrize("is_weighted", [False, True])
def test_the_parts_of_a_batch_add_up_to_the_whole_by_their_mass(
    name: str, is_weighted: bool
) -> None:
    loss = build_loss(name)
    if is_weighted:
        loss = build_loss(name, weights_for(loss))
    logits, truth = logits_of(loss), truth_of(loss)
    truth[2] = IGNORED
    cuts = [(0, 1), (1, 3), (3, CASES)]
    parts = [(logits[a:b], truth[a:b]) for a, b in cuts]
    masses = [loss.mass(*part) for part in parts]
    assert [float(mass) for mass in masses] == [1, 1, 1]
    total = sum(loss(*part) * mass for part, mass in zip(parts, masses, strict=True))
    torch.testing.assert_close(total / sum(masses), loss(logits, truth))


@each_loss
@pytest.mark.parametrize("is_inside_autocast", [False, True])
def test_half_precision_logits_are_summed_in_single(name: str, is_inside_autocast: bool) -> None:
    """The sum of 262,144 halves would stop at 256 in bfloat16, and at 65,504 in float16."""
    loss = build_loss(name)
    channels = () if loss.kind.extra else (K,)
    truth = torch.randint(0, 2, (1, *channels, 512, 512), generator=random(4))
    logits = torch.randn((1, loss.outputs(K), 512, 512), generator=random(5)).bfloat16()
    with torch.autocast("cpu", torch.bfloat16, enabled=is_inside_autocast):
        found = loss(logits, truth)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.double(), loss(logits.double(), truth), rtol=1e-5, atol=0)


@each_rank
@each_loss
def test_coarser_answers_weigh_half_as_much_each(name: str, rank: int) -> None:
    loss = build_loss(name)
    fine, truth = logits_of(loss, rank), truth_of(loss, rank)
    coarse = fine[(slice(None), slice(None), *(slice(None, None, 2),) * rank)]
    half = tuple(torch.arange(edge) for edge in coarse.shape[2:])
    picked = truth
    for axis, index in enumerate(half, start=truth.ndim - rank):
        steps = truth.shape[axis] / len(index)
        picked = picked.index_select(axis, ((index + 0.5) * steps).long())
    found = loss((fine, coarse), truth)
    torch.testing.assert_close(found, (2 * loss(fine, truth) + loss(coarse, picked)) / 3)
    torch.testing.assert_close(loss((fine,), truth), loss(fine, truth))


@each_loss
def test_truth_that_does_not_fit_is_refused(name: str) -> None:
    loss = build_loss(name)
    logits, truth = logits_of(loss), truth_of(loss)
    with pytest.raises(ShapeError):
        loss(logits, truth[:-1])
    with pytest.raises(ShapeError):
        loss(logits, truth.unsqueeze(1))
