import numpy as np
import pytest
from scipy.stats import chi2_contingency
from scipy.stats.contingency import association

from scanwright.auditing import NotChecked, Severity
from scanwright.auditing.balance import check_classes, check_sites, class_counts, cramers_v
from tests.auditing.builders import bodies, survey_of


def test_a_class_of_one_image_is_an_alarm() -> None:
    found = check_classes(survey_of(bodies(31), ["a"] * 30 + ["b"]))
    assert found[0].severity is Severity.ALARM
    assert found[0].cases == ("case 030",)
    assert found[1].numbers["ratio"] == 30


def test_a_single_class_is_an_alarm_and_balance_is_quiet() -> None:
    assert check_classes(survey_of(bodies(3), "aaa"))[0].severity is Severity.ALARM
    assert check_classes(survey_of(bodies(24), "ab" * 12)) == []
    with pytest.raises(NotChecked):
        check_classes(survey_of(bodies(3)))


def test_cases_of_one_patient_count_once() -> None:
    survey = survey_of(bodies(4), "aabb", patient=["P", "P", "Q", "R"])
    assert class_counts(survey) == {"a": 1, "b": 2}


def test_a_site_that_says_the_class_is_an_alarm() -> None:
    sites = ["X"] * 20 + ["Y"] * 20
    (found,) = check_sites(survey_of(bodies(40), ["a"] * 18 + ["b"] * 22, site=sites))
    assert found.severity is Severity.ALARM
    assert check_sites(survey_of(bodies(40), "ab" * 20, site=sites)) == []
    with pytest.raises(NotChecked):
        check_sites(survey_of(bodies(4), "abab"))


@pytest.mark.parametrize("seed", range(5))
def test_the_link_approaches_the_plain_one_of_scipy_in_large_tables(seed: int) -> None:
    counts = np.random.default_rng(seed).integers(2000, 9000, (3, 4))
    link, p_value = cramers_v(counts)
    assert link == pytest.approx(association(counts, "cramer"), abs=0.002)
    assert p_value == pytest.approx(chi2_contingency(counts, correction=False).pvalue)


def test_no_table_no_link() -> None:
    assert cramers_v(np.array([[5, 0], [3, 0]])) == (0.0, 1.0)
