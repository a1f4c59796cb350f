"""The losses for boxes: the whole by its formula, its laws, and a few steps that find squares."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from scanwright.base import ShapeError
from scanwright.losses import BoxLoss, LossOptions, build_loss
from scanwright.losses.box_terms import overlap
from tests.losses.scenes import boxes_of, outputs_of

seeds = st.integers(0, 10_000)
ranks = st.sampled_from([1, 2, 3])
names = st.sampled_from(["task_aligned", "atss"])


def test_the_loss_of_one_answering_cell_is_that_by_hand() -> None:
    """One cell, one box: what the formula in the docstring says, number by number."""
    # K = 2, D = 1: logits, low, high, centre, stride.
    outputs = torch.tensor([0.4, -1.0, 1.0, 5.0, 3.0, 4.0], dtype=torch.float64).view(1, 6, 1)
    truth = torch.tensor([[[0.0, 2.0, 7.0]]], dtype=torch.float64)
    fit = 3 / 6
    p = 1 / (1 + np.exp(-np.array([0.4, -1.0])))
    y = np.array([fit, 0.0])
    entropy = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    costs = (np.abs(y - p) ** 2 * entropy) * np.array([3.0, 1.0])
    box = 3.0 * fit * (5 * (1 - fit) + 0.7 * (1 + 2) / 2 / 5)
    options = LossOptions(boxes=5, edges=0.7, weights=(3, 1))
    for name in ("task_aligned", "atss"):
        found = build_loss(name, options)(outputs, truth)
        assert found.item() == pytest.approx(costs.sum() + box)


def test_an_image_without_a_finding_costs_what_it_claims_to_see() -> None:
    outputs = outputs_of(2, images=1)
    p = torch.sigmoid(outputs[:, :2])
    expected = (-(1 - p).log() * p.square()).sum().item()
    truth = torch.full((1, 2, 5), -1.0)
    loss = build_loss("task_aligned")
    assert loss(outputs, truth).item() == pytest.approx(expected)
    assert loss(outputs, truth[:, :0]).item() == pytest.approx(expected)


@given(seed=seeds, rank=ranks, name=names)
@settings(max_examples=30, deadline=None)
def test_order_and_padding_of_boxes_change_nothing(seed: int, rank: int, name: str) -> None:
    outputs, truth = outputs_of(rank, seed=seed), boxes_of(rank, seed=seed)
    order = torch.randperm(truth.shape[1], generator=torch.Generator().manual_seed(seed))
    padded = torch.cat([torch.full_like(truth[:, :2], -1), truth[:, order]], dim=1)
    loss = build_loss(name)
    torch.testing.assert_close(loss(outputs, padded), loss(outputs, truth))


@given(seed=seeds, rank=ranks, name=names)
@settings(max_examples=30, deadline=None)
def test_moving_image_and_boxes_together_changes_nothing(seed: int, rank: int, name: str) -> None:
    outputs, truth = outputs_of(rank, seed=seed), boxes_of(rank, seed=seed)
    moved, boxes = outputs.clone(), truth.clone()
    moved[:, 2:-1] += 37
    boxes[:, :, 1:] += 37
    loss = build_loss(name, LossOptions(edges=1))
    torch.testing.assert_close(loss(moved, boxes), loss(outputs, truth), rtol=1e-9, atol=1e-9)


@given(seed=seeds, rank=ranks, name=names)
@settings(max_examples=30, deadline=None)
def test_a_finer_grid_changes_nothing(seed: int, rank: int, name: str) -> None:
    outputs, truth = outputs_of(rank, seed=seed), boxes_of(rank, seed=seed)
    finer, boxes = outputs.clone(), truth.clone()
    finer[:, 2:] *= 2
    boxes[:, :, 1:] *= 2
    loss = build_loss(name, LossOptions(edges=1))
    torch.testing.assert_close(loss(finer, boxes), loss(outputs, truth), rtol=1e-9, atol=1e-9)


def test_weights_count_for_the_cells_that_answer_for_a_class() -> None:
    outputs, truth = outputs_of(2), boxes_of(2)
    truth[:, :, 0] = truth[:, :, 0].clamp(max=0)
    first, second = (
        build_loss("task_aligned", LossOptions(weights=weights))(outputs, truth)
        for weights in ((2.0, 1.0), (1.0, 2.0))
    )
    plain = build_loss("task_aligned")(outputs, truth)
    assert first > plain
    torch.testing.assert_close(second, plain)


@pytest.mark.parametrize(
    ("outputs", "truth"),
    [((2, 9, 5), (3, 1, 5)), ((2, 7, 5), (2, 1, 5)), ((2, 9, 5), (2, 1, 4)), ((2, 9), (2, 1, 5))],
)
def test_boxes_of_another_shape_are_refused(
    outputs: tuple[int, ...], truth: tuple[int, ...]
) -> None:
    with pytest.raises(ShapeError, match="boxes"):
        build_loss("task_aligned")(torch.zeros(outputs), torch.zeros(truth))


class Finder(torch.nn.Module):
    """The least network that finds: two strided convolutions, one level of stride 4."""

    def __init__(self, rank: int) -> None:
        super().__init__()
        convolve = torch.nn.Conv2d if rank == 2 else torch.nn.Conv3d
        self.body = torch.nn.Sequential(
            *(convolve(1, 16, 5, 2, 2), torch.nn.ReLU()),
            *(convolve(16, 24, 5, 2, 2), torch.nn.ReLU()),
            *(convolve(24, 32, 3, 1, 1), torch.nn.ReLU()),
            convolve(32, 1 + 2 * rank, 3, 1, 1),
        )
        self.rank = rank

    def forward(self, images: Tensor) -> Tensor:
        maps = self.body(images)
        axes = [4.0 * torch.arange(edge) + 1.5 for edge in maps.shape[2:]]
        centre = torch.stack(torch.meshgrid(*axes, indexing="ij")).flatten(1)
        logits, reach = maps.flatten(2).split([1, 2 * self.rank], dim=1)
        below, above = (4 * (reach + 0.5).clamp(max=4).exp()).chunk(2, dim=1)
        centre = centre.expand_as(below)
        stride = torch.full_like(logits, 4)
        return torch.cat([logits - 3, centre - below, centre + above, centre, stride], dim=1)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Let small tensors not wait for threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", ["task_aligned", "atss"])
@pytest.mark.parametrize("rank", [2, 3])
def test_some_steps_find_bright_squares(rank: int, name: str) -> None:
    rng = np.random.default_rng(3)
    size = (32, 28, 16)[:rank] if rank == 2 else (16, 20, 16)
    images = torch.tensor(rng.normal(0, 0.1, (8, 1, *size)), dtype=torch.float32)
    truth = torch.zeros(8, 1, 1 + 2 * rank)
    for image in range(8):
        edge = rng.integers(5, 10, rank)
        first = [int(rng.integers(0, full - one)) for full, one in zip(size, edge, strict=True)]
        place = tuple(slice(a, a + by) for a, by in zip(first, edge, strict=True))
        images[(image, 0, *place)] += 1
        low = torch.tensor(first) - 0.5
        truth[image, 0, 1:] = torch.cat([low, low + torch.tensor(edge)])
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = Finder(rank)
    loss: BoxLoss = build_loss(name)
    descent = torch.optim.Adam(network.parameters(), lr=4e-3)
    for _ in range(100):
        descent.zero_grad()
        loss(network(images), truth).backward()
        descent.step()
    outputs = network(images).detach()
    surest = outputs[:, 0].argmax(dim=1)
    found = outputs[torch.arange(8), :, surest].T  # (channels, 8)
    sides = truth[:, 0, 1:].T
    fit = overlap(found[1 : 1 + rank], found[1 + rank : 1 + 2 * rank], sides[:rank], sides[rank:])
    assert fit.min() > 0.7
