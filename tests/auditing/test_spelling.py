from scanwright.auditing import Severity
from scanwright.auditing.spelling import check_spelling
from scanwright.data import TaskHint
from scanwright.image import ClassTarget
from tests.auditing.builders import bodies, survey_of


def test_merged_spellings_are_an_alarm_and_stray_blanks_a_note() -> None:
    task = TaskHint("classes", ("benign", " bad"), spellings=((" Benign", "benign"),))
    targets = [ClassTarget("benign"), ClassTarget(" bad")]
    found = check_spelling(survey_of(bodies(2), task=task, targets=targets))
    assert [one.severity for one in found] == [Severity.ALARM, Severity.NOTE]
    assert found[0].numbers == {" Benign": "benign"}
    assert check_spelling(survey_of(bodies(2), "ab")) == []
