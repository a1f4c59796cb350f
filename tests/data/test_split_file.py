"""Folds that a file gives are followed."""

from pathlib import Path

import pytest

from scanwright.base import FileError, SplitError
from scanwright.data import Index, IndexOptions, SplitOptions, index_data, split_index
from scanwright.data.split_file import read_folds
from tests.data.builders import make_table
from tests.data.mask_builders import block, make_folders, noise, put_json, put_png

NAMES = tuple(f"case_{number}" for number in range(6))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folders(tmp_path / "set", dict.fromkeys(NAMES, block()))


def following(folder: Path, file: Path) -> Index:
    return index_data(folder, IndexOptions(split_file=file))


def splits(folder: Path) -> Path:
    held = [NAMES[::3], NAMES[1::3], NAMES[2::3]]
    content = [{"train": [n for n in NAMES if n not in val], "val": list(val)} for val in held]
    return put_json(folder.parent / "splits_final.json", content)


def test_one_fold_validates_and_nothing_is_held_out_for_test(folder: Path) -> None:
    index = following(folder, splits(folder))
    assert "3 folds as given by splits_final.json" in index.notes
    plan = split_index(index)
    assert [entry.name for entry in plan.folds[0].validation] == ["case_0", "case_3"]
    assert len(plan.folds[0].train) == 4
    assert not plan.test
    assert plan.how == "no test part; fold 0 of 3 as given"
    other = split_index(index, SplitOptions(fold=2))
    assert [entry.name for entry in other.folds[0].validation] == ["case_2", "case_5"]


def test_all_folds_validate_when_asked(folder: Path) -> None:
    plan = split_index(following(folder, splits(folder)), SplitOptions(folds=3))
    held = [[entry.name for entry in fold.validation] for fold in plan.folds]
    assert held == [["case_0", "case_3"], ["case_1", "case_4"], ["case_2", "case_5"]]
    with pytest.raises(SplitError, match="--folds 3 for all"):
        split_index(following(folder, splits(folder)), SplitOptions(folds=5))


def test_a_table_of_folds(folder: Path) -> None:
    rows = [f"{name},{number % 2}" for number, name in enumerate(NAMES)]
    table = make_table(folder.parent / "cv.csv", "case,fold", rows)
    plan = split_index(following(folder, table), SplitOptions(folds=2))
    assert [len(fold.validation) for fold in plan.folds] == [3, 3]


def test_cases_in_no_fold_are_left_out_and_noted(folder: Path) -> None:
    rows = [f"{name},{number % 2}" for number, name in enumerate(NAMES[:4])]
    index = following(folder, make_table(folder.parent / "cv.csv", "case,fold", rows))
    assert any(note.startswith("2 cases are in no fold") for note in index.notes)
    fold = split_index(index).folds[0]
    assert len(fold.train) + len(fold.validation) == 4


def test_more_than_ten_folds_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(12)]
    folder = make_folders(tmp_path / "set", dict.fromkeys(names, block()))
    rows = [f"{name},{number}" for number, name in enumerate(names)]
    index = following(folder, make_table(tmp_path / "cv.csv", "case,fold", rows))
    plan = split_index(index, SplitOptions(fold=2))
    assert [entry.name for entry in plan.folds[0].validation] == ["c2"]


def test_names_that_are_not_there_are_told(folder: Path) -> None:
    content = [{"train": [], "val": ["case_0"]}, {"train": [], "val": ["other"]}]
    file = put_json(folder.parent / "s.json", content)
    with pytest.raises(SplitError, match=r"1 of 2: other"):
        following(folder, file)


@pytest.mark.parametrize("content", [{"a": 1}, [], [{"train": []}], [1]])
def test_a_file_without_folds_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(FileError, match=r"no folds|no object"):
        read_folds(put_json(tmp_path / "s.json", content))


def test_a_case_held_out_twice_is_refused(tmp_path: Path) -> None:
    file = put_json(tmp_path / "s.json", [{"val": ["a"]}, {"val": ["a"]}])
    with pytest.raises(SplitError, match="a in 0 and 1"):
        read_folds(file)


def test_a_table_without_folds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match='column "fold"'):
        read_folds(make_table(tmp_path / "t.csv", "case,site", ["a,b"]))


def test_a_test_part_of_the_data_set_stays_the_test_part(tmp_path: Path) -> None:
    make_folders(tmp_path / "set" / "train", dict.fromkeys(NAMES[:4], block()))
    make_folders(tmp_path / "set" / "test", dict.fromkeys(NAMES[4:], block(1)))
    for number, name in enumerate(NAMES[4:]):
        put_png(tmp_path / "set" / "test" / "images" / f"{name}.png", noise(50 + number))
    rows = [f"{name},{number % 2}" for number, name in enumerate(NAMES[:4])]
    index = following(tmp_path / "set", make_table(tmp_path / "cv.csv", "case,fold", rows))
    assert not any("left out" in note for note in index.notes)
    plan = split_index(index, SplitOptions(folds=2))
    assert [entry.name for entry in plan.test] == ["case_4", "case_5"]
