"""Decisions: against scikit-learn, and as MedMNIST defines accuracy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as golden

from scanwright.base import ShapeError
from scanwright.metrics import (
    UndefinedMetric,
    accuracy,
    balanced_accuracy,
    bind_binary_rate,
    bind_labels_rate,
    bind_macro_rate,
    confusion_matrix,
    f1_of,
    labels_accuracy,
    macro_f1,
    negative_predictive_value_of,
    one_against_rest,
    positive_predictive_value_of,
    quadratic_kappa,
    sensitivity_of,
    specificity_of,
)


@st.composite
def decided_cases(draw):
    classes = draw(st.integers(2, 5))
    extra = draw(st.integers(0, 30))
    indices = st.integers(0, classes - 1)
    truth = [*range(classes), *draw(st.lists(indices, min_size=extra, max_size=extra))]
    decided = draw(st.lists(indices, min_size=len(truth), max_size=len(truth)))
    return np.array(truth), np.array(decided), classes


@given(decided_cases())
def test_counts_and_rates_agree_with_scikit_learn(cases):
    truth, decided, classes = cases
    names = range(classes)
    ours = confusion_matrix(truth, decided, classes)
    np.testing.assert_array_equal(ours, golden.confusion_matrix(truth, decided, labels=names))
    np.testing.assert_array_equal(
        one_against_rest(ours),
        golden.multilabel_confusion_matrix(truth, decided, labels=names),
    )
    assert balanced_accuracy(truth, decided, classes) == pytest.approx(
        golden.balanced_accuracy_score(truth, decided)
    )
    assert macro_f1(truth, decided, classes) == pytest.approx(
        golden.f1_score(truth, decided, average="macro")
    )


@given(decided_cases())
def test_quadratic_kappa_agrees_with_scikit_learn(cases):
    truth, decided, grades = cases
    expected = golden.cohen_kappa_score(
        truth, decided, weights="quadratic", labels=list(range(grades))
    )
    assert quadratic_kappa(truth, decided, grades) == pytest.approx(expected, abs=1e-12)


def test_rates_of_a_screening_test_by_hand():
    # 8 of 10 ill found, 85 of 90 well let go.
    truth = np.repeat([1, 0], [10, 90])
    decided = np.repeat([1, 0, 1, 0], [8, 2, 5, 85])
    expected = {
        sensitivity_of: 8 / 10,
        specificity_of: 85 / 90,
        positive_predictive_value_of: 8 / 13,
        negative_predictive_value_of: 85 / 87,
        f1_of: 16 / 23,
    }
    for rate, value in expected.items():
        assert bind_binary_rate(truth, decided, rate).value() == pytest.approx(value)


@given(decided_cases(), st.integers(0, 2**32 - 1))
def test_weighting_a_case_is_the_same_as_repeating_it(cases, seed):
    truth, decided, classes = cases
    weights = np.random.default_rng(seed).integers(1, 4, len(truth))
    statistic = bind_macro_rate(truth, decided, classes, sensitivity_of)
    again = np.repeat(np.arange(len(truth)), weights)
    assert statistic.value(weights) == pytest.approx(
        balanced_accuracy(truth[again], decided[again], classes)
    )
    np.testing.assert_allclose(
        confusion_matrix(truth, decided, classes, weights),
        confusion_matrix(truth[again], decided[again], classes),
    )


def test_accuracy_takes_the_most_probable_class_and_the_first_of_equals():
    scores = np.array([[0.5, 0.5], [0.49, 0.51], [0.51, 0.49], [0.5, 0.5]])
    # As MedMNIST: the second column must exceed 0.5.
    expected = golden.accuracy_score([0, 1, 1, 1], scores[:, -1] > 0.5)
    assert accuracy([0, 1, 1, 1], scores) == expected == 0.5


def test_accuracy_of_labels_is_the_mean_over_labels_decided_above_one_half():
    truth = np.array([[1, 0], [0, 1], [1, 1]])
    scores = np.array([[0.9, 0.5], [0.2, 0.5], [0.4, 0.6]])
    expected = np.mean([golden.accuracy_score(truth[:, k], scores[:, k] > 0.5) for k in (0, 1)])
    assert labels_accuracy(truth, scores) == pytest.approx(expected)


def test_rates_of_labels_are_means_over_labels():
    rng = np.random.default_rng(0)
    truth, decided = rng.integers(0, 2, (2, 80, 4))
    expected = golden.f1_score(truth, decided, average="macro")
    assert bind_labels_rate(truth, decided, f1_of).value() == pytest.approx(expected)


def test_predictive_value_without_a_positive_call_is_undefined():
    with pytest.raises(UndefinedMetric, match="never decided for"):
        bind_binary_rate([0, 1], [0, 0], positive_predictive_value_of).value()


def test_kappa_of_one_grade_is_undefined():
    with pytest.raises(UndefinedMetric):
        quadratic_kappa([2, 2], [2, 2], 4)


def test_decisions_must_match_the_truth():
    with pytest.raises(ShapeError):
        confusion_matrix([0, 1], [0], 2)
