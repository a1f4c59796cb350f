"""Boxes go with their windows into the batch, and fill up what is ragged."""

from pathlib import Path

import numpy as np
import pytest
import torch

from scanwright.training import Fold, Means, StoredWindows
from scanwright.training.window_truth import NOTHING, padded_boxes
from tests.training.box_builders import WINDOW, box_recipe, box_store
from tests.training.builders import CPU

MEANS = Means(CPU, 1 << 30)


def test_ragged_boxes_are_filled_up_with_rows_of_nothing() -> None:
    one = np.array([[[0.0, 2.0], [1.0, 5.0]]])
    none = np.zeros((0, 2, 2))
    rows = padded_boxes([one, none], [np.array([1]), np.zeros(0, np.int64)])
    assert rows.shape == (2, 1, 5)
    assert rows[0, 0].tolist() == [1.0, 0.0, 1.0, 2.0, 5.0]
    assert rows[1, 0, 0] == NOTHING
    assert padded_boxes([none, none], [np.zeros(0, np.int64)] * 2).shape == (2, 0, 5)


@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("is_moved", [False, True])
def test_boxes_lie_around_what_is_bright_in_the_windows(
    tmp_path: Path, rank: int, is_moved: bool
) -> None:
    store = box_store(tmp_path, rank)
    moves = {"scale_chance": 1.0, "scale": (0.9, 1.2), "flips": (rank - 1,), "shift_chance": 1.0}
    recipe = box_recipe(rank, augmentation=moves if is_moved else {}, training__batch=8)
    rows = np.arange(len(store.names))
    (phase,) = StoredWindows(store).phases(recipe, Fold(rows, rows), 0, MEANS)
    seen = 0
    for step in range(3):
        ((images, truth),) = phase.feed.batch_at(step).parts
        assert images.shape[2:] == WINDOW[rank]
        for image, boxes in zip(images[:, 0], truth, strict=True):
            for box in boxes[boxes[:, 0] != NOTHING]:
                low, high = box[1 : 1 + rank], box[1 + rank :]
                inside = [
                    slice(int(torch.ceil(a + 0.5)) + 1, int(torch.floor(b + 0.5)) - 1)
                    for a, b in zip(low, high, strict=True)
                ]
                part = image[tuple(inside)]
                if part.numel() and torch.all(high - low > 6):
                    expected = 1.0 if box[0] == 1 else 0.5
                    assert float(part.mean()) == pytest.approx(expected, abs=0.15)
                    seen += 1
    assert seen > 20
