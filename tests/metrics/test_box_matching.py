"""Which found boxes are true ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.base import InputError, LabelError, ShapeError
from scanwright.metrics import (
    OVERLAPS,
    BoxMatchOptions,
    CaseBoxes,
    match_boxes,
    relative_volumes,
)
from tests.metrics.box_builders import SETTINGS, invent


def row(*spans: tuple[float, float]) -> np.ndarray:
    """Boxes of height 1 in a row."""
    return np.array([[(0.0, 1.0), span] for span in spans]).reshape(-1, 2, 2)


def one(truth: np.ndarray, guess: np.ndarray, scores: list[float], **about: object) -> CaseBoxes:
    return CaseBoxes(truth, [0] * len(truth), guess, [0] * len(guess), scores, **about)


def test_the_surest_box_takes_the_finding_and_a_further_one_is_told_apart() -> None:
    case = one(row((0, 10)), row((0, 6), (0, 10), (20, 30)), [0.9, 0.8, 0.7])
    found = match_boxes([case], 1, BoxMatchOptions(overlaps=(0.5, 0.75)))
    assert found.state.tolist() == [[1, 0], [-2, 1], [0, 0]]
    assert found.partner.tolist() == [[0, -1], [-1, 0], [-1, -1]]
    assert found.nearest.tolist() == [0.6, 1.0, 0.0]
    assert found.place.tolist() == [0, 1, 2]


def test_boxes_are_sorted_by_class_and_score_and_know_where_they_came_from() -> None:
    first = CaseBoxes(row((0, 1)), [1], row((0, 1), (5, 6)), [1, 0], [0.2, 0.4])
    second = CaseBoxes(row(), [], row((0, 1), (0, 1)), [1, 1], [0.2, 0.9])
    found = match_boxes([first, second], 2)
    assert found.label.tolist() == [0, 1, 1, 1]
    assert found.case.tolist() == [0, 1, 0, 1]
    assert found.origin.tolist() == [1, 1, 0, 0]
    assert found.place.tolist() == [0, 0, 0, 1]
    assert found.state[:, 0].tolist() == [0, 0, 1, 0]
    assert found.true_counts(1).tolist() == [1, 0]
    np.testing.assert_array_equal(found.edges[0], first.guess[1])


def test_a_crowd_need_not_be_found_and_holds_any_number_of_boxes() -> None:
    case = one(row((0, 40)), row((0, 4), (6, 9), (60, 70)), [0.9, 0.8, 0.7], crowd=[True])
    found = match_boxes([case], 1)
    assert found.state[:, 0].tolist() == [-1, -1, 0]
    assert found.true_counts(0).tolist() == [0]


def test_the_centre_may_be_asked_for() -> None:
    # A fifth of the union is common, yet the centre lies outside.
    case = one(row((0, 10)), row((4, 24)), [0.9])
    options = BoxMatchOptions(overlaps=(0.1,), criterion="centre")
    assert match_boxes([case], 1).state[0, 0] == 1
    assert match_boxes([case], 1, options).state[0, 0] == 0
    # A small box in the midst of a large one has little overlap, but its centre inside.
    case = one(row((0, 100)), row((50, 52)), [0.9])
    options = BoxMatchOptions(overlaps=(0.0,), criterion="centre")
    assert match_boxes([case], 1).state[0, 0] == 0
    assert match_boxes([case], 1, options).state[0, 0] == 1


def test_other_volumes_neither_count_nor_are_counted_against() -> None:
    case = one(row((0, 10), (20, 22)), row((0, 10), (20, 22), (30, 39), (40, 42)), [0.9] * 4)
    found = match_boxes([case], 1, BoxMatchOptions(volumes=(0, 5)))
    assert found.state[:, 0].tolist() == [-1, 1, -1, 0]
    assert found.counted.tolist() == [False, True]
    shares = one(row((0, 10)), row((0, 10)), [0.9], whole=100.0)
    assert match_boxes([shares], 1, BoxMatchOptions(volumes=(0.05, 0.2))).counted.all()


def test_a_volume_of_equal_slices_is_matched_as_its_plane() -> None:
    for name in SETTINGS:
        cases = invent(name)
        deep = [
            CaseBoxes(
                *(_deepened(case.truth), case.truth_classes),
                *(_deepened(case.guess), case.guess_classes, case.scores, case.crowd),
            )
            for case in cases
        ]
        flat, thick = (match_boxes(part, SETTINGS[name][1]) for part in (cases, deep))
        np.testing.assert_array_equal(flat.state, thick.state)
        np.testing.assert_array_equal(flat.partner, thick.partner)
        np.testing.assert_allclose(flat.nearest, thick.nearest, atol=1e-12)


def _deepened(edges: np.ndarray) -> np.ndarray:
    return np.concatenate([np.tile([[[-0.5, 7.5]]], (len(edges), 1, 1)), edges], axis=1)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(SETTINGS)), st.integers(0, 2**32 - 1))
def test_some_cases_or_one_class_are_matched_as_by_themselves(name: str, seed: int) -> None:
    cases, classes = invent(name), SETTINGS[name][1]
    rng = np.random.default_rng(seed)
    index = rng.permutation(len(cases))[: rng.integers(1, len(cases) + 1)]
    index = np.sort(index)
    label = int(rng.integers(classes))
    kept = match_boxes(cases, classes).subset(index).alone(label)
    afresh = match_boxes([cases[i] for i in index], classes).alone(label)
    for part in ("case", "state", "scores", "place", "partner", "nearest", "edges"):
        np.testing.assert_array_equal(getattr(kept, part), getattr(afresh, part), part)
    np.testing.assert_array_equal(kept.true_counts(0), afresh.true_counts(0))
    # Each box that hits names a true box of its own case, and no true box twice.
    case, column = np.nonzero(kept.state == 1)
    np.testing.assert_array_equal(kept.truth_case[kept.partner[case, column]], kept.case[case])
    for t in range(len(OVERLAPS)):
        partners = kept.partner[kept.state[:, t] == 1, t]
        assert len(set(partners.tolist())) == len(partners)


def test_ten_thousand_boxes_in_one_image_are_matched_in_little_memory() -> None:
    rng = np.random.default_rng(0)
    low = rng.integers(0, 4000, (10_000, 2)).astype(float)
    boxes = np.stack([low, low + 8], axis=2)
    case = CaseBoxes(boxes, [0] * 10_000, boxes, [0] * 10_000, rng.random(10_000))
    assert (match_boxes([case], 1, BoxMatchOptions(overlaps=(0.5,))).state == 1).mean() > 0.99


def test_a_box_of_no_size_is_false_and_no_error() -> None:
    case = one(row((0, 10)), row((3, 3)), [0.9])
    found = match_boxes([case], 1)
    assert (found.state == 0).all()
    assert found.nearest[0] == 0


def test_what_cannot_be_matched_is_refused() -> None:
    case = one(row((0, 1)), row(), [])
    deep = CaseBoxes(np.zeros((0, 3, 2)), [], np.zeros((0, 3, 2)), [], [])
    with pytest.raises(InputError, match="no case"):
        match_boxes([], 1)
    with pytest.raises(LabelError, match="out of its range"):
        match_boxes([case], 0)
    with pytest.raises(ShapeError, match="as many axes"):
        match_boxes([case, deep], 1)
    with pytest.raises(InputError, match="Overlaps rise"):
        match_boxes([case], 1, BoxMatchOptions(overlaps=(0.5, 0.5)))
    with pytest.raises(InputError, match="not matched at this overlap"):
        match_boxes([case], 1).at(0.3)


def test_sizes_part_all_boxes_of_an_image() -> None:
    for rank in (2, 3):
        parts = [relative_volumes(size, rank) for size in ("small", "medium", "large")]
        assert parts[0][0] == 0
        assert parts[2][1] == 1
        assert parts[0][1] == parts[1][0] == pytest.approx(0.05**rank)
        assert parts[1][1] == parts[2][0]
