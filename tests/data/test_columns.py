from collections.abc import Callable
from pathlib import Path

import pytest

from scanwright.base import LabelError, RecipeError
from scanwright.data import IndexOptions
from scanwright.data.columns import find_path_column, find_roles, simple_name
from scanwright.data.table import Table


def table(**columns: list[str]) -> Table:
    rows = tuple(zip(*columns.values(), strict=True))
    names = tuple(name.replace("_", " ") for name in columns)
    return Table(Path("t.csv"), names, rows, tuple(range(2, len(rows) + 2)))


def any_of(*cells: str) -> Callable[[str], bool]:
    return lambda cell: cell in cells


PATHS = ["a.png", "b.png", "c.png", "d.png"]


def test_the_path_column_is_found_by_name_and_by_what_is_on_disk() -> None:
    leads = any_of(*PATHS)
    by_name = table(mask=PATHS, path=PATHS, label=["x"] * 4)
    assert find_path_column(by_name, IndexOptions(), leads) == "path"
    by_content = table(x1=["1"] * 4, what=PATHS)
    assert find_path_column(by_content, IndexOptions(), leads) == "what"
    assert find_path_column(table(label=["x"] * 4), IndexOptions(), leads) == ""


def test_a_column_called_path_counts_even_when_all_files_are_missing() -> None:
    assert find_path_column(table(path=PATHS), IndexOptions(), any_of()) == "path"


def test_a_column_of_dicom_identifiers_is_not_taken_for_paths() -> None:
    uids = ["1.2.840.1", "1.2.840.2"]
    assert find_path_column(table(image=uids), IndexOptions(), any_of()) == ""


def test_two_columns_of_paths_without_a_usual_name_are_asked_about() -> None:
    with pytest.raises(LabelError, match="--column path=NAME"):
        find_path_column(table(left=PATHS, right=PATHS), IndexOptions(), any_of(*PATHS))


def test_a_column_that_does_not_exist_is_named_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match='did you mean "label"'):
        find_roles(table(label=["x", "y"]), IndexOptions(label_column=("lable",)), ())


def test_roles_are_found_by_usual_names() -> None:
    roles = find_roles(
        table(
            path=PATHS,
            Label=["x", "y", "x", "y"],
            Patient_ID=["1", "2", "3", "4"],
            hospital=["A", "B", "A", "B"],
            Set=["train"] * 4,
            sex=["F", "M", "F", "M"],
            orig_md5=["q", "r", "q", "r"],
        ),
        IndexOptions(),
        ("path",),
    )
    assert roles.label == ("Label",)
    assert (roles.patient, roles.site, roles.split) == ("Patient ID", "hospital", "Set")
    assert roles.subgroups == ("sex",)


def test_an_empty_column_has_no_role() -> None:
    roles = find_roles(
        table(label=["x", "y"], patient_id=["", ""], split=["", "nan"]), IndexOptions(), ()
    )
    assert (roles.patient, roles.split) == ("", "")


def test_two_labels_are_ambiguous_and_the_candidates_are_named() -> None:
    with pytest.raises(LabelError, match=r"got: label, target .*--label-column"):
        find_roles(table(label=["x", "y"], target=["0", "1"]), IndexOptions(), ())


def test_the_usual_name_wins_over_a_diagnosis_beside_it() -> None:
    roles = find_roles(table(label=["x", "y"], diagnosis=["p", "q"]), IndexOptions(), ())
    assert roles.label == ("label",)


def test_columns_of_zero_and_one_alone_are_all_findings() -> None:
    roles = find_roles(
        table(path=PATHS, edema=["0", "1"] * 2, mass=["1", "0"] * 2), IndexOptions(), ("path",)
    )
    assert roles.label == ("edema", "mass")


def test_findings_among_other_columns_are_asked_about() -> None:
    columns = table(path=PATHS, edema=["0", "1"] * 2, sex=["F", "M"] * 2)
    with pytest.raises(LabelError, match="edema, sex"):
        find_roles(columns, IndexOptions(), ("path",))
    assert find_roles(columns, IndexOptions(label_column=("edema",)), ("path",)).subgroups == (
        "sex",
    )


def test_no_candidate_is_said_with_all_columns() -> None:
    with pytest.raises(LabelError, match="No column looks like a label"):
        find_roles(table(path=PATHS, id=PATHS), IndexOptions(), ("path",))


def test_names_are_compared_without_case_and_punctuation() -> None:
    assert simple_name("Series-Instance_UID") == "seriesinstanceuid"
