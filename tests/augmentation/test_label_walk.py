"""Resampling of label maps: the label of most weight, by a plain count of all weights."""

import numpy as np
import pytest

from scanwright.augmentation.label_walk import MAJORITY, NEAREST, TIE, relabel, relabel_bent
from scanwright.augmentation.ray import BORDER, ZEROS


def maps_of_labels(depth: int) -> np.ndarray:
    coarse = np.random.default_rng(0).integers(0, 4, (1, 1, (depth + 2) // 3, 4, 4))
    fine = coarse.repeat(3, 2).repeat(3, 3).repeat(3, 4)
    return np.ascontiguousarray(fine[:, :, :depth, :10, :11]).astype(np.uint8)


def some_map(depth: int) -> np.ndarray:
    where = np.random.default_rng(1).normal(scale=0.2, size=(3, 4)) + np.eye(3, 4)
    if depth == 1:
        where[0] = where[:, 0] = 0
        where[0, 0] = 1
    return where


def most_weight(labels: np.ndarray, place: np.ndarray) -> set[int]:
    """Return the labels of the greatest linear weight, zeros outside."""
    weights: dict[int, float] = {}
    low = np.floor(place).astype(int)
    for corner in np.ndindex(2, 2, 2):
        at = low + corner
        weight = float(np.prod(1 - np.abs(place - at)))
        is_in = bool(np.all((at >= 0) & (at < labels.shape)))
        label = int(labels[tuple(at)]) if is_in else 0
        weights[label] = weights.get(label, 0.0) + weight
    best = max(weights.values())
    return {label for label, weight in weights.items() if weight > best - 3 * float(TIE)}


@pytest.mark.parametrize("depth", [1, 7])
def test_the_label_of_most_weight_is_taken(depth: int) -> None:
    labels, where = maps_of_labels(depth), some_map(depth)
    out = np.full_like(labels, 9)
    relabel(labels, out, np.array([0]), where[None], (ZEROS, MAJORITY))
    for at in np.ndindex(*labels.shape[2:]):
        place = (where[:, :3].astype(np.float32) @ at + where[:, 3]).astype(np.float64)
        assert int(out[(0, 0, *at)]) in most_weight(labels[0, 0], place), at


@pytest.mark.parametrize("rule", [(ZEROS, MAJORITY), (BORDER, MAJORITY), (BORDER, NEAREST)])
@pytest.mark.parametrize("depth", [1, 7])
def test_a_bent_walk_along_no_field_is_straight(rule: tuple[int, int], depth: int) -> None:
    labels, where = maps_of_labels(depth), some_map(depth)
    straight, bent = np.zeros_like(labels), np.zeros_like(labels)
    relabel(labels, straight, np.array([0]), where[None], rule)
    field = np.zeros((3, *labels.shape[2:]), np.float32)
    relabel_bent(labels, bent, 0, (where, field), rule)
    assert np.array_equal(bent, straight)
