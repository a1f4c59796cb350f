from collections.abc import Sequence

import pytest

from scanwright.base import LabelError
from scanwright.data import IndexOptions
from scanwright.data.truth import Truths, class_labels, in_natural_order, read_truths
from scanwright.image import ClassTarget, GradeTarget, LabelsTarget, NumberTarget


def truths(name: str, cells: Sequence[str], **options: object) -> Truths:
    rows = [f"line {number + 2}" for number in range(len(cells))]
    return read_truths({name: cells}, IndexOptions(**options), rows)  # type: ignore[arg-type]


def several(columns: dict[str, Sequence[str]], **options: object) -> Truths:
    count = len(next(iter(columns.values())))
    rows = [f"line {number + 2}" for number in range(count)]
    return read_truths(columns, IndexOptions(**options), rows)  # type: ignore[arg-type]


def test_names_are_classes_and_an_empty_cell_says_nothing() -> None:
    read = truths("label", ["b", "", "a", "b"])
    assert read.task.kind == "classes"
    assert read.task.labels == ("a", "b")
    assert read.targets == (ClassTarget("b"), None, ClassTarget("a"), ClassTarget("b"))


def test_cells_with_several_names_are_findings() -> None:
    read = truths("label", ["edema|mass", "No Finding", "mass; nodule", "nan"])
    assert read.task.kind == "findings"
    assert read.task.labels == ("edema", "mass", "nodule")
    assert read.targets == (
        LabelsTarget(frozenset({"edema", "mass"})),
        LabelsTarget(frozenset()),
        LabelsTarget(frozenset({"mass", "nodule"})),
        None,
    )


def test_columns_of_zero_and_one_are_findings() -> None:
    read = several({"edema": ["1", "0", "0"], "mass": ["1", "0", ""]})
    assert read.task.kind == "findings"
    assert read.targets == (
        LabelsTarget(frozenset({"edema", "mass"})),
        LabelsTarget(frozenset()),
        None,
    )


def test_columns_with_one_one_in_each_row_are_classes() -> None:
    columns = {"MEL": ["1.0", "0.0"], "NV": ["0.0", "1.0"]}
    read = several(columns)
    assert read.task.kind == "classes"
    assert read.targets == (ClassTarget("MEL"), ClassTarget("NV"))
    assert several(columns, task="findings").task.kind == "findings"


def test_a_finding_that_is_neither_yes_nor_no_is_refused_by_line() -> None:
    with pytest.raises(LabelError, match=r'"-1" \(line 3, "mass"\)'):
        several({"edema": ["1", "0"], "mass": ["1", "-1"]})


def test_fractions_are_a_number() -> None:
    read = truths("age", ["1.5", "", "2"])
    assert read.task.kind == "number"
    assert read.task.labels == ("age",)
    assert read.targets == (NumberTarget(1.5), None, NumberTarget(2.0))


def test_whole_numbers_are_classes_a_grade_or_a_number_by_name_and_count() -> None:
    few = ["2", "0", "1", "3"]
    assert truths("label", few).task.kind == "classes"
    assert truths("grade", few).task.kind == "grade"
    assert truths("label", [str(n) for n in range(30)]).task.kind == "number"
    assert truths("label", few, task="grade").targets[0] == GradeTarget(2)


def test_grades_are_ranks_of_the_values_present() -> None:
    read = truths("severity", ["10", "9", "11"])
    assert read.task.labels == ("9", "10", "11")
    assert read.targets == (GradeTarget(1), GradeTarget(0), GradeTarget(2))


def test_grades_by_name_need_their_order() -> None:
    cells = ["mild", "none", "severe"]
    with pytest.raises(LabelError, match="--order"):
        truths("grade", cells, task="grade")
    read = truths("grade", cells, order=("none", "mild", "severe"))
    assert read.task.kind == "grade"
    assert read.targets[0] == GradeTarget(1)


def test_a_label_that_the_order_leaves_out_is_unknown_and_named_by_line() -> None:
    with pytest.raises(LabelError, match=r'"maligant" \(line 3\)'):
        truths("label", ["benign", "maligant"], order=("benign", "malignant"))


def test_a_word_among_numbers_is_refused_by_line() -> None:
    with pytest.raises(LabelError, match=r'"about 3" \(line 3\)'):
        truths("size", ["1.5", "about 3"], task="number")


def test_labels_that_differ_only_in_case_are_refused() -> None:
    with pytest.raises(LabelError, match="differ only in case"):
        truths("label", ["Benign", "benign", "malignant"])


def test_a_column_in_which_every_row_differs_is_no_label() -> None:
    with pytest.raises(LabelError, match="--label-column"):
        truths("label", [f"image {n} of many" for n in range(100)])


def test_a_column_without_labels_is_refused() -> None:
    with pytest.raises(LabelError, match="No row has a label"):
        truths("label", ["", "nan"])


@pytest.mark.parametrize(
    ("labels", "ordered"),
    [
        ({"tumor", "no_tumor"}, ("no_tumor", "tumor")),
        ({"abnormal", "normal"}, ("normal", "abnormal")),
        ({"COVID", "NonCOVID"}, ("NonCOVID", "COVID")),
        ({"yes", "no"}, ("no", "yes")),
        ({"nodule", "mass"}, ("mass", "nodule")),
        ({"T10", "T2", "T1"}, ("T1", "T2", "T10")),
        ({"0", "1"}, ("0", "1")),
    ],
)
def test_labels_are_sorted_naturally_with_the_negative_of_two_first(
    labels: set[str], ordered: tuple[str, ...]
) -> None:
    assert in_natural_order(labels) == ordered


def test_the_order_that_was_given_is_kept() -> None:
    assert class_labels({"b", "a"}, ("b", "a", "c")) == ("b", "a", "c")
    with pytest.raises(LabelError, match="twice"):
        class_labels({"a"}, ("a", "a"))


def test_spellings_are_merged_only_when_asked() -> None:
    cells = ["Benign", "benign", "malignant", " MALIGNANT ", "benign"]
    with pytest.raises(LabelError, match="case or blanks"):
        read_truths({"label": cells}, IndexOptions(), "abcde")
    read = read_truths({"label": cells}, IndexOptions(merge_spellings=True), "abcde")
    assert read.task.labels == ("benign", "MALIGNANT")
    # Of two spellings as frequent the first by the alphabet is right, without its outer blanks.
    asked = IndexOptions(merge_spellings=True, order=("benign", "malignant"))
    read = read_truths({"label": cells}, asked, "abcde")
    assert [target.label for target in read.targets if isinstance(target, ClassTarget)] == [
        "benign", "benign", "malignant", "malignant", "benign",
    ]  # fmt: skip
    assert dict(read.task.spellings) == {"Benign": "benign", " MALIGNANT ": "malignant"}
