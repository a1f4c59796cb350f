import tracemalloc

import numpy as np
import pytest
import torch

from scanwright.base import InputError, ShapeError
from scanwright.boxes import suppress
from tests.boxes.phantoms import gathered, scattered


@pytest.mark.parametrize("threshold", [0.1, 0.5])
@pytest.mark.parametrize("rank", [2, 3])
def test_the_boxes_kept_are_those_of_monai(rank: int, threshold: float) -> None:
    peer = pytest.importorskip("monai.data.box_utils")
    edges = np.concatenate([gathered(150, rank, 1), scattered(150, rank, 2)]).astype(np.float32)
    scores = np.random.default_rng(3).random(300).astype(np.float32)
    flat = torch.from_numpy(edges.transpose(0, 2, 1).reshape(-1, 2 * rank).copy())
    expected = peer.non_max_suppression(flat, torch.from_numpy(scores), threshold)
    kept = suppress(edges, scores, threshold)
    assert kept.dtype == np.int64
    assert kept.tolist() == expected.tolist()
    assert 10 < len(kept) < 300


def test_groups_are_suppressed_as_if_each_were_alone() -> None:
    edges, scores = gathered(90, 3, 4), np.random.default_rng(4).random(90)
    groups = np.arange(90) % 3
    kept = suppress(edges, scores, 0.3, groups=groups)
    alone = [np.flatnonzero(groups == one) for one in range(3)]
    expected = [rows[suppress(edges[rows], scores[rows], 0.3)] for rows in alone]
    assert sorted(kept.tolist()) == sorted(np.concatenate(expected).tolist())
    assert (np.diff(scores[kept]) <= 0).all()


def test_equal_boxes_of_equal_scores_leave_the_first() -> None:
    edges = np.repeat(scattered(3, 2, 0, room=1000), 4, axis=0)
    assert suppress(edges, np.ones(12), 0.5).tolist() == [0, 4, 8]


def test_the_threshold_itself_suppresses_nothing() -> None:
    edges = [[[0.0, 3.0]], [[1.0, 4.0]]]  # overlap 2 / 4
    assert suppress(edges, [0.9, 0.8], 0.5).tolist() == [0, 1]
    assert suppress(edges, [0.9, 0.8], 0.49).tolist() == [0]


def test_at_most_so_many_are_kept_and_they_are_the_surest() -> None:
    edges, scores = scattered(100, 3, 7), np.random.default_rng(7).random(100)
    kept = suppress(edges, scores, 0.5)
    assert suppress(edges, scores, 0.5, most=5).tolist() == kept[:5].tolist()
    assert not len(suppress(edges, scores, 0.5, most=0))
    assert not len(suppress(np.zeros((0, 3, 2)), [], 0.5))


def test_memory_is_linear_in_the_number_of_boxes() -> None:
    edges, scores = scattered(20_000, 3, 8, room=500.0), np.random.default_rng(8).random(20_000)
    suppress(edges[:10], scores[:10], 0.3)
    tracemalloc.start()
    suppress(edges, scores, 0.3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000 * 500  # a matrix would take 400 million


def test_parts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError):
        suppress(scattered(3, 2, 0), [1.0, 1.0], 0.5)
    with pytest.raises(ShapeError):
        suppress(scattered(3, 2, 0), np.ones(3), 0.5, groups=[1])
    with pytest.raises(InputError):
        suppress(scattered(3, 2, 0), np.ones(3), 1.5)
    with pytest.raises(InputError):
        suppress(scattered(3, 2, 0), [1.0, np.nan, 0.0], 0.5)
