from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from scanwright.base import FileError, LabelError, RecipeError, SplitError
from scanwright.data import IndexOptions, index_data, read_case
from scanwright.image import ClassTarget, LabelsTarget, Modality, NumberTarget
from tests.data.builders import make_png, make_series, make_table


def make_pictures(root: Path, count: int) -> list[str]:
    return [
        make_png(root / "images" / f"{n}.png", n).relative_to(root).as_posix() for n in range(count)
    ]


def test_a_table_in_the_folder_says_everything(tmp_path: Path) -> None:
    names = make_pictures(tmp_path, 4)
    facts = ["P1,sick,train,A,F", "P1,sick,train,A,F", "P2,well,val,B,M", "P3,well,test,B,M"]
    rows = [f"{name},{fact}" for name, fact in zip(names, facts, strict=True)]
    make_table(tmp_path / "labels.csv", "path,patient,label,split,site,sex", rows)
    index = index_data(tmp_path)
    assert index.layout == "manifest"
    first = index.entries[0]
    assert (first.name, first.patient, first.site, first.split) == (names[0], "P1", "A", "train")
    assert first.subgroups == {"sex": "F"}
    assert [entry.split for entry in index.entries[2:]] == ["validation", "test"]
    assert index.files.used == 4
    assert index.files.found == 5
    assert read_case(first).subgroups == {"sex": "F"}


def test_a_table_by_itself_starts_paths_at_its_folder(tmp_path: Path) -> None:
    names = make_pictures(tmp_path, 2)
    make_png(tmp_path / "not_named.png", 9)
    table = make_table(tmp_path / "t.tsv", "file\tclass", [f"{names[0]}\ta", f"{names[1]}\tb"])
    index = index_data(table)
    assert len(index) == 2
    assert index.files.found == 3


def test_a_table_elsewhere_names_files_of_the_folder(tmp_path: Path) -> None:
    make_pictures(tmp_path / "data", 2)
    table = make_table(tmp_path / "tables" / "t.csv", "image,label", ["0,a", "1.png,b"])
    index = index_data(tmp_path / "data", IndexOptions(labels=table))
    assert [entry.name for entry in index.entries] == ["images/0.png", "images/1.png"]


def test_pictures_that_no_row_names_are_said(tmp_path: Path) -> None:
    names = make_pictures(tmp_path, 3)
    make_table(tmp_path / "labels.csv", "path,label", [f"{names[0]},a", f"{names[1]},b"])
    other = {Path(one.source).name: one.reason for one in index_data(tmp_path).files.other}
    assert other == {"2.png": "not named by the table", "labels.csv": "the table of labels"}


def test_missing_files_and_bad_files_are_skipped_with_reasons(tmp_path: Path) -> None:
    names = make_pictures(tmp_path, 5)
    (tmp_path / names[4]).write_bytes(b"")
    rows = [f"{names[0]},a", f"{names[1]},b", f"{names[2]},", f"{names[4]},b", "gone.png,a", ",a"]
    make_table(tmp_path / "labels.csv", "path,label", rows)
    index = index_data(tmp_path)
    assert len(index) == 2
    reasons = {Path(one.source).name: one.reason for one in index.skipped}
    assert [entry.name for entry in index.unlabelled] == ["images/2.png"]
    assert "empty" in reasons["4.png"]
    assert reasons["labels.csv, line 6: gone.png"] == "there is no such file"
    assert reasons["labels.csv, line 7: "] == "no path"
    # 2 used, 3 skipped, 2.png (no label), 3.png and the table
    assert (index.files.used, len(index.skipped), len(index.files.other)) == (2, 3, 3)
    assert index.files.found == 8


def test_a_table_whose_files_are_mostly_missing_is_refused(tmp_path: Path) -> None:
    names = make_pictures(tmp_path, 1)
    rows = [f"{names[0]},a", "x.png,b", "y.png,b"]
    make_table(tmp_path / "labels.csv", "path,label", rows)
    with pytest.raises(FileError, match=r"2 of 3 missing, for example labels.csv, line 3: x.png"):
        index_data(tmp_path)


def test_rows_that_repeat_are_merged_and_said(tmp_path: Path) -> None:
    names = make_pictures(tmp_path, 2)
    rows = [f"{names[0]},a", f"{names[1]},b", f"./{names[0]},a"]
    make_table(tmp_path / "labels.csv", "path,label", rows)
    index = index_data(tmp_path)
    assert len(index) == 2
    assert any("1 rows repeat" in note for note in index.notes)


def test_rows_that_contradict_each_other_are_named(tmp_path: Path) -> None:
    names = make_pictures(tmp_path, 2)
    rows = [f"{names[0]},a", f"{names[1]},b", f"{names[0]},b"]
    make_table(tmp_path / "labels.csv", "path,label", rows)
    with pytest.raises(LabelError, match="lines 2 and 4"):
        index_data(tmp_path)


def test_one_image_in_two_parts_is_named(tmp_path: Path) -> None:
    names = make_pictures(tmp_path, 2)
    rows = [f"{names[0]},a,train", f"{names[1]},b,train", f"{names[0]},a,test"]
    make_table(tmp_path / "labels.csv", "path,label,split", rows)
    with pytest.raises(SplitError, match="lines 2 and 4"):
        index_data(tmp_path)


