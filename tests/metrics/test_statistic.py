"""Statistics: weights, and what is refused at the border."""

import numpy as np
import pytest

from scanwright.base import LabelError, ShapeError
from scanwright.metrics import Statistic, UndefinedMetric, accuracy, labels_auc, macro_auc
from scanwright.metrics.statistic import case_mean, check_numbers, mean_statistic


def test_a_weighted_mean_is_the_mean_of_the_repeated_cases():
    assert case_mean([1.0, 4.0]).value([3, 1]) == pytest.approx(1.75)


def test_a_statistic_maps_rows_of_weights_to_values():
    values = case_mean([1.0, 4.0])(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
    np.testing.assert_allclose(values, [1, 4, 2.5])


def test_an_undefined_statistic_says_why():
    nothing = Statistic(1, lambda weights: np.full(len(weights), np.nan), "there was no scan")
    with pytest.raises(UndefinedMetric, match="there was no scan"):
        nothing.value()


def test_the_mean_of_no_case_is_undefined():
    with pytest.raises(UndefinedMetric):
        case_mean([]).value()


def test_the_mean_of_statistics_is_undefined_where_one_is():
    good = case_mean([1.0, 2.0])
    bad = Statistic(2, lambda weights: np.full(len(weights), np.nan))
    with pytest.raises(UndefinedMetric):
        mean_statistic([good, bad]).value()


@pytest.mark.parametrize(
    ("truth", "scores", "error"),
    [
        ([0, 1], [0.2, 0.8], ShapeError),
        ([0, 1], [[0.2], [0.8]], ShapeError),
        ([0, 2], [[0.2, 0.8], [0.2, 0.8]], LabelError),
        ([-1, 1], [[0.2, 0.8], [0.2, 0.8]], LabelError),
        ([0.0, 1.0], [[0.2, 0.8], [0.2, 0.8]], LabelError),
        ([0], [[0.2, 0.8], [0.2, 0.8]], ShapeError),
        ([[0], [1]], [[0.2, 0.8], [0.2, 0.8]], ShapeError),
        ([0, 1], [[0.2, np.inf], [0.2, 0.8]], LabelError),
    ],
)
def test_bad_classes_are_refused(truth, scores, error):
    with pytest.raises(error):
        macro_auc(truth, scores)
    with pytest.raises(error):
        accuracy(truth, scores)


@pytest.mark.parametrize(
    ("truth", "scores", "error"),
    [
        ([0, 1], [0.2, 0.8], ShapeError),
        ([[0, 1]], [[0.2]], ShapeError),
        ([[0, 3]], [[0.2, 0.8]], LabelError),
    ],
)
def test_bad_labels_are_refused(truth, scores, error):
    with pytest.raises(error):
        labels_auc(truth, scores)


def test_a_column_of_numbers_is_taken_as_numbers():
    _, guess = check_numbers([1.0, 2.0], [[1.5], [2.5]])
    assert guess.shape == (2,)
    with pytest.raises(ShapeError):
        check_numbers([1.0, 2.0], [1.0])
