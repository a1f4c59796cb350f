import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.boxes import Edges, overlap_matrix
from scanwright.boxes.leaders import find_leaders
from tests.boxes.phantoms import gathered, scattered


def by_hand(edges: Edges, scores: np.ndarray, groups: np.ndarray, threshold: float) -> np.ndarray:
    """Compare every box with every leader, the surest first."""
    leaders = np.full(len(edges), -1)
    heads: list[int] = []
    for row in np.argsort(-scores, kind="stable").tolist():
        for head in heads:
            overlap = overlap_matrix(edges[[row]], edges[[head]])[0, 0]
            if groups[row] == groups[head] and overlap > threshold:
                leaders[row] = head
                break
        else:
            heads.append(row)
            leaders[row] = row
    return leaders


@given(st.integers(0, 10**6), st.integers(1, 3), st.sampled_from([0.0, 0.1, 0.5, 0.8, 1.0]))
def test_each_box_belongs_to_the_surest_leader_it_overlaps(
    seed: int, rank: int, threshold: float
) -> None:
    rng = np.random.default_rng(seed)
    edges = np.concatenate([gathered(40, rank, seed), scattered(20, rank, seed + 1)])
    edges[:3, :, 1] = edges[:3, :, 0]  # without volume
    scores, groups = rng.integers(0, 9, 60) / 9, rng.integers(0, 3, 60)
    found = find_leaders(edges, scores, groups, threshold)
    assert np.array_equal(found, by_hand(edges, scores, groups, threshold))


def test_one_large_box_among_small_ones_is_found_by_all_it_overlaps() -> None:
    edges = scattered(200, 3, 5)
    edges[17] = [[-500, 500]] * 3
    scores, groups = np.linspace(0, 1, 200), np.zeros(200, dtype=np.int64)
    for threshold in (0.0, 1e-9, 0.3):
        found = find_leaders(edges, scores, groups, threshold)
        assert np.array_equal(found, by_hand(edges, scores, groups, threshold))


def test_the_search_ends_after_the_leaders_asked_for() -> None:
    edges, scores = scattered(50, 2, 1), np.linspace(1, 0, 50)
    found = find_leaders(edges, scores, np.zeros(50, dtype=np.int64), 0.5, most=3)
    assert len(set(found[found >= 0].tolist())) == 3
    assert (found == -1).any()


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_no_box_has_no_leader(rank: int) -> None:
    empty = np.zeros(0, dtype=np.int64)
    assert find_leaders(np.zeros((0, rank, 2)), np.zeros(0), empty, 0.5).shape == (0,)
