"""What every loss in the catalog promises that judges boxes."""

import pytest
import torch
from tests.losses.scenes import boxes_of, outputs_of
from torch import Tensor

from scanwright.base import RecipeError
from scanwright.losses import LOSSES, BoxLoss, LossOptions, build_loss
from scanwright.nets import NetworkOptions, build_network, split_cells

CLASSES = 2
FOR_BOXES = [name for name, loss in LOSSES.items() if issubclass(loss, BoxLoss)]
each_loss = pytest.mark.parametrize("name", FOR_BOXES)
each_rank = pytest.mark.parametrize("rank", [1, 2, 3])


@each_loss
def test_it_is_listed_under_its_own_name_and_needs_an_output_for_each_class(name: str) -> None:
    loss = build_loss(name)
    assert loss.name == name
    assert loss.outputs(CLASSES) == CLASSES


@each_rank
@each_loss
def test_loss_is_a_finite_scalar_that_is_not_negative(name: str, rank: int) -> None:
    loss = build_loss(name)
    for scale in (0.0, 1.0, 1e3):
        outputs = outputs_of(rank)
        outputs[:, :CLASSES] *= scale
        value = loss(outputs, boxes_of(rank))
        assert value.shape == ()
        assert value.isfinite()
        assert value >= 0


@each_rank
@each_loss
def test_slope_is_the_derivative(name: str, rank: int) -> None:
    options = LossOptions(weights=(0.5, 2.0), edges=0.5, gamma=1.5, boxes=1.0)
    outputs, truth = outputs_of(rank, edge=8), boxes_of(rank)
    truth[:, :, 1:] /= 2
    free = outputs[:, : CLASSES + 2 * rank].clone()
    fixed = outputs[:, CLASSES + 2 * rank :]
    loss = build_loss(name, options)
    # What is asked of the cells follows from the outputs too, but has no slope: so it is held.
    held = loss.assign
    kept: dict[int, object] = {}

    def assign(scene: object) -> object:
        place = len(order)
        order.append(place)
        return kept.setdefault(place, held(scene))

    loss.assign = assign
    order: list[int] = []

    def value(answers: Tensor) -> Tensor:
        order.clear()
        return loss(torch.cat([answers, fixed], dim=1), truth)

    assert torch.autograd.gradcheck(value, free.requires_grad_(), fast_mode=True)


@each_rank
@each_loss
def test_steps_down_the_slope_lead_to_the_boxes(name: str, rank: int) -> None:
    loss = build_loss(name)
    outputs, truth = outputs_of(rank, edge=8), boxes_of(rank)
    truth[:, :, 1:] /= 2
    free = outputs[:, : CLASSES + 2 * rank].clone().requires_grad_()
    fixed = outputs[:, CLASSES + 2 * rank :]
    before = loss(outputs, truth).item()
    descent = torch.optim.Adam([free], lr=0.1)
    for _ in range(80):
        descent.zero_grad()
        loss(torch.cat([free, fixed], dim=1), truth).backward()
        descent.step()
    assert loss(torch.cat([free, fixed], dim=1), truth).item() < 0.1 * before


@each_loss
def test_loss_does_not_depend_on_the_size_or_order_of_the_batch(name: str) -> None:
    loss = build_loss(name)
    outputs, truth = outputs_of(2), boxes_of(2)
    once = loss(outputs, truth)
    torch.testing.assert_close(loss(torch.cat([outputs] * 3), torch.cat([truth] * 3)), once)
    torch.testing.assert_close(loss(outputs.flip(0), truth.flip(0)), once)


@each_loss
def test_the_parts_of_a_batch_add_up_to_the_whole_by_their_mass(name: str) -> None:
    loss = build_loss(name)
    outputs, truth = outputs_of(2, images=5), boxes_of(2, images=5)
    parts = [(outputs[a:b], truth[a:b]) for a, b in ((0, 1), (1, 3), (3, 5))]
    masses = [loss.mass(*part) for part in parts]
    total = sum(loss(*part) * mass for part, mass in zip(parts, masses, strict=True))
    torch.testing.assert_close(total / sum(masses), loss(outputs, truth))


@each_rank
@each_loss
def test_half_precision_outputs_give_a_finite_loss_and_slope_in_single_precision(
    name: str, rank: int
) -> None:
    loss = build_loss(name)
    outputs = outputs_of(rank).bfloat16().requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = loss(outputs, boxes_of(rank))
    value.backward()
    assert value.dtype == torch.float32
    assert outputs.grad.isfinite().all()
    torch.testing.assert_close(value, loss(outputs.float(), boxes_of(rank)))


@each_loss
@pytest.mark.parametrize("size", [0.0, 1e-3, 1e3])
def test_boxes_of_no_size_and_of_great_size_are_learnt(name: str, size: float) -> None:
    outputs = outputs_of(3).float().requires_grad_()
    truth = torch.tensor([0.0, 3, 3, 3, 3 + size, 3 + size, 3 + size]).expand(3, 1, 7)
    value = build_loss(name)(outputs, truth)
    value.backward()
    assert value.isfinite()
    assert outputs.grad.isfinite().all()
    assert outputs.grad[:, CLASSES : CLASSES + 6].any()


@each_loss
def test_an_image_without_a_finding_teaches_the_classes_alone(name: str) -> None:
    outputs = outputs_of(2).requires_grad_()
    build_loss(name)(outputs, torch.full((3, 1, 5), -1.0)).backward()
    assert (outputs.grad[:, :CLASSES] > 0).all()
    assert not outputs.grad[:, CLASSES:].any()


@each_loss
def test_it_judges_what_the_detector_answers(name: str) -> None:
    options = NetworkOptions(rank=3, size=(16, 18, 20), outputs=CLASSES, width=0.125)
    network = build_network("detector", options)
    loss = build_loss(name)
    outputs = network(torch.zeros(3, 1, 16, 18, 20))
    loss(outputs, boxes_of(3)).backward()
    assert all(weight.grad.isfinite().all() for weight in network.parameters())
    chances = loss.decode(split_cells(outputs, CLASSES, 3).logits)
    assert ((chances > 0) & (chances < 1)).all()


@each_loss
def test_a_wrong_number_of_weights_is_refused(name: str) -> None:
    with pytest.raises(RecipeError, match=r"loss\.weights"):
        build_loss(name, LossOptions(weights=(1.0, 2.0, 3.0)))(outputs_of(2), boxes_of(2))


@each_loss
def test_it_refuses_the_knobs_of_other_losses(name: str) -> None:
    with pytest.raises(RecipeError, match="batch_dice"):
        build_loss(name, LossOptions(batch_dice=True))
