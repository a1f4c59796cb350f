import pytest

from scanwright.auditing import NotChecked, Severity
from scanwright.auditing.copies import (
    check_contradictions,
    check_copies,
    check_patients,
    check_shared_copies,
    check_shared_patients,
)
from tests.auditing.builders import bodies, survey_of

SPLIT = ["train", "train", "validation", "test", "test", "train"]


def copied():
    arrays = bodies(6)
    arrays[3] = arrays[0]
    arrays[5] = arrays[2]
    return arrays


def test_copies_are_found_and_the_one_nearest_the_test_is_kept() -> None:
    (found,) = check_copies(survey_of(copied(), "abcabc", split=SPLIT))
    assert found.groups == (("case 000", "case 003"), ("case 002", "case 005"))
    assert set(found.drop) == {"case 000", "case 005"}
    assert found.together == found.groups


def test_one_picture_under_two_labels_is_an_alarm_that_spares_the_test() -> None:
    (found,) = check_contradictions(survey_of(copied(), "aabbab", split=SPLIT))
    assert found.severity is Severity.ALARM
    assert found.groups == (("case 000", "case 003"),)
    assert set(found.drop) == {"case 000"}
    assert "another label" in found.drop["case 000"]


def test_copies_and_patients_across_the_split() -> None:
    survey = survey_of(copied(), "ababab", split=SPLIT, patient=list("PQRSPR"))
    (found,) = check_shared_copies(survey)
    assert found.numbers["groups"] == 2
    assert set(found.drop) == {"case 000", "case 005"}
    (patients,) = check_shared_patients(survey)
    assert patients.numbers == {"patients": 2}
    assert set(patients.drop) == {"case 000", "case 005"}


def test_what_cannot_be_looked_for_says_so() -> None:
    survey = survey_of(bodies(3), "aba")
    with pytest.raises(NotChecked, match="no split"):
        check_shared_copies(survey)
    assert check_copies(survey) == check_contradictions(survey) == []
    assert check_patients(survey)[0].numbers == {"cases": 3}
    assert check_patients(survey_of(bodies(2), "ab", patient=["P", "Q"])) == []
