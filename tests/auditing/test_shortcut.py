import numpy as np
import pytest

from scanwright.auditing import NotChecked, Severity, measure_shortcut
from scanwright.auditing.shortcut import check_shortcut
from tests.auditing.builders import anatomy, bodies, survey_of


def test_a_source_that_differs_in_size_is_an_alarm_with_its_auc() -> None:
    rng = np.random.default_rng(0)
    labels = ["ill" if n % 2 else "well" for n in range(80)]
    sizes = [int(rng.integers(60, 70)) + 6 * (n % 2) for n in range(80)]
    survey = survey_of([anatomy(rng, edge) for edge in sizes], labels)
    (found,) = check_shortcut(survey)
    assert found.severity is Severity.ALARM
    guess = measure_shortcut(survey)
    assert guess is not None
    assert guess.auc.low <= guess.auc.value == found.numbers["auc"]
    assert next(iter(guess.alone)) == "size"


@pytest.mark.parametrize("seed", range(3))
def test_facts_that_say_nothing_raise_no_alarm(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(60, 80, 100).tolist()
    labels = rng.permutation(["ill", "well"] * 50).tolist()
    assert check_shortcut(survey_of([anatomy(rng, edge) for edge in sizes], labels)) == []


def test_cases_of_one_patient_do_not_vouch_for_each_other() -> None:
    # Size names the patient; the label is drawn by patient: parted patients would give it away.
    rng = np.random.default_rng(1)
    label_of = rng.permutation(["ill", "well"] * 15)
    owners = np.repeat(np.arange(30), 4)
    survey = survey_of(
        [anatomy(rng, 48 + int(one)) for one in owners],
        [str(label_of[one]) for one in owners],
        patient=[f"P{one}" for one in owners],
    )
    guess = measure_shortcut(survey)
    assert guess is not None
    assert guess.auc.value < 0.75


def test_equal_facts_cannot_be_checked() -> None:
    arrays = [np.random.default_rng(n).integers(0, 255, (1, 32, 32)).astype(np.uint8)
              for n in range(40)]  # fmt: skip
    with pytest.raises(NotChecked, match="same for all"):
        check_shortcut(survey_of(arrays, "ab" * 20))
    assert measure_shortcut(survey_of(bodies(4)[:0] or bodies(2))) is None
