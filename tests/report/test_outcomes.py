"""Outcomes: what is refused, and how decisions follow from scores."""

import numpy as np
import pytest

from scanwright.base import LabelError, ShapeError
from scanwright.report import Outcomes

PAIR = np.array([[0.7, 0.3], [0.45, 0.55], [0.2, 0.8]])


def test_two_classes_are_decided_at_the_threshold():
    plain = Outcomes("classes", ("no", "yes"), [0, 1, 1], PAIR)
    assert plain.decided.tolist() == [0, 1, 1]
    strict = Outcomes("classes", ("no", "yes"), [0, 1, 1], PAIR, thresholds=(0.6,))
    assert strict.decided.tolist() == [0, 0, 1]


def test_findings_are_decided_at_one_threshold_each():
    outcomes = Outcomes("findings", ("a", "b"), [[0, 1]] * 3, PAIR, thresholds=(0.4, 0.6))
    assert outcomes.decided.tolist() == [[1, 0], [1, 0], [0, 1]]
    truth, score, decided = outcomes.claims(1)
    assert (truth.tolist(), decided.tolist()) == ([1, 1, 1], [0, 0, 1])
    assert score.tolist() == PAIR[:, 1].tolist()


def test_grades_can_be_decided_by_another_rule():
    outcomes = Outcomes("grade", ("0", "1"), [0, 1, 1], PAIR, decisions=np.array([1, 1, 1]))
    assert outcomes.decided.tolist() == [1, 1, 1]
    assert outcomes.subset(np.array([True, False, True])).decided.tolist() == [1, 1]


def test_a_subset_keeps_all_parts_together():
    outcomes = Outcomes(
        "classes",
        ("no", "yes"),
        [0, 1, 1],
        PAIR,
        cases=("x", "y", "z"),
        patients=("p", "q", "p"),
        columns={"site": ("A", "B", "A")},
    )
    part = outcomes.subset(np.array([True, False, True]))
    assert (part.cases, part.patients) == (("x", "z"), ("p", "p"))
    assert part.columns["site"] == ("A", "A")
    assert (part.count, part.patient_count) == (2, 1)


def test_unknown_patients_are_not_claimed_to_be_known():
    assert Outcomes("classes", ("no", "yes"), [0, 1, 1], PAIR).people == "cases"
    known = Outcomes("classes", ("no", "yes"), [0, 1, 1], PAIR, patients=("p", "q", "r"))
    assert known.people == "patients"


def test_what_is_handed_in_cannot_be_changed():
    outcomes = Outcomes("classes", ("no", "yes"), [0, 1, 1], PAIR)
    with pytest.raises(ValueError, match="read-only"):
        outcomes.scores[0, 0] = 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"labels": ("a", "b", "c")}, ShapeError),
        ({"thresholds": (0.1, 0.2)}, ShapeError),
        ({"cases": ("x",)}, ShapeError),
        ({"columns": {"site": ("A",)}}, ShapeError),
        ({"decisions": np.array([1])}, ShapeError),
        ({"truth": [0, 1, 2]}, LabelError),
        ({"truth": [], "scores": np.zeros((0, 2))}, LabelError),
        ({"scores": np.full((3, 2), np.nan)}, LabelError),
    ],
)
def test_parts_that_do_not_fit_are_refused(change, error):
    parts = {"kind": "classes", "labels": ("no", "yes"), "truth": [0, 1, 1], "scores": PAIR}
    with pytest.raises(error):
        Outcomes(**{**parts, **change})
