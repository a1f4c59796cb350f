import numpy as np
import pytest

from scanwright.base import ShapeError
from scanwright.image import Prediction


def test_there_is_one_score_per_label() -> None:
    prediction = Prediction("a", ("x", "y"), np.array([0.25, 0.75], dtype=np.float32))
    assert prediction.scores.dtype == np.float64
    assert prediction.scores.tolist() == [0.25, 0.75]


@pytest.mark.parametrize("scores", [[0.5], [0.1, 0.2, 0.7], [[0.5, 0.5]], 0.5])
def test_another_number_of_scores_is_refused(scores: object) -> None:
    with pytest.raises(ShapeError, match="one score per label"):
        Prediction("a", ("x", "y"), np.array(scores))


@pytest.mark.parametrize("spread", [[0.1], [0.1, 0.1, 0.1], [[0.1, 0.1]]])
def test_a_spread_of_another_shape_is_refused(spread: object) -> None:
    with pytest.raises(ShapeError):
        Prediction("a", ("x", "y"), np.array([0.5, 0.5]), spread=np.array(spread))


def test_without_an_ensemble_the_spread_is_zero() -> None:
    assert Prediction("a", ("x", "y"), np.array([0.5, 0.5])).spread.tolist() == [0, 0]


def test_scores_can_be_changed_neither_here_nor_where_they_came_from() -> None:
    scores = np.array([0.5, 0.5])
    prediction = Prediction("a", ("x", "y"), scores)
    scores[0] = 9
    assert prediction.scores[0] == 0.5
    with pytest.raises(ValueError, match="read-only"):
        prediction.scores[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        prediction.spread[0] = 1
