import numpy as np
import pytest

from scanwright.classical import Question
from scanwright.classical.expert import Calibration, Candidate, raw_scores
from tests.classical.conftest import blobs


def test_a_class_that_was_never_met_gets_the_lowest_score() -> None:
    values, truth = blobs(60, 2, 0)
    question = Question(4)
    model = Candidate("logistic", {"c": 1.0}).fit(values, truth + 1, question, 0)
    scores = raw_scores(model, values, question)
    assert scores.shape == (60, 4)
    assert np.all(scores[:, [0, 3]].max(axis=1) <= scores[:, [1, 2]].min(axis=1))


@pytest.mark.parametrize("sharpness", [0.2, 1.0, 5.0])
def test_calibration_makes_scores_mean_what_they_say(sharpness: float) -> None:
    rng = np.random.default_rng(0)
    logit = rng.normal(size=4000) * 1.5
    truth = (rng.random(4000) < 1 / (1 + np.exp(-logit))).astype(int)
    scores = np.stack([np.zeros(4000), sharpness * logit + 2], axis=1)
    stated = Calibration.fit(scores, truth, Question(2)).apply(scores)
    assert stated.sum(axis=1) == pytest.approx(np.ones(4000))
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)):
        part = (stated[:, 1] > low) & (stated[:, 1] <= high)
        assert stated[part, 1].mean() == pytest.approx(truth[part].mean(), abs=0.04)


def test_scores_of_chance_are_calibrated_to_the_shares() -> None:
    rng = np.random.default_rng(0)
    truth = (np.arange(900) % 3 == 0).astype(int)
    stated = Calibration.fit(rng.normal(size=(900, 2)), truth, Question(2)).apply(np.zeros((1, 2)))
    assert stated[0, 1] == pytest.approx(1 / 3, abs=0.03)


def test_numbers_are_calibrated_by_a_line() -> None:
    truth = np.arange(20.0)
    line = Calibration.fit(0.5 * truth[:, None] - 3, truth, Question(0))
    assert line.apply(np.array([[2.0]])) == pytest.approx(np.array([[10.0]]))


def test_words_name_family_and_settings() -> None:
    assert Candidate("svm", {"c": 5.0}).words == "support vector machine (c 5)"
