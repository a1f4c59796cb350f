import numpy as np
import pytest

from scanwright.auditing import NotChecked, Severity, accuracy_width, auc_width
from scanwright.auditing.claim import check_claim
from scanwright.base import InputError
from scanwright.metrics import delong_interval, roc_auc
from tests.auditing.builders import bodies, survey_of


@pytest.mark.parametrize(("positive", "negative"), [(40, 40), (30, 120), (200, 200)])
@pytest.mark.parametrize("auc", [0.7, 0.9])
def test_the_width_expected_is_the_width_that_delong_measures(positive, negative, auc) -> None:
    from statistics import NormalDist

    shift = NormalDist().inv_cdf(auc) * 2**0.5
    rng = np.random.default_rng(0)
    truth = np.r_[np.ones(positive), np.zeros(negative)]
    widths, found = [], []
    for _ in range(60):
        scores = rng.normal(0, 1, len(truth)) + shift * truth
        interval = delong_interval(truth, scores)
        widths.append(interval.high - interval.low)
        found.append(roc_auc(truth, scores))
    assert np.mean(found) == pytest.approx(auc, abs=0.02)
    # Hanley and McNeil assume exponential scores; for normal ones they are somewhat too wide where
    # the positives are few (Obuchowski 1994).
    assert 0.9 < auc_width(auc, positive, negative) / np.mean(widths) < 1.3


def test_more_cases_are_surer() -> None:
    assert auc_width(0.8, 20, 20) > auc_width(0.8, 40, 40) > auc_width(0.95, 40, 40)
    assert accuracy_width(0.8, 50) > accuracy_width(0.8, 500)
    with pytest.raises(InputError):
        auc_width(1.0, 5, 5)


def test_a_small_test_part_is_a_warning_before_training() -> None:
    labels = ["a", "b"] * 20
    split = ["test"] * 10 + ["train"] * 30
    (found,) = check_claim(survey_of(bodies(40), labels, split=split))
    assert found.severity is Severity.WARNING
    assert "5 “a”, 5 others" in found.what
    with pytest.raises(NotChecked):
        check_claim(survey_of(bodies(3), "aaa"))
