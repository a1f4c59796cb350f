import numpy as np
import pytest

from scanwright.auditing import label_words
from scanwright.data import TaskHint
from scanwright.image import GradeTarget, LabelsTarget, NumberTarget
from tests.auditing.builders import bodies, survey_of


def test_cases_are_grouped_by_patient_identity_and_likeness() -> None:
    arrays = bodies(6)
    arrays[1] = arrays[0]
    survey = survey_of(arrays, "aabbab", patient=["", "P", "P", "", "", ""])
    groups = survey.groups([("case 003", "case 004")])
    assert groups[0] == groups[1] == groups[2]
    assert groups[3] == groups[4]
    assert len(set(groups.tolist())) == 3


@pytest.mark.parametrize(
    ("task", "targets", "names"),
    [
        (TaskHint("grade", ("low", "mid", "high")), [GradeTarget(n % 3) for n in range(4)],
         ("low", "mid", "high")),
        (TaskHint("findings", ("a", "b")),
         [LabelsTarget(frozenset("ab"[: n % 3])) for n in range(4)],
         ("a", "b")),
        (TaskHint("number", ("age",)), [NumberTarget(float(n)) for n in range(4)],
         ("age above 1.5",)),
    ],
)  # fmt: skip
def test_every_task_becomes_yes_or_no_questions(task, targets, names) -> None:
    survey = survey_of(bodies(4), task=task, targets=targets)
    questions = survey.questions()
    assert tuple(one.name for one in questions) == names
    assert all(one.positive.dtype == np.bool_ for one in questions)
    assert label_words(survey.entries[0], task.labels)


def test_two_classes_are_one_question_and_no_labels_are_none() -> None:
    assert [one.name for one in survey_of(bodies(4), "abab").questions()] == ["b"]
    assert survey_of(bodies(2)).questions() == ()
