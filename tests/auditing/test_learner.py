import numpy as np
import pytest

from scanwright.auditing import NotChecked
from scanwright.auditing.learner import (
    grouped_folds,
    held_out_probabilities,
    picture_features,
    standardised,
)
from scanwright.metrics import roc_auc
from tests.auditing.builders import anatomy, survey_of


def test_a_lesion_is_learnt_and_nothing_is_learnt_from_chance() -> None:
    rng = np.random.default_rng(0)
    truth = np.arange(120) % 2
    survey = survey_of([anatomy(rng, lesion=bool(one)) for one in truth])
    features = picture_features(survey.pictures)
    probabilities = held_out_probabilities(features, truth, np.arange(120))
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(120))
    assert roc_auc(truth, probabilities[:, 1]) > 0.95
    chance = held_out_probabilities(features, rng.permutation(truth), np.arange(120))
    assert 0.25 < roc_auc(truth, chance[:, 1]) < 0.75


def test_groups_are_never_parted() -> None:
    groups = np.repeat(np.arange(40), 3)
    truth = np.repeat(np.arange(40) % 2, 3)
    for train, held in grouped_folds(truth, groups):
        assert not set(groups[train]) & set(groups[held])
    with pytest.raises(NotChecked, match="independent"):
        grouped_folds(truth, groups // 10)
    with pytest.raises(NotChecked, match="two classes"):
        grouped_folds(np.zeros(50, dtype=int), np.arange(50))


def test_features_that_never_change_are_left_out() -> None:
    assert standardised(np.column_stack([np.arange(5.0), np.ones(5)])).shape == (5, 1)
    assert standardised(np.ones((5, 2))).shape == (5, 1)
