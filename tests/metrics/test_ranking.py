"""Ranking: against scikit-learn, by law, and as MedMNIST defines it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as golden

from scanwright.base import LabelError, ShapeError
from scanwright.metrics import (
    Resamples,
    UndefinedMetric,
    average_precision,
    bind_labels_average_precision,
    bind_macro_average_precision,
    labels_auc,
    macro_auc,
    precision_recall_curve,
    roc_auc,
    roc_band,
    roc_curve,
)


@st.composite
def binary_cases(draw):
    count = draw(st.integers(2, 40))
    truth = np.array(draw(st.lists(st.integers(0, 1), min_size=count, max_size=count)))
    truth[:2] = [0, 1]
    tenths = draw(st.lists(st.integers(0, 10), min_size=count, max_size=count))
    return truth, np.array(tenths) / 10


def softmax(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


@given(binary_cases())
def test_auc_and_average_precision_agree_with_scikit_learn_with_ties(cases):
    truth, scores = cases
    assert roc_auc(truth, scores) == pytest.approx(golden.roc_auc_score(truth, scores), abs=1e-12)
    expected = golden.average_precision_score(truth, scores)
    assert average_precision(truth, scores) == pytest.approx(expected, abs=1e-12)


@given(binary_cases(), st.integers(0, 2**32 - 1))
def test_weighting_a_case_is_the_same_as_repeating_it(cases, seed):
    truth, scores = cases
    weights = np.random.default_rng(seed).integers(0, 4, len(truth))
    weights[:2] = 1
    again = np.repeat(np.arange(len(truth)), weights)
    assert roc_auc(truth, scores, weights) == pytest.approx(roc_auc(truth[again], scores[again]))
    assert average_precision(truth, scores, weights) == pytest.approx(
        average_precision(truth[again], scores[again])
    )


@given(binary_cases())
def test_auc_depends_on_the_order_alone(cases):
    truth, scores = cases
    assert roc_auc(truth, np.exp(3 * scores) - 7) == pytest.approx(roc_auc(truth, scores))


@given(binary_cases())
def test_reversed_scores_give_the_complement(cases):
    truth, scores = cases
    assert roc_auc(truth, -scores) == pytest.approx(1 - roc_auc(truth, scores))
    assert roc_auc(1 - truth, scores) == pytest.approx(1 - roc_auc(truth, scores))


@given(binary_cases(), st.randoms(use_true_random=False))
def test_the_order_of_the_cases_does_not_matter(cases, random):
    truth, scores = cases
    order = list(range(len(truth)))
    random.shuffle(order)
    assert roc_auc(truth[order], scores[order]) == pytest.approx(roc_auc(truth, scores))
    assert average_precision(truth[order], scores[order]) == pytest.approx(
        average_precision(truth, scores)
    )


@given(binary_cases())
def test_the_area_under_the_drawn_curve_is_the_auc(cases):
    truth, scores = cases
    curve = roc_curve(truth, scores)
    area = np.trapezoid(curve.sensitivity, curve.false_positive_rate)
    assert area == pytest.approx(roc_auc(truth, scores))
    assert (curve.false_positive_rate[0], curve.sensitivity[0]) == (0, 0)
    assert (curve.false_positive_rate[-1], curve.sensitivity[-1]) == (1, 1)


@given(binary_cases())
def test_curves_agree_with_scikit_learn(cases):
    truth, scores = cases
    ours = roc_curve(truth, scores)
    false, true, cuts = golden.roc_curve(truth, scores, drop_intermediate=False)
    np.testing.assert_allclose(ours.false_positive_rate, false)
    np.testing.assert_allclose(ours.sensitivity, true)
    np.testing.assert_allclose(ours.thresholds, cuts)
    precision, recall, _ = golden.precision_recall_curve(truth, scores)
    curve = precision_recall_curve(truth, scores)
    np.testing.assert_allclose(curve.precision, precision[:-1][::-1])
    np.testing.assert_allclose(curve.recall, recall[:-1][::-1])
    assert curve.prevalence == pytest.approx(truth.mean())


def medmnist_auc(truth, scores, task):
    """What MedMNIST's evaluator computes, written out."""
    if task == "binary-class":
        return golden.roc_auc_score(truth, scores[:, -1])
    total = 0.0
    for k in range(scores.shape[1]):
        positive = truth[:, k] if task == "multi-label" else (truth == k).astype(float)
        total += golden.roc_auc_score(positive, scores[:, k])
    return total / scores.shape[1]


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_macro_auc_is_medmnists(classes):
    rng = np.random.default_rng(classes)
    truth = rng.integers(0, classes, 300)
    scores = softmax(rng.normal(size=(300, classes)) + 1.5 * np.eye(classes)[truth])
    task = "binary-class" if classes == 2 else "multi-class"
    assert macro_auc(truth, scores) == pytest.approx(medmnist_auc(truth, scores, task), abs=1e-12)
    if classes > 2:
        expected = golden.roc_auc_score(truth, scores, multi_class="ovr", average="macro")
        assert macro_auc(truth, scores) == pytest.approx(expected, abs=1e-12)


