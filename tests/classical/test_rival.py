import numpy as np
import pytest

from scanwright.base import LabelError
from scanwright.classical import Question, RivalOptions, Table, fit_rival, merit
from scanwright.classical.rival import inner_folds
from tests.classical.conftest import blobs

FAST = RivalOptions(families=("logistic", "svm"))


def test_the_rival_finds_what_there_is(two_classes: Table, binary: Question) -> None:
    values, truth = blobs(200, 2, 5, gap=3.0)
    rival = fit_rival(values, truth, range(200), binary, FAST)
    fresh, answer = blobs(200, 2, 6, gap=3.0)
    stated = rival.predict(fresh)
    assert merit(answer, stated, binary) > 0.97
    assert stated.sum(axis=1) == pytest.approx(np.ones(200))
    assert rival.trials[0].merit == max(trial.merit for trial in rival.trials)


def test_the_same_seed_gives_the_same_rival(two_classes: Table, binary: Question) -> None:
    table = two_classes
    answers = [
        fit_rival(table.values, table.truth, table.patients, binary, FAST).predict(table.values)
        for _ in range(2)
    ]
    assert np.array_equal(*answers)


def test_inner_folds_keep_patients_whole_and_hold_each_case_out_once(
    two_classes: Table, binary: Question
) -> None:
    table = two_classes
    names = np.array(table.patients)
    held_out: list[int] = []
    folds = inner_folds(table.truth, table.patients, binary, FAST)
    for train, held in folds:
        assert not set(names[train]) & set(names[held])
        assert set(table.truth[train]) == {0, 1}
        held_out += held.tolist()
    assert sorted(held_out) == list(range(80))
    assert len(folds) == 4


def test_few_patients_give_fewer_inner_folds(binary: Question) -> None:
    truth = np.array([0] * 10 + [1] * 3)
    assert len(inner_folds(truth, range(13), binary, FAST)) == 3


@pytest.mark.parametrize("truth", [np.zeros(9, int), np.array([0] * 8 + [1])])
def test_too_few_of_a_class_are_refused(truth: np.ndarray, binary: Question) -> None:
    with pytest.raises(LabelError, match="too few patients"):
        fit_rival(np.random.default_rng(0).random((9, 3)), truth, range(9), binary, FAST)


def test_a_time_limit_tries_fewer_candidates_but_always_one(binary: Question) -> None:
    values, truth = blobs(80, 2, 0)
    hurried = fit_rival(values, truth, range(80), binary, RivalOptions(seconds=1e-6))
    assert len(hurried.trials) == 1
    assert hurried.predict(values).shape == (80, 2)


def test_the_best_of_all_families_may_speak_together(binary: Question) -> None:
    values, truth = blobs(150, 2, 2, gap=1.0)
    options = FAST.model_copy(update={"blend": True})
    rival = fit_rival(values, truth, range(150), binary, options)
    alone = max(trial.merit for trial in rival.trials if "mean" not in trial.words)
    together = next(trial.merit for trial in rival.trials if "mean" in trial.words)
    assert (len(rival.experts) == 2) == (together > alone)
    assert ("mean of" in rival.words) == (together > alone)


def test_a_number_is_estimated() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(150, 4))
    truth = 10 * values[:, 0] + 500
    rival = fit_rival(values[:100], truth[:100], range(100), Question(0), FAST)
    error = np.abs(rival.predict(values[100:])[:, 0] - truth[100:]).mean()
    assert error < 2


def test_merit_falls_back_to_the_likelihood_where_no_auc_exists(binary: Question) -> None:
    sure = merit(np.ones(3, int), np.array([[0.1, 0.9]] * 3), binary)
    unsure = merit(np.ones(3, int), np.array([[0.5, 0.5]] * 3), binary)
    assert unsure < sure < 0
