from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.base import FileError
from scanwright.data.table import is_empty, is_table, read_table


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(
        f'path{delimiter}label\n"a{delimiter}1.png"{delimiter}yes\nb.png{delimiter}no\n'
    )
    table = read_table(path)
    assert table.columns == ("path", "label")
    assert table.column("path") == (f"a{delimiter}1.png", "b.png")
    assert table.lines == (2, 3)


def test_commas_inside_cells_do_not_win_over_the_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("path;age\na.png;3,5\nb.png;4,5\n")
    assert read_table(path).columns == ("path", "age")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_usual_encodings_are_read_without_a_word(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes("path,label\nä.png,größer\n".encode(encoding))
    table = read_table(path)
    assert table.rows == (("ä.png", "größer"),)
    assert table.notes == ()


def test_latin_1_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes("path,label\nä.png,oui\n".encode("latin-1"))
    table = read_table(path)
    assert table.column("path") == ("ä.png",)
    assert "Latin-1" in table.notes[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"path,label\n", "no rows"),
        (b"path,path\na,b\n", "same name"),
        (b"path,label\na.png,yes,no\n", "line 2"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not text"),
        (b"PK\x03\x04abc", "export the sheet"),
        (b"PAR1 broken", "parquet"),
    ],
)
def test_a_table_that_is_none_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    with pytest.raises(FileError, match=words):
        read_table(path)


def test_short_rows_are_filled_and_blank_lines_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("path,label,site\n\na.png,yes\n,,\nb.png, no ,x\n")
    table = read_table(path)
    assert table.rows == (("a.png", "yes", ""), ("b.png", "no", "x"))
    assert table.lines == (3, 5)


def test_parquet_becomes_text(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    columns = {
        "path": ["a.png", "b.png"],
        "label": [1.0, None],
        "found": [["x", "y"], []],
        "sick": [True, False],
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    assert read_table(path).rows == (("a.png", "1", "x|y", "1"), ("b.png", "", "", "0"))


def test_words_for_unknown_are_empty_and_labels_are_not() -> None:
    assert all(is_empty(word) for word in ("", " ", "NaN", "N/A", "null"))
    assert not any(is_empty(word) for word in ("none", "0", "unknown"))


def test_tables_are_told_by_their_ending() -> None:
    assert is_table(Path("x.CSV"))
    assert not is_table(Path("x.png"))


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=2, max_size=8))
def test_what_the_csv_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    import csv

    path = tmp_path_factory.mktemp("table") / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([("path", "label"), *rows])
    table = read_table(path)
    assert table.columns == ("path", "label")
    assert list(table.rows) == [(a.strip(), b.strip()) for a, b in rows]


def test_stray_blanks_are_said_unless_every_cell_has_one(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("path, label\na, x\nb , y\nc, z\n", encoding="utf-8")
    assert read_table(path).notes == ('blanks around cells were removed: 1 in "path"',)
