import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scanwright.base import LabelError, RecipeError
from scanwright.image import (
    ClassTarget,
    GradeTarget,
    LabelsTarget,
    NumberTarget,
    Target,
)
from scanwright.losses import LOSSES, build_loss
from scanwright.recipe import TASKS, TaskChoice, by_power
from scanwright.recipe.task import ordinal, sigmoid, softmax

LABELS = ("a", "b", "c")
BY_CASE = [kind for kind, task in TASKS.items() if task.answer == "case"]
LOGITS = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5), elements=st.floats(-80, 80)
)


@given(LOGITS)
def test_softmax_agrees_with_torch(logits: np.ndarray) -> None:
    expected = torch.softmax(torch.from_numpy(logits), dim=1).numpy()
    np.testing.assert_allclose(softmax(logits), expected, atol=1e-12)


@given(LOGITS)
def test_sigmoid_agrees_with_torch(logits: np.ndarray) -> None:
    expected = torch.sigmoid(torch.from_numpy(logits)).numpy()
    np.testing.assert_allclose(sigmoid(logits), expected, atol=1e-12)


@given(LOGITS)
def test_ordered_classes_sum_to_one_and_follow_their_formula(logits: np.ndarray) -> None:
    found = ordinal(logits)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    passing = 1 / (1 + np.exp(-logits))
    count = logits.shape[1]
    for k in range(count + 1):
        expected = np.prod(passing[:, :k], axis=1) * (1 - passing[:, k] if k < count else 1)
        np.testing.assert_allclose(found[:, k], expected, atol=1e-12)


@pytest.mark.parametrize(
    ("kind", "loss"), [(kind, loss) for kind in BY_CASE for loss in TASKS[kind].losses]
)
def test_what_prediction_decodes_is_what_training_meant(kind: str, loss: str) -> None:
    logits = np.random.default_rng(0).normal(0, 5, (20, 3))
    expected = build_loss(loss).decode(torch.from_numpy(logits)).numpy()
    np.testing.assert_allclose(TASKS[kind].decode(logits), expected, atol=1e-6)


@pytest.mark.parametrize("values", [1e4, -1e4])
def test_huge_outputs_decode_without_overflow(values: float) -> None:
    logits = np.array([[values, 0.0]])
    with np.errstate(all="raise", under="ignore"):
        for decode in (softmax, sigmoid, ordinal):
            assert np.isfinite(decode(logits)).all()


@pytest.mark.parametrize("kind", BY_CASE)
def test_every_row_is_whole_and_agrees_with_the_losses(kind: str) -> None:
    task = TASKS[kind]
    assert task.kind == kind
    assert task.losses
    for name in task.losses:
        assert build_loss(name).outputs(3) in (task.outputs(3, True), 3)
        assert name in LOSSES
    scores = task.decode(np.zeros((2, task.outputs(3, True))))
    assert len(scores) == 2
    assert not task.is_scored_by_class or scores.shape == (2, 3)
    assert not task.is_scored_by_class or ((scores > 0) & (scores < 1)).all()


@pytest.mark.parametrize(
    ("kind", "targets", "truth"),
    [
        ("classes", [ClassTarget("c"), ClassTarget("a")], [2, 0]),
        (
            "findings",
            [LabelsTarget(frozenset("ca")), LabelsTarget(frozenset())],
            [[1, 0, 1], [0, 0, 0]],
        ),
        ("grade", [GradeTarget(2), GradeTarget(0)], [2, 0]),
        ("number", [NumberTarget(1.5), NumberTarget(-3)], [[1.5], [-3]]),
    ],
)
def test_truths_are_encoded(kind: str, targets: list[Target], truth: list[object]) -> None:
    encoded = TASKS[kind].encode_all(targets, LABELS)
    assert encoded.tolist() == truth
    assert encoded.dtype.kind == ("i" if kind in ("classes", "grade") else "f")


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("classes", ClassTarget("d")),
        ("findings", LabelsTarget(frozenset("ad"))),
        ("grade", GradeTarget(3)),
    ],
)
def test_an_unknown_label_is_refused_with_those_that_are_known(kind: str, target: Target) -> None:
    with pytest.raises(LabelError, match="unknown") as caught:
        TASKS[kind].encode_all([target], LABELS)
    assert caught.value.legal is not None


@pytest.mark.parametrize("wrong", [None, GradeTarget(1), NumberTarget(2)])
def test_a_case_without_a_truth_of_the_right_kind_is_refused(wrong: Target | None) -> None:
    with pytest.raises(LabelError, match="1 of 2"):
        TASKS["classes"].encode_all([ClassTarget("a"), wrong], LABELS)


def test_of_two_classes_the_threshold_decides() -> None:
    scores = np.array([[0.8, 0.2], [0.7, 0.3], [0.1, 0.9]])
    decided = TASKS["classes"].decide(scores, np.array([0.7, 0.3]))
    assert decided.tolist() == [[1, 0], [0, 1], [0, 1]]


