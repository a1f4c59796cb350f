"""Measures: agree with the metrics, keep their intervals, and survive what cannot be measured."""

import numpy as np
import pytest

from scanwright.metrics import average_precision, bind_binary_rate, macro_auc, sensitivity_of
from scanwright.report import MeasureOptions, Outcomes, measure_scores

from .conftest import INVENTED, QUICK, invent_binary, invent_classes


@pytest.mark.parametrize("kind", INVENTED)
def test_every_value_lies_in_its_interval(kind, rng):
    found = measure_scores(INVENTED[kind](), QUICK, rng)
    for score in found.scores.values():
        assert score.low <= score.value <= score.high, score.name
        assert score.low < score.high, score.name


def test_values_are_those_of_the_metrics(rng):
    outcomes = invent_binary()
    found = measure_scores(outcomes, QUICK, rng).scores
    assert found["auc"].value == macro_auc(outcomes.truth, outcomes.scores)
    called = outcomes.scores[:, 1] >= 0.4
    rate = bind_binary_rate(outcomes.truth, called.astype(int), sensitivity_of)
    assert found["sensitivity"].value == rate.value()
    assert found["average_precision"].value == average_precision(
        outcomes.truth, outcomes.scores[:, 1]
    )


def test_each_label_is_measured_against_the_rest(rng):
    outcomes = invent_classes()
    rows = measure_scores(outcomes, QUICK, rng).per_label
    assert [row.label for row in rows] == ["a", "b", "c"]
    assert sum(row.positives for row in rows) == outcomes.count
    mean = np.mean([row.scores["auc"].value for row in rows])
    assert mean == pytest.approx(macro_auc(outcomes.truth, outcomes.scores))


def test_one_class_alone_is_reported_not_crashed(rng):
    outcomes = Outcomes("classes", ("normal", "ill"), np.zeros(9, int), np.tile([0.7, 0.3], (9, 1)))
    found = measure_scores(outcomes, QUICK, rng).scores
    assert found["auc"].value is None
    assert found["auc"].note == "not defined: no case of “ill”"
    assert found["accuracy"].value == 1
    assert found["accuracy"].low < 0.8


def test_a_label_that_never_occurs_is_named(rng):
    truth = np.array([[0, 1], [0, 0], [0, 1], [0, 0]])
    scores = np.linspace(0.1, 0.9, 8).reshape(4, 2)
    found = measure_scores(Outcomes("findings", ("hernia", "mass"), truth, scores), QUICK, rng)
    assert "hernia" in found.scores["auc"].note
    assert found.per_label[0].scores["auc"].value is None
    assert found.per_label[1].scores["auc"].value is not None


def test_a_single_case_is_reported_not_crashed(rng):
    found = measure_scores(Outcomes("classes", ("no", "yes"), [1], [[0.3, 0.7]]), QUICK, rng)
    assert found.scores["accuracy"].value == 1
    number = measure_scores(Outcomes("number", ("age",), [4.0], [5.0]), QUICK, rng)
    assert number.scores["mae"].value == 1
    assert number.scores["r2"].value is None


def test_the_same_seed_gives_the_same_scores():
    first, second = (
        measure_scores(invent_binary(), QUICK, np.random.default_rng(3)) for _ in range(2)
    )
    assert first.scores == second.scores


def test_a_higher_level_gives_a_wider_interval():
    narrow, wide = (
        measure_scores(
            invent_binary(),
            MeasureOptions(replicates=300, level=level),
            np.random.default_rng(3),
        ).scores["auc"]
        for level in (0.5, 0.99)
    )
    assert wide.low < narrow.low < narrow.high < wide.high
