"""Which cells answer for which box: by a transcription, by hand, and in little memory."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from scanwright.losses import assign as module
from scanwright.losses.assign import LEAST_QUALITY, Assign, Assigned, Scene, adaptive, task_aligned
from tests.losses.scenes import boxes_of, cells, outputs_of

BOTH = pytest.mark.parametrize("rule", [task_aligned, adaptive])
RANKS = pytest.mark.parametrize("rank", [1, 2, 3])


def scene_of(rank: int, boxes: Tensor, seed: int = 0, classes: int = 2) -> Scene:
    outputs = outputs_of(rank, classes, 1, seed)[0]
    scores, low, high, centre, stride = outputs.split([classes, rank, rank, rank, 1])
    sides = boxes[:, 1 : 1 + rank].T, boxes[:, 1 + rank :].T
    log_chances = functional.logsigmoid(scores)
    return Scene(log_chances, low, high, centre, stride[0], boxes[:, 0].long(), *sides)


def random_scene(rank: int, seed: int = 0, count: int = 3) -> Scene:
    return scene_of(rank, boxes_of(rank, images=count + 1, most=count, seed=seed)[count], seed)


def iou(scene: Scene, truth: int, low: np.ndarray, high: np.ndarray) -> float:
    a, b = scene.true_low[:, truth].numpy(), scene.true_high[:, truth].numpy()
    shared = np.prod(np.maximum(0, np.minimum(b, high) - np.maximum(a, low)))
    return float(shared / (np.prod(b - a) + np.prod(high - low) - shared))


def proposal_iou(scene: Scene, truth: int, cell: int) -> float:
    return iou(scene, truth, scene.low[:, cell].numpy(), scene.high[:, cell].numpy())


def inside(scene: Scene, truth: int) -> list[int]:
    at = scene.centre.numpy()
    low, high = scene.true_low[:, truth, None].numpy(), scene.true_high[:, truth, None].numpy()
    return np.flatnonzero(((low <= at) & (at <= high)).all(0)).tolist()


def near(scene: Scene, truth: int) -> list[int]:
    middle = (scene.true_low[:, truth, None] + scene.true_high[:, truth, None]).numpy() / 2
    away = (np.abs(scene.centre.numpy() - middle) / scene.stride.numpy()).max(0)
    return np.flatnonzero(away <= max(1, away.min())).tolist()


def settled(scene: Scene, claims: dict[int, list[int]]) -> dict[int, int]:
    """Cell → box: each to the box whose first choice it is, else to the one that it fits best."""
    owner: dict[int, tuple[float, int]] = {}
    for truth, chosen in claims.items():
        for rank, cell in enumerate(chosen):
            merit = proposal_iou(scene, truth, cell) + (rank == 0)
            if cell not in owner or merit > owner[cell][0]:
                owner[cell] = (merit, truth)
    return {cell: truth for cell, (_, truth) in owner.items()}


def by_pairs(found: Assigned) -> dict[tuple[int, int], float]:
    pairs = zip(found.cell.tolist(), found.truth.tolist(), strict=True)
    return dict(zip(pairs, found.quality.tolist(), strict=True))


@RANKS
@pytest.mark.parametrize("seed", range(4))
def test_aligned_cells_are_those_of_the_formula(rank: int, seed: int) -> None:
    scene = random_scene(rank, seed)
    t = {}
    claims = {}
    for truth in range(3):
        able = inside(scene, truth) or near(scene, truth)
        label = int(scene.label[truth])
        for cell in able:
            chance = math.exp(scene.log_chances[label, cell].item())
            t[truth, cell] = chance * max(proposal_iou(scene, truth, cell), 1e-9) ** 6
        claims[truth] = sorted(able, key=lambda cell, k=truth: -t[k, cell])[:13]
    owner = settled(scene, claims)
    expected = {}
    for truth in range(3):
        own = [cell for cell, other in owner.items() if other == truth]
        if not own:  # every cell of the box fits another one better
            continue
        largest = max(t[truth, cell] for cell in own)
        fit = max(LEAST_QUALITY, *(proposal_iou(scene, truth, cell) for cell in own))
        expected |= {(cell, truth): t[truth, cell] / largest * fit for cell in own}
    assert by_pairs(task_aligned(scene)) == pytest.approx(expected)


@RANKS
@pytest.mark.parametrize("seed", range(4))
def test_adaptive_cells_are_those_above_mean_and_deviation(rank: int, seed: int) -> None:
    scene = random_scene(rank, seed)
    claims = {}
    for truth in range(3):
        middle = (scene.true_low[:, truth] + scene.true_high[:, truth]).numpy() / 2
        away = np.linalg.norm(scene.centre.numpy() - middle[:, None], axis=0)
        candidates = []
        for stride in (2, 4):
            level = np.flatnonzero(scene.stride.numpy() == stride)
            candidates += level[np.argsort(away[level], kind="stable")[:9]].tolist()
        fit = {}
        for cell in candidates:
            at, reach = scene.centre[:, cell].numpy(), 4 * scene.stride[cell].item()
            fit[cell] = iou(scene, truth, at - reach, at + reach)
        threshold = np.mean(list(fit.values())) + np.std(list(fit.values()), ddof=1)
        within = [cell for cell in candidates if cell in inside(scene, truth)]
        taken = [cell for cell in within if fit[cell] >= threshold]
        if not taken:
            taken = [max(within or candidates[:1], key=lambda cell: fit[cell])]
        claims[truth] = sorted(taken, key=lambda cell: -fit[cell])
    found = by_pairs(adaptive(scene))
    expected = settled(scene, claims)
    assert {cell: truth for cell, truth in found} == expected  # noqa: C416  (keys are pairs)
    for (cell, truth), quality in found.items():
        assert quality == pytest.approx(max(LEAST_QUALITY, proposal_iou(scene, truth, cell)))


@BOTH
@RANKS
def test_a_cell_answers_for_one_box_at_most(rule: Assign, rank: int) -> None:
    boxes = boxes_of(rank, images=13, most=12)[12]
    found = rule(scene_of(rank, boxes))
    assert len(found.cell.unique()) == len(found.cell)
    assert found.quality.min() > 0
    assert found.quality.max() <= 1


@BOTH
@pytest.mark.parametrize("size", [0.0, 0.1])
def test_a_box_smaller_than_a_cell_is_not_lost(rule: Assign, size: float) -> None:
    # No centre lies near: those of stride 2 are at 0.5, 2.5, …, those of stride 4 at 1.5, 5.5, …
    boxes = torch.tensor([[0, 7.4, 3.6, 7.4 + size, 3.6 + size]], dtype=torch.float64)
    found = rule(scene_of(2, boxes))
    assert len(found.cell) >= 1
    assert found.quality.max() >= LEAST_QUALITY


@BOTH
def test_a_tiny_box_inside_a_large_one_keeps_a_cell(rule: Assign) -> None:
    boxes = torch.tensor([[0, 0, 0, 15, 15], [0, 6.2, 6.2, 6.9, 6.9]], dtype=torch.float64)
    for seed in range(5):
        assert set(rule(scene_of(2, boxes, seed)).truth.tolist()) == {0, 1}


@BOTH
def test_a_box_beside_the_image_still_gets_the_nearest_cell(rule: Assign) -> None:
    boxes = torch.tensor([[0, 30, 30, 31, 31]], dtype=torch.float64)
    found = rule(scene_of(2, boxes))
    assert len(found.cell) >= 1


@BOTH
def test_no_box_no_cells(rule: Assign) -> None:
    found = rule(scene_of(2, torch.zeros(0, 5, dtype=torch.float64)))
    assert found.cell.numel() == found.truth.numel() == found.quality.numel() == 0


def test_the_surest_of_equal_proposals_comes_first() -> None:
    centre, stride = cells(2)
    count = centre.shape[1]
    chances = torch.linspace(0.1, 0.9, count, dtype=torch.float64).log()[None]
    low, high = torch.full_like(centre, 2.0), torch.full_like(centre, 12.0)
    sides = torch.full((2, 1), 2.0).double(), torch.full((2, 1), 12.0).double()
    scene = Scene(chances, low, high, centre, stride, torch.tensor([0]), *sides)
    found = task_aligned(scene, candidates=3)
    within = inside(scene, 0)
    assert sorted(found.cell.tolist()) == within[-3:]
    assert found.quality.max().item() == pytest.approx(1)


@BOTH
def test_the_answer_does_not_depend_on_how_many_boxes_are_looked_at_at_once(
    rule: Assign, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = random_scene(2, count=9)
    whole = by_pairs(rule(scene))
    monkeypatch.setattr(module, "PAIRS", 2 * scene.stride.numel())
    assert len(list(scene.chunks())) == 5
    assert by_pairs(rule(scene)) == pytest.approx(whole)


@BOTH
def test_many_boxes_are_looked_at_a_few_at_a_time(rule: Assign) -> None:
    centre, stride = cells(2, 64)
    count, boxes = centre.shape[1], 4000
    low = torch.rand(2, boxes, generator=torch.Generator().manual_seed(0)).double() * 60
    chances = torch.full((1, count), -1.0, dtype=torch.float64)
    sides = centre - stride, centre + stride
    scene = Scene(chances, *sides, centre, stride, torch.zeros(boxes).long(), low, low + 3)
    assert max(rows.numel() for rows in scene.chunks()) * count <= module.PAIRS
    found = rule(scene)
    assert len(found.cell.unique()) == len(found.cell)