@pytest.mark.parametrize("kind", ["classes", "grade"])
def test_of_more_classes_the_most_probable_is_decided_for(kind: str) -> None:
    scores = np.array([[0.4, 0.35, 0.25], [0.2, 0.3, 0.5]])
    assert TASKS[kind].decide(scores, np.zeros(3)).tolist() == [[1, 0, 0], [0, 0, 1]]


def test_each_finding_has_its_own_threshold() -> None:
    scores = np.array([[0.4, 0.4, 0.4]])
    decided = TASKS["findings"].decide(scores, np.array([0.4, 0.5, 0.1]))
    assert decided.tolist() == [[1, 0, 1]]


@pytest.mark.parametrize("kind", ["classes", "grade"])
@pytest.mark.parametrize("power", [0.5, 1.0])
def test_balanced_classes_weigh_as_their_power_says_and_one_on_average(
    kind: str, power: float
) -> None:
    truth = np.array([0] * 8 + [1] * 2)
    weights = TASKS[kind].balance(truth, 2, by_power(power))
    assert weights[1] / weights[0] == pytest.approx(4**power)
    assert np.mean([weights[label] for label in truth]) == pytest.approx(1)


def test_a_class_that_is_absent_weighs_nothing() -> None:
    weights = TASKS["classes"].balance(np.array([0, 0, 2]), 3, by_power(1.0))
    assert weights[1] == 0
    assert all(math.isfinite(weight) for weight in weights)


def test_rare_findings_weigh_by_the_odds_against_them() -> None:
    truth = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    weights = TASKS["findings"].balance(truth, 3, by_power(1.0))
    assert weights[:2] == pytest.approx([3, 1])
    assert math.isfinite(weights[2])
    assert TASKS["findings"].balance(truth, 3, by_power(0.5))[0] == pytest.approx(3**0.5)


def test_a_number_has_no_classes_to_balance() -> None:
    with pytest.raises(RecipeError, match="no classes"):
        TASKS["number"].balance(np.zeros((3, 1)), 1, by_power(0.5))


def test_the_judge_gives_loss_and_merit() -> None:
    truth = np.array([0, 0, 1, 1])
    scores = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])
    loss, merit = TASKS["classes"].judge(truth, scores)
    assert loss == pytest.approx(-np.mean(np.log([0.9, 0.6, 0.3, 0.8])))
    assert merit == pytest.approx(3 / 4), "three of four pairs are in order"


def test_several_findings_are_judged_by_their_mean_area() -> None:
    truth = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    scores = np.array([[0.2, 0.9], [0.8, 0.95], [0.7, 0.5]])
    loss, merit = TASKS["findings"].judge(truth, scores)
    right = np.where(truth == 1, scores, 1 - scores)
    assert loss == pytest.approx(-np.log(right).mean())
    assert merit == pytest.approx((1.0 + 0.0) / 2)


def test_numbers_are_judged_by_the_share_explained() -> None:
    truth = np.array([[1.0], [2.0], [3.0], [4.0]])
    loss, merit = TASKS["number"].judge(truth, truth + 0.5)
    assert loss == pytest.approx(0.25)
    assert merit == pytest.approx(1 - 0.25 / 1.25)


def test_where_merit_is_not_defined_the_loss_judges() -> None:
    truth = np.array([1, 1])
    scores = np.array([[0.4, 0.6], [0.3, 0.7]])
    loss, merit = TASKS["classes"].judge(truth, scores)
    assert merit == -loss
    loss, merit = TASKS["number"].judge(np.ones((2, 1)), np.zeros((2, 1)))
    assert merit == -loss == -1


def test_a_map_has_a_channel_for_each_label_and_one_for_background_where_labels_compete() -> None:
    assert TASKS["segmentation"].outputs(3, True) == 4
    assert TASKS["segmentation"].outputs(3, False) == 3
    overlapping = TaskChoice(kind="segmentation", labels=("a", "b"), values=((1, 2), (2,)))
    assert overlapping.outputs == 2
    assert TaskChoice(kind="segmentation", labels=("a", "b"), values=((1, 3), (2,))).outputs == 3
    assert TaskChoice(kind="segmentation", labels=("a", "b")).outputs == 3


def test_the_values_of_a_map_are_those_given_or_count_from_one() -> None:
    assert TaskChoice(kind="segmentation", labels=("a", "b")).scheme.values == ((1,), (2,))
    given = TaskChoice(kind="segmentation", labels=("a",), values=((4, 5),), ignore=9).scheme
    assert (given.values, given.ignore) == (((4, 5),), 9)


@pytest.mark.parametrize("kind", ["segmentation", "detection"])
def test_what_is_for_scores_of_cases_is_refused_where_parts_are_asked_about(kind: str) -> None:
    task = TASKS[kind]
    with pytest.raises(RecipeError, match="asks about parts of a case"):
        task.decide(np.zeros((2, 3)), np.zeros(3))
    with pytest.raises(RecipeError, match="asks about parts of a case"):
        task.judge(np.zeros(2), np.zeros((2, 3)))
