import csv
import io

from scanwright.auditing import examine, propose_table, take_survey
from scanwright.data import IndexOptions, TaskHint, index_data
from scanwright.image import LabelsTarget
from tests.auditing.builders import bodies, survey_of
from tests.auditing.test_likeness import with_copy
from tests.data.mask_builders import block, labels, noise, put, put_png, volume


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


def indexed_again(folder, tmp_path):
    index = index_data(folder)
    table = tmp_path / "proposed.csv"
    table.write_text(propose_table(index, examine(take_survey(index, does_compare=False))))
    return index, index_data(folder, IndexOptions(labels=table, task="segmentation"))


def test_label_maps_of_several_channels_are_proposed_as_they_are_read(tmp_path) -> None:
    for case in ("p1", "p2"):
        for seed, kind in enumerate(("t1", "t2")):
            put(tmp_path / "set" / case / f"{case}_{kind}.nii.gz", volume(seed + ord(case[1])))
        put(tmp_path / "set" / case / f"{case}_seg.nii.gz", labels(1, 2))
    (tmp_path / "set" / "labels.json").write_text('{"liver": 1, "tumour": 2}')
    index, again = indexed_again(tmp_path / "set", tmp_path)
    assert len(again) == 2
    assert again.task.scheme == index.task.scheme
    assert [one.files for one in again.entries] == [one.files for one in index.entries]


def test_outlines_of_one_structure_are_proposed_as_they_are_read(tmp_path) -> None:
    for name in "ab":
        put_png(tmp_path / "set" / f"{name}.png", noise(ord(name)))
        put_png(tmp_path / "set" / f"{name}_mask.png", block())
    put_png(tmp_path / "set" / "b_mask_1.png", block()[::-1].copy())
    index, again = indexed_again(tmp_path / "set", tmp_path)
    assert again.task == index.task
    assert [one.files for one in again.entries] == [one.files for one in index.entries]
