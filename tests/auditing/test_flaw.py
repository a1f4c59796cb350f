from scanwright.auditing import Severity
from scanwright.auditing.flaw import Flaw, flawed
from tests.auditing.builders import bodies, survey_of

FLAW = Flaw("constant", Severity.NOTE, "is flat", "are flat", "why", "do", does_drop=True)


def test_a_flaw_names_its_cases_and_speaks_of_one_or_many() -> None:
    survey = survey_of(bodies(3))
    assert flawed(survey, FLAW, [], str) == []
    (one,) = flawed(survey, FLAW, [1], str)
    assert one.what == "1 image is flat."
    assert one.drop == {"case 001": "it is flat: 1"}
    (two,) = flawed(survey, FLAW, [0, 2], str)
    assert two.what == "2 images are flat."
