from pathlib import Path

from scanwright.data import IndexOptions, TaskHint
from scanwright.data.columns import Roles
from scanwright.data.rows import apply_row, described_columns
from scanwright.data.table import Table
from scanwright.image import Modality
from tests.data.builders import made_entry

TABLE = Table(
    Path("t.csv"),
    ("patient", "site", "sex"),
    (("P1", "A", "F"), ("", "nan", "")),
    (2, 3),
)
ROLES = Roles(patient="patient", site="site", subgroups=("sex",))


def test_a_cell_wins_over_what_the_file_said_and_an_empty_one_does_not() -> None:
    entry = made_entry(0, patient="file", site="file", subgroups={"age": "40-59"})
    full = apply_row(entry, TABLE, ROLES, 0, IndexOptions())
    assert (full.patient, full.site) == ("P1", "A")
    assert full.subgroups == {"age": "40-59", "sex": "F"}
    bare = apply_row(entry, TABLE, ROLES, 1, IndexOptions())
    assert (bare.patient, bare.site, dict(bare.subgroups)) == ("file", "file", {"age": "40-59"})


def test_the_modality_that_was_asked_for_wins() -> None:
    entry = made_entry(0, modality=Modality.CT)
    assert apply_row(entry, TABLE, ROLES, 0, IndexOptions()).modality is Modality.CT
    asked = apply_row(entry, TABLE, ROLES, 0, IndexOptions(modality="mri"))
    assert asked.modality is Modality.MRI


def test_columns_are_described_in_one_sentence() -> None:
    roles = Roles(label=("a", "b", "c", "d", "e"), patient="patient", subgroups=("sex",))
    assert described_columns("path", roles, TaskHint("findings", ())) == (
        'images by "path", findings by "a" and 4 more columns, patients by "patient", '
        'subgroups by "sex"'
    )
