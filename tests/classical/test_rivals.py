"""Every family of models keeps the same contract."""

import numpy as np
import pytest

from scanwright.classical import RIVALS, Question
from scanwright.classical.expert import Candidate, raw_scores
from tests.classical.conftest import blobs

CANDIDATES = [
    Candidate(family, settings) for family in sorted(RIVALS) for settings in RIVALS[family].grid
]


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda one: one.words)
@pytest.mark.parametrize("classes", [2, 3])
def test_every_candidate_tells_classes_apart(candidate: Candidate, classes: int) -> None:
    values, truth = blobs(120, classes, 0, gap=3.0)
    question = Question(classes, (0, 0, 1, 1, 1, 1))
    model = candidate.fit(values, truth, question, 0)
    fresh, answer = blobs(120, classes, 1, gap=3.0)
    scores = raw_scores(model, fresh, question)
    assert scores.shape == (120, classes)
    assert np.isfinite(scores).all()
    assert (scores.argmax(axis=1) == answer).mean() > 0.75


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda one: one.words)
def test_every_candidate_estimates_numbers(candidate: Candidate) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(200, 5))
    truth = 100 + 20 * values[:, 0] + rng.normal(size=200)
    question = Question(0)
    model = candidate.fit(values[:150], truth[:150], question, 0)
    guess = raw_scores(model, values[150:], question)
    assert guess.shape == (50, 1)
    assert np.corrcoef(guess[:, 0], truth[150:])[0, 1] > 0.8


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda one: one.words)
def test_the_same_seed_gives_the_same_scores(candidate: Candidate) -> None:
    values, truth = blobs(60, 2, 0)
    first, second = (
        raw_scores(candidate.fit(values, truth, Question(2), 3), values, Question(2))
        for _ in range(2)
    )
    assert np.array_equal(first, second)