def test_an_unknown_part_is_named(tmp_path: Path) -> None:
    names = make_pictures(tmp_path, 2)
    rows = [f"{names[0]},a,train", f"{names[1]},b,holdout"]
    make_table(tmp_path / "labels.csv", "path,label,split", rows)
    with pytest.raises(SplitError, match=r"holdout .*line 3"):
        index_data(tmp_path)


def test_findings_and_numbers_come_from_their_columns(tmp_path: Path) -> None:
    names = make_pictures(tmp_path, 2)
    rows = [f"{names[0]},1,0,2.5", f"{names[1]},1,1,3.5"]
    make_table(tmp_path / "labels.csv", "path,edema,mass,volume", rows)
    found = index_data(tmp_path, IndexOptions(label_column=("edema", "mass")))
    assert found.entries[0].target == LabelsTarget(frozenset({"edema"}))
    number = index_data(tmp_path, IndexOptions(label_column=("volume",)))
    assert number.entries[1].target == NumberTarget(3.5)


def test_a_modality_column_is_understood_or_refused(tmp_path: Path) -> None:
    names = make_pictures(tmp_path, 2)
    rows = [f"{names[0]},a,MR", f"{names[1]},b,X-Ray"]
    make_table(tmp_path / "labels.csv", "path,label,modality", rows)
    index = index_data(tmp_path)
    assert [entry.modality for entry in index.entries] == [Modality.MRI, Modality.XRAY]
    make_table(tmp_path / "labels.csv", "path,label,modality", [rows[0], f"{names[1]},b,camera"])
    with pytest.raises(LabelError, match="camera"):
        index_data(tmp_path)


def test_a_row_may_name_the_folder_of_a_series(tmp_path: Path) -> None:
    make_series(tmp_path / "s1", 1, "P1")
    make_series(tmp_path / "s2", 2, "P2")
    make_series(tmp_path / "two" / "a", 3, "P3")
    make_series(tmp_path / "two" / "b", 4, "P3")
    make_table(tmp_path / "labels.csv", "path,label", ["s1,a", "s2,b", "two,b"])
    index = index_data(tmp_path)
    assert [entry.name for entry in index.entries] == ["s1", "s2"]
    assert [entry.patient for entry in index.entries] == ["P1", "P2"]
    assert {one.reason for one in index.skipped} == {"the folder holds 2 images, not one"}
    assert len(index.skipped) == 6


def test_a_column_that_was_asked_for_and_is_not_there_is_refused(tmp_path: Path) -> None:
    names = make_pictures(tmp_path, 2)
    make_table(tmp_path / "labels.csv", "path,label", [f"{names[0]},a", f"{names[1]},b"])
    with pytest.raises(RecipeError, match="--column site=NAME"):
        index_data(tmp_path, IndexOptions(site_column="clinic"))


def test_busi_is_read_as_it_is(shared_data: Callable[[str], Path]) -> None:
    index = index_data(shared_data("classification/busi"))
    assert index.task.labels == ("benign", "malignant", "normal")
    assert Counter(entry.split for entry in index.entries) == {
        "train": 546,
        "validation": 78,
        "test": 156,
    }
    assert index.skipped == ()


def test_covid_ct_is_read_as_it_is(shared_data: Callable[[str], Path]) -> None:
    index = index_data(shared_data("classification/covid_ct"))
    assert index.task.labels == ("NonCOVID", "COVID")
    assert Counter(entry.split for entry in index.entries) == {
        "train": 425,
        "validation": 118,
        "test": 203,
    }
    assert len({entry.patient for entry in index.entries}) == 384


def test_brain_mri_is_read_as_it_is(shared_data: Callable[[str], Path]) -> None:
    index = index_data(shared_data("classification/brain_mri_253"))
    assert index.task.labels == ("no_tumor", "tumor")
    assert {entry.fold for entry in index.entries} == set("01234")
    assert {entry.split for entry in index.entries} == {""}
    assert index.entries[0].target == ClassTarget("no_tumor")


def test_rows_that_the_table_says_to_drop_are_left_out_with_their_reason(tmp_path: Path) -> None:
    paths = make_pictures(tmp_path, 4)
    rows = [f"{path},{'ab'[n % 2]},{'drop' if n == 3 else 'keep'},{'a copy' if n == 3 else ''}"
            for n, path in enumerate(paths)]  # fmt: skip
    make_table(tmp_path / "labels.csv", "path,label,decision,why", rows)
    index = index_data(str(tmp_path))
    assert len(index) == 3
    assert [one.reason for one in index.skipped] == ["the table says drop: a copy"]
    assert not index.entries[0].subgroups


def test_a_column_of_other_decisions_is_no_order_to_drop(tmp_path: Path) -> None:
    rows = [f"{path},{'ab'[n % 2]},{'drop' if n == 3 else 'biopsy'}"
            for n, path in enumerate(make_pictures(tmp_path, 4))]  # fmt: skip
    make_table(tmp_path / "labels.csv", "path,label,decision", rows)
    assert len(index_data(str(tmp_path))) == 4


def test_rows_without_a_label_are_kept_apart_whatever_their_part_is_called(tmp_path: Path) -> None:
    names = make_pictures(tmp_path, 4)
    rows = [f"{names[0]},,pool", f"{names[1]},a,train", f"{names[2]},b,test", f"{names[3]},,test"]
    make_table(tmp_path / "labels.csv", "path,label,split", rows)
    index = index_data(tmp_path)
    assert [entry.name for entry in index.entries] == names[1:3]
    assert [(entry.name, entry.split) for entry in index.unlabelled] == [
        (names[0], ""),
        (names[3], "test"),
    ]
