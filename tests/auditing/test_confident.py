import numpy as np
import pytest

from scanwright.auditing import find_doubts
from scanwright.base import ShapeError


def noisy(seed: int, count: int = 1500, classes: int = 3, share: float = 0.08):
    """Return probabilities of an honest model, given labels, and which of those are wrong."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, classes, count)
    logits = rng.normal(0, 1, (count, classes)) + 4.0 * np.eye(classes)[true]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    is_wrong = rng.random(count) < share
    given = np.where(is_wrong, (true + 1) % classes, true)
    return probabilities, given, true, is_wrong


@pytest.mark.parametrize("seed", range(5))
def test_planted_errors_are_found_and_their_share_is_estimated(seed: int) -> None:
    probabilities, given, true, is_wrong = noisy(seed)
    doubts = find_doubts(probabilities, given)
    hits = is_wrong[doubts.rows]
    assert hits.mean() > 0.85
    assert hits.sum() > 0.75 * is_wrong.sum()
    assert doubts.noise == pytest.approx(is_wrong.mean(), abs=0.03)
    assert (doubts.suggested[hits] == true[doubts.rows[hits]]).mean() > 0.95
    assert (np.diff(doubts.margin) <= 0).all()


def test_the_worked_joint_of_equations_1_to_3() -> None:
    # Thresholds: class 0 (.9 + .8 + .1) / 3 = .6; class 1 (.7 + .9) / 2 = .8. Confident counts:
    # given 0 → [2, 1], given 1 → [0, 1]; scaled to 3 and 2 cases and divided by 5.
    one = np.array([0.1, 0.2, 0.9, 0.7, 0.9])
    given = np.array([0, 0, 0, 1, 1])
    doubts = find_doubts(np.column_stack([1 - one, one]), given)
    assert doubts.joint == pytest.approx(np.array([[0.4, 0.2], [0.0, 0.4]]))
    assert doubts.rows.tolist() == [2]
    assert doubts.margin == pytest.approx([0.8])


def test_clean_labels_are_left_alone_and_bad_shapes_refused() -> None:
    probabilities, _, true, _ = noisy(0)
    assert len(find_doubts(np.eye(3)[true], true).rows) == 0
    with pytest.raises(ShapeError):
        find_doubts(probabilities, true[:-1])
    with pytest.raises(ShapeError):
        find_doubts(probabilities, true + 1)
