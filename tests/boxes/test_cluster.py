import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.base import InputError, ShapeError
from scanwright.boxes import Edges, Looks, cluster, overlap_matrix, suppress
from tests.boxes.phantoms import gathered, scattered


def by_hand(
    edges: Edges, given: dict[str, np.ndarray], threshold: float
) -> list[tuple[float, int, int, np.ndarray]]:
    """Follow the docstring word by word; score, group, count and edges of each cluster."""
    scores, weights, groups = given["scores"], given["weights"], given["groups"]
    clusters: list[list[int]] = []
    for row in np.argsort(-scores, kind="stable").tolist():
        for members in clusters:
            overlap = overlap_matrix(edges[[row]], edges[[members[0]]])[0, 0]
            if groups[row] == groups[members[0]] and overlap >= threshold and overlap > 0:
                members.append(row)
                break
        else:
            clusters.append([row])
    found = []
    for members in clusters:
        chief, spoken = members[0], {}
        for row in members:
            spoken.setdefault(given["views"][row], row)
        sums = {"edges": 0.0, "swo": 0.0, "wo": 0.0, "w": 0.0}
        for row in spoken.values():
            overlap = 1.0 if row == chief else overlap_matrix(edges[[row]], edges[[chief]])[0, 0]
            pull = scores[row] * weights[row] * overlap
            sums["edges"] = sums["edges"] + pull * edges[row]
            sums["swo"] += pull
            sums["wo"] += weights[row] * overlap
            sums["w"] += weights[row]
        score = sums["swo"] / sums["wo"] * min(1.0, sums["w"] / given["expected"][chief])
        found.append((score, int(groups[chief]), len(spoken), sums["edges"] / sums["swo"]))
    return found


@given(st.integers(0, 10**6), st.integers(1, 3), st.sampled_from([0.0, 0.2, 0.5]))
def test_clusters_are_those_of_the_formula(seed: int, rank: int, threshold: float) -> None:
    rng = np.random.default_rng(seed)
    edges = np.concatenate([gathered(40, rank, seed), scattered(15, rank, seed + 1)])
    edges[3, :, 1] = edges[3, :, 0]  # without volume: alone
    given = {
        "scores": rng.uniform(0.05, 1, 55),
        "weights": rng.uniform(0.1, 1, 55),
        "groups": rng.integers(0, 2, 55),
        "views": rng.integers(0, 4, 55),
        "expected": rng.uniform(0.5, 3, 55),
    }
    found = cluster(
        edges,
        given["scores"],
        given["weights"],
        given["groups"],
        threshold,
        looks=Looks(given["views"], given["expected"]),
    )
    expected = sorted(by_hand(edges, given, threshold), key=lambda one: -one[0])
    assert np.allclose(found.scores, [one[0] for one in expected])
    assert found.groups.tolist() == [one[1] for one in expected]
    assert found.counts.tolist() == [one[2] for one in expected]
    assert np.allclose(found.edges, [one[3] for one in expected])


def test_equal_views_that_miss_a_box_damp_it_as_in_the_source() -> None:
    edges = np.repeat(scattered(1, 3, 0), 3, axis=0)
    scores, ones = np.array([0.9, 0.6, 0.3]), np.ones(3)
    found = cluster(edges, scores, ones, None, 0.5, looks=Looks([0, 1, 2], np.full(3, 5.0)))
    # Jaeger et al.: Σ s·w / (Σ w + missing · mean w), two of five views missing.
    assert found.scores == pytest.approx(1.8 / (3 + 2 * 1))
    assert np.array_equal(found.edges[0], edges[0])


def test_boxes_of_one_view_are_only_suppressed() -> None:
    edges, scores = gathered(80, 2, 3), np.random.default_rng(3).random(80)
    looks = Looks(np.zeros(80), np.ones(80))
    found = cluster(edges, scores, np.ones(80), None, 0.4, looks=looks)
    kept = suppress(edges, scores, 0.4)
    assert np.array_equal(found.edges, edges[kept])
    assert np.allclose(found.scores, scores[kept])
    assert (found.counts == 1).all()


def test_a_heavy_box_pulls_more_than_a_light_one() -> None:
    edges = [[[0.0, 10.0]], [[2.0, 12.0]]]
    heavy = cluster(edges, [0.5, 0.5], [1.0, 0.1], None, 0.3).edges[0, 0]
    even = cluster(edges, [0.5, 0.5], [1.0, 1.0], None, 0.3).edges[0, 0]
    assert 0 < heavy[0] < even[0] < 1


def test_scores_and_weights_of_zero_have_a_mean() -> None:
    edges = np.repeat(scattered(2, 3, 0, room=1000), 2, axis=0)
    found = cluster(edges, np.zeros(4), np.zeros(4), None, 0.5)
    assert np.allclose(found.edges, edges[[0, 2]])
    assert found.scores.tolist() == [0.0, 0.0]


def test_no_boxes_make_no_clusters() -> None:
    found = cluster(np.zeros((0, 3, 2)), [], [], None, 0.5)
    assert found.edges.shape == (0, 3, 2)
    assert found.scores.shape == found.groups.shape == found.counts.shape == (0,)


def test_parts_that_do_not_fit_are_refused() -> None:
    edges = scattered(2, 2, 0)
    with pytest.raises(ShapeError):
        cluster(edges, [1.0, 1.0], [1.0], None, 0.5)
    with pytest.raises(InputError):
        cluster(edges, [1.0, -1.0], [1.0, 1.0], None, 0.5)
    with pytest.raises(InputError):
        cluster(edges, [1.0, 1.0], [1.0, 1.0], None, -0.5)
    with pytest.raises(ShapeError):
        cluster(edges, [1.0, 1.0], [1.0, 1.0], None, 0.5, looks=Looks([0], [1.0, 1.0]))
