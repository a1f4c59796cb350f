"""Networks that find are judged by the average precision over windows."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from scanwright.data import WindowStore
from scanwright.nets import Cells
from scanwright.training import Means, StoredWindows
from scanwright.training.box_judge import BoxJudge
from scanwright.training.material import Fold
from tests.training.box_builders import LABELS, box_recipe, box_store
from tests.training.builders import CPU

MEANS = Means(CPU, 1 << 30)


class Oracle(nn.Module):
    """Answers what it was told, window after window; sure of as many boxes as asked for."""

    def __init__(self, judge: BoxJudge, shift: float = 0.0, classes_off: int = 0) -> None:
        super().__init__()
        self.judge, self.shift, self.off = judge, shift, classes_off
        self.at = 0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        windows = self.judge.windows[self.at : self.at + len(images)]
        self.at += len(images)
        truth = self.judge._truth(windows)
        rank = images.ndim - 2
        count = max(truth.shape[1], 1)
        logits = torch.full((len(images), len(LABELS), count), -9.0)
        edges = torch.zeros(len(images), 2 * rank, count)
        for row, boxes in enumerate(truth):
            for place, box in enumerate(boxes):
                if box[0] >= 0:
                    logits[row, (int(box[0]) + self.off) % len(LABELS), place] = 9.0
                    edges[row, :, place] = box[1:] + self.shift
        low, high = edges[:, :rank], edges[:, rank:]
        stride = torch.full((len(images), 1, count), 4.0)
        return Cells(logits, low, high, (low + high) / 2, stride).joined()


def judge_of(store: WindowStore, rank: int) -> BoxJudge:
    rows = np.arange(len(store.names))
    judge = StoredWindows(store).judge(box_recipe(rank), Fold(rows, rows), MEANS)
    assert isinstance(judge, BoxJudge)
    return judge


@pytest.mark.parametrize("rank", [2, 3])
def test_who_knows_all_boxes_has_a_precision_of_one(tmp_path: Path, rank: int) -> None:
    judge = judge_of(box_store(tmp_path, rank), rank)
    verdict = judge.verdict(Oracle(judge))
    assert verdict.merit == pytest.approx(1.0)
    assert verdict.more["ap50"] == pytest.approx(1.0)


def test_boxes_that_lie_off_count_at_the_lower_overlaps_only(tmp_path: Path) -> None:
    judge = judge_of(box_store(tmp_path), 2)
    verdict = judge.verdict(Oracle(judge, shift=1.0))
    assert verdict.more["ap50"] == pytest.approx(1.0)
    assert 0.3 < verdict.merit < 0.9


def test_boxes_of_the_wrong_label_count_for_nothing(tmp_path: Path) -> None:
    judge = judge_of(box_store(tmp_path), 2)
    assert judge.verdict(Oracle(judge, classes_off=1)).merit < 0.01


def test_where_nothing_is_to_be_found_the_loss_judges(tmp_path: Path) -> None:
    store = box_store(tmp_path)
    rows = np.array([2])  # the case without a finding
    judge = StoredWindows(store).judge(box_recipe(), Fold(rows, rows), MEANS)
    assert isinstance(judge, BoxJudge)
    verdict = judge.verdict(Oracle(judge))
    assert verdict.merit == -verdict.loss
