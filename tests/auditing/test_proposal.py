import csv
import io

from scanwright.auditing import examine, propose_table
from scanwright.data import TaskHint
from scanwright.image import LabelsTarget
from tests.auditing.builders import bodies, survey_of
from tests.auditing.test_likeness import with_copy


def rows_of(survey):
    table = propose_table(survey.index, examine(survey))
    return {row["path"].rpartition("/")[2]: row for row in csv.DictReader(io.StringIO(table))}


def test_every_case_is_in_the_table_and_groups_bear_one_patient() -> None:
    survey = with_copy(patient=["", "", "", "P", *[""] * 7, "P"])
    rows = rows_of(survey)
    assert len(rows) == len(survey)
    patients = [rows[f"case {n:03d}.png"]["patient"] for n in range(12)]
    assert patients[3] == patients[8] == patients[11] == "P"
    assert patients[1] == patients[9] == "group 1"
    assert patients[0] == ""


def test_what_is_to_be_dropped_says_why_and_the_rest_is_kept() -> None:
    rows = rows_of(with_copy())
    dropped = {name for name, row in rows.items() if row["decision"] == "drop"}
    # The spare exact copy; and the two that look alike under two labels.
    assert dropped == {"case 003.png", "case 008.png", "case 009.png"}
    assert all(bool(row["why"]) == (row["decision"] == "drop") for row in rows.values())


def test_findings_are_written_as_the_index_reads_them() -> None:
    targets = [LabelsTarget(frozenset("ab")), LabelsTarget(frozenset())]
    survey = survey_of(bodies(2), task=TaskHint("findings", ("a", "b")), targets=targets)
    assert [row["label"] for row in rows_of(survey).values()] == ["a|b", "no finding"]
