"""Breakdowns: subgroups, worst errors, and two models side by side."""

import numpy as np
import pytest

from scanwright.base import InputError
from scanwright.metrics import delong_test
from scanwright.report import (
    MeasureOptions,
    Outcomes,
    compare_outcomes,
    measure_scores,
    measure_subgroups,
    worst_errors,
)

from .conftest import QUICK, invent_binary, invent_classes, invent_findings, invent_numbers


def with_column(outcomes, name, values):
    return Outcomes(
        outcomes.kind,
        outcomes.labels,
        outcomes.truth,
        outcomes.scores,
        patients=outcomes.patients,
        columns={name: values},
        thresholds=outcomes.thresholds,
    )


def subgroups(outcomes, rng, options=QUICK):
    return measure_subgroups(outcomes, measure_scores(outcomes, options, rng).scores, options, rng)


def test_subgroups_part_the_cases(rng):
    outcomes = invent_binary()
    rows = subgroups(outcomes, rng)
    assert [(row.column, row.value) for row in rows] == [("site", "A"), ("site", "B")]
    assert sum(row.cases for row in rows) == outcomes.count


def test_a_site_where_the_model_fails_is_marked(rng):
    good = invent_binary(400, shift=3)
    site = np.array(["A", "B"])[np.arange(400) // 200]
    scores = good.scores.copy()
    scores[200:] = scores[200:, ::-1]
    rows = subgroups(
        with_column(
            Outcomes("classes", good.labels, good.truth, scores, patients=good.patients),
            "site",
            tuple(site.tolist()),
        ),
        rng,
    )
    assert "auc" in rows[1].weaker
    assert "auc" in rows[0].differs
    assert rows[0].weaker == ()


def test_a_small_group_is_marked_and_not_judged(rng):
    outcomes = invent_binary(200)
    words = tuple("rare" if index < 6 else "common" for index in range(200))
    rows = {row.value: row for row in subgroups(with_column(outcomes, "device", words), rng)}
    assert rows["rare"].is_small
    assert rows["rare"].differs == ()
    assert not rows["common"].is_small


def test_empty_words_are_not_stated_and_rare_ones_share_a_row(rng):
    outcomes = invent_binary(200)
    words = tuple("" if index < 60 else f"device {index % 30}" for index in range(200))
    rows = subgroups(with_column(outcomes, "device", words), rng)
    names = [row.value for row in rows]
    assert {"(not stated)", "(other)"} < set(names)
    assert len(names) == 13
    assert sum(row.cases for row in rows) == 200


def test_a_column_of_one_value_is_left_out(rng):
    assert subgroups(with_column(invent_binary(), "site", ("A",) * 120), rng) == ()


def test_the_surest_error_comes_first():
    scores = [[0.9, 0.1], [0.45, 0.55], [0.02, 0.98], [0.7, 0.3]]
    outcomes = Outcomes("classes", ("no", "yes"), [0, 0, 0, 1], scores, cases=tuple("wxyz"))
    found = worst_errors(outcomes)
    assert [(row.case, row.truth, row.decided) for row in found] == [
        ("y", "no", "yes"),
        ("z", "yes", "no"),
        ("x", "no", "yes"),
    ]
    assert found[0].confidence == pytest.approx(0.98)
    assert len(worst_errors(outcomes, 2)) == 2


def test_errors_of_findings_and_numbers():
    outcomes = Outcomes("findings", ("mass", "air"), [[1, 0], [0, 0]], [[0.1, 0.2], [0.2, 0.8]])
    found = worst_errors(outcomes)
    assert (found[0].truth, found[0].decided) == ("mass", "no mass")
    assert (found[1].truth, found[1].decided) == ("no air", "air")
    numbers = worst_errors(Outcomes("number", ("age",), [1.0, 2.0, 3.0], [1.0, 5.0, 2.5]))
    assert [row.index for row in numbers] == [1, 2]


def test_a_perfect_model_has_no_errors():
    assert worst_errors(Outcomes("classes", ("no", "yes"), [0, 1], np.eye(2))) == ()


def test_two_models_are_compared_by_delong_and_by_pairs(rng):
    first, second = invent_binary(300, shift=2.5), invent_binary(300, shift=0.8)
    rows = {row.name: row for row in compare_outcomes(first, second, QUICK, rng)}
    expected = delong_test(
        first.truth, first.scores[:, 1], second.scores[:, 1], patients=first.patients
    )
    assert rows["auc"].test == "DeLong"
    assert rows["auc"].p_value == pytest.approx(expected.p_value)
    assert rows["auc"].gap.low > 0
    assert rows["accuracy"].test == "paired bootstrap"
    assert rows["accuracy"].first - rows["accuracy"].second == pytest.approx(
        rows["accuracy"].gap.value
    )


@pytest.mark.parametrize("invent", [invent_classes, invent_findings, invent_numbers])
def test_a_model_does_not_differ_from_itself(invent, rng):
    for row in compare_outcomes(invent(), invent(), QUICK, rng):
        assert (row.gap.value, row.p_value) == (0, 1)


def test_models_of_different_cases_are_not_compared(rng):
    with pytest.raises(InputError):
        compare_outcomes(invent_binary(100), invent_binary(102), MeasureOptions(), rng)
