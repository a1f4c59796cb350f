"""Values of masks are named in JSON, lists and tables, each in its usual forms."""

from pathlib import Path

import pytest

from scanwright.base import FileError, LabelError
from scanwright.data.label_names import find_label_names, read_json, read_label_names, scheme_of
from scanwright.image import LabelScheme
from tests.data.builders import make_table
from tests.data.mask_builders import put_json

LIVER = LabelScheme(("liver", "tumour"), ((1,), (2,)))


@pytest.mark.parametrize(
    "labels",
    [
        {"background": 0, "liver": 1, "tumour": 2},
        {"0": "background", "1": "liver", "2": "tumour"},
        {"1": "liver", "2": "tumour"},
        {"liver": "1", "tumour": 2.0},
        ["liver", "tumour"],
        ["background", "liver", "tumour"],
    ],
)
def test_names_and_values_in_any_order(labels: object) -> None:
    assert scheme_of(labels, "x") == LIVER


def test_regions_and_what_is_ignored() -> None:
    scheme = scheme_of({"all": [1, 2], "core": [2], "void": 255}, "x")
    assert scheme == LabelScheme(("all", "core"), ((1, 2), (2,)), 255)


@pytest.mark.parametrize(
    "labels",
    [{}, {"background": 0}, {"a": "b"}, {"a": 1.5}, {"a": True}, {"a": []}, "liver", 3, {"a": -1},
     {"ignore": [1, 2], "a": 3}, {"1": "a", "x": "b"}],
)  # fmt: skip
def test_what_names_no_values_is_refused(labels: object) -> None:
    with pytest.raises(LabelError):
        scheme_of(labels, "x")


@pytest.mark.parametrize(
    "text",
    ["liver\ntumour\n", "1 liver\n2 tumour\n", "# a list\n1: liver\n2: tumour",
     "0,x\n1,liver\n2,tumour",
     '0 0 0 0 0 0 0 "Clear Label"\n1 255 0 0 1 1 1 "liver"\n2 0 255 0 0.5 1 1 "tumour"\n'],
)  # fmt: skip
def test_lists_of_names(tmp_path: Path, text: str) -> None:
    (tmp_path / "labels.txt").write_text(text)
    assert read_label_names(tmp_path / "labels.txt") == LIVER


def test_tables_of_names(tmp_path: Path) -> None:
    table = make_table(tmp_path / "labels.csv", "value,name", ["1,liver", "2,tumour"])
    assert find_label_names(tmp_path) == table
    assert read_label_names(table) == LIVER
    make_table(table, "id,label,colour", ["2,tumour,red", "1,liver,blue"])
    assert read_label_names(table).names == ("tumour", "liver")


def test_a_table_of_image_labels_names_no_values(tmp_path: Path) -> None:
    make_table(tmp_path / "labels.csv", "path,label", ["a.png,yes"])
    assert find_label_names(tmp_path) is None
    with pytest.raises(LabelError, match="names no values"):
        read_label_names(tmp_path / "labels.csv")


def test_usual_files_are_found(tmp_path: Path) -> None:
    assert find_label_names(tmp_path) is None
    put_json(tmp_path / "dataset.json", {"name": "without labels"})
    assert find_label_names(tmp_path) is None
    put_json(tmp_path / "dataset.json", {"labels": {"liver": 1, "tumour": 2}})
    assert find_label_names(tmp_path) == tmp_path / "dataset.json"
    assert read_label_names(tmp_path / "dataset.json") == LIVER
    (tmp_path / "Labels.txt").write_text("liver")
    assert find_label_names(tmp_path) == tmp_path / "Labels.txt"


def test_a_list_of_files_names_no_values(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("train/a.png 0\ntrain/b.png 1")
    assert find_label_names(tmp_path) is None


def test_json_that_is_none_is_an_error_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text("{")
    with pytest.raises(FileError, match=r"labels\.json"):
        read_json(tmp_path / "labels.json")
    with pytest.raises(FileError, match="no object"):
        read_json(put_json(tmp_path / "number.json", 3))