def test_auc_and_average_precision_of_labels_are_means_over_labels():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 2, (200, 5))
    scores = rng.random((200, 5)) + 0.4 * truth
    expected = medmnist_auc(truth, scores, "multi-label")
    assert labels_auc(truth, scores) == pytest.approx(expected, abs=1e-12)
    assert bind_labels_average_precision(truth, scores).value() == pytest.approx(
        golden.average_precision_score(truth, scores, average="macro")
    )


def test_macro_average_precision_of_three_classes():
    rng = np.random.default_rng(6)
    truth = rng.integers(0, 3, 90)
    scores = softmax(rng.normal(size=(90, 3)))
    expected = golden.average_precision_score(np.eye(3)[truth], scores, average="macro")
    assert bind_macro_average_precision(truth, scores).value() == pytest.approx(expected)


@pytest.mark.parametrize("truth", [[0, 0, 0], [1, 1, 1], []])
def test_one_class_alone_has_no_auc(truth):
    scores = np.linspace(0, 1, len(truth))
    with pytest.raises(UndefinedMetric):
        roc_auc(truth, scores)
    with pytest.raises(UndefinedMetric):
        roc_curve(truth, scores)


def test_a_class_that_does_not_occur_leaves_the_macro_auc_undefined():
    with pytest.raises(UndefinedMetric):
        macro_auc([0, 1, 0, 1], np.full((4, 3), 1 / 3))


@pytest.mark.parametrize("truth", [[0, 0], []])
def test_without_positives_there_is_no_precision_recall_curve(truth):
    with pytest.raises(UndefinedMetric):
        precision_recall_curve(truth, np.linspace(0, 1, len(truth)))
    with pytest.raises(UndefinedMetric):
        average_precision(truth, np.linspace(0, 1, len(truth)))


@pytest.mark.parametrize(
    ("truth", "scores", "error"),
    [
        ([0, 1], [0.1, np.nan], LabelError),
        ([0, 2], [0.1, 0.2], LabelError),
        ([0, 1, 1], [0.1, 0.2], ShapeError),
        ([[0], [1]], [[0.1], [0.2]], ShapeError),
    ],
)
def test_bad_input_is_refused(truth, scores, error):
    with pytest.raises(error):
        roc_auc(truth, scores)


def test_negative_weights_are_refused():
    with pytest.raises(ShapeError):
        roc_auc([0, 1], [0.1, 0.2], [1, -1])


def test_the_band_holds_the_curve_and_narrows_with_more_cases():
    rng = np.random.default_rng(0)
    widths = []
    for count in (60, 600):
        truth = np.arange(count) % 2
        scores = rng.normal(size=count) + 1.2 * truth
        band = roc_band(truth, scores, Resamples.draw(range(count), 200, rng))
        curve = roc_curve(truth, scores)
        line = np.interp(band.x, curve.false_positive_rate, curve.sensitivity)
        inside = (line >= band.low - 0.02) & (line <= band.high + 0.02)
        assert inside.mean() > 0.95
        widths.append((band.high - band.low).mean())
    assert widths[1] < widths[0] / 2


@settings(max_examples=20)
@given(binary_cases())
def test_the_band_of_the_cases_themselves_is_the_curve(cases):
    truth, scores = cases
    same = Resamples(np.ones((1, len(truth)), dtype=np.uint16), np.arange(len(truth)))
    band = roc_band(truth, scores, same, points=11)
    curve = roc_curve(truth, scores)
    for x, height in zip(band.x, band.low, strict=True):
        at = np.isclose(curve.false_positive_rate, x)
        if at.any():
            assert height == pytest.approx(curve.sensitivity[at].max())
