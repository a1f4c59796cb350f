"""Net benefit: by hand, and against its two trivial rivals."""

import numpy as np
import pytest

from scanwright.base import InputError
from scanwright.metrics import UndefinedMetric, benefit_curve


def test_net_benefit_by_hand():
    truth = [1, 1, 0, 0, 0]
    scores = [0.9, 0.2, 0.6, 0.1, 0.3]
    curve = benefit_curve(truth, scores, [0.5, 0.25])
    # At 0.5: one hit, one false alarm, odds 1. At 0.25: one hit, two false alarms, odds 1/3.
    assert curve.model == pytest.approx([1 / 5 - 1 / 5, 1 / 5 - 2 / 5 / 3])
    assert curve.everyone == pytest.approx([2 / 5 - 3 / 5, 2 / 5 - 3 / 5 / 3])


def test_a_model_that_calls_all_is_worth_as_much_as_calling_all():
    truth = np.arange(20) % 3 == 0
    curve = benefit_curve(truth, np.ones(20), [0.1, 0.6])
    assert curve.model == pytest.approx(curve.everyone)
    nobody = benefit_curve(truth, np.zeros(20), [0.1, 0.6])
    assert nobody.model.tolist() == [0, 0]


def test_impossible_thresholds_and_no_cases_are_refused():
    with pytest.raises(InputError):
        benefit_curve([0, 1], [0.2, 0.8], [0.0, 1.0])
    with pytest.raises(UndefinedMetric):
        benefit_curve([], [], [0.5])
