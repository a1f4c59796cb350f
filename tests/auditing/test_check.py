import numpy as np
import pytest

from scanwright.auditing import CHECKS, Finding, NotChecked
from scanwright.data import Skipped, TaskHint
from scanwright.image import GradeTarget, LabelsTarget, NumberTarget
from tests.auditing.builders import bodies, survey_of


def surveys():
    rng = np.random.default_rng(0)
    odd = [
        np.zeros((1, 1, 1), np.uint8),
        np.full((1, 5, 7), np.nan, np.float32),
        rng.integers(0, 4096, (1, 3, 9, 8)).astype(np.uint16),
        rng.random((2, 30)).astype(np.float64),
        rng.random((1, 6, 6)) > 0.5,
        np.full((3, 2, 900), -7, np.int64),
    ]
    return {
        "empty": survey_of([]),
        "unreadable": survey_of([], skipped=[Skipped("x", "why")]),
        "one": survey_of(bodies(1), "a", compare=True),
        "odd": survey_of(odd, ["a", " A", "b", "b", "c", "a"], compare=True),
        "unlabelled": survey_of(bodies(3), compare=True),
        "grade": survey_of(
            bodies(4), task=TaskHint("grade", ("0", "1")),
            targets=[GradeTarget(n % 2) for n in range(4)],
        ),
        "findings": survey_of(
            bodies(4), task=TaskHint("findings", ("a", "b")),
            targets=[LabelsTarget(frozenset("ab"[: n % 3])) for n in range(4)],
        ),
        "number": survey_of(
            bodies(4), task=TaskHint("number", ("age",)),
            targets=[NumberTarget(float(n)) for n in range(4)],
        ),
    }  # fmt: skip


SURVEYS = surveys()


@pytest.mark.parametrize("name", sorted(CHECKS))
@pytest.mark.parametrize("kind", sorted(SURVEYS))
def test_every_check_says_something_or_why_not_of_any_set(name: str, kind: str) -> None:
    survey = SURVEYS[kind]
    if not survey.entries and name != "unreadable":
        return
    try:
        found = CHECKS[name].run(survey)
    except NotChecked:
        return
    for one in found:
        assert isinstance(one, Finding)
        assert one.kind == name
        assert one.what.endswith(".")
        assert one.meaning
        assert one.advice
