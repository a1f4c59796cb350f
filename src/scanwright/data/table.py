"""A table of text read from CSV, TSV or parquet, whatever its delimiter and encoding."""

import csv
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from scanwright.base import FileError

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".parquet")
DELIMITERS = (",", ";", "\t", "|")
EMPTY_WORDS = frozenset({"", "nan", "na", "n/a", "null", "nat"})
"""What stands for "not known" in a cell, lower case; "none" and "unknown" may be labels."""
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
LARGEST_TABLE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under named columns.

    Parameters
    ----------
    path
        Where it was read from.
    columns
        Names, each once.
    rows
        As many cells as columns; outer blanks removed.
    lines
        Line of each row in the file, counted from 1 with the header, for messages.
    notes
        What a reader should know about how it was read.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> tuple[str, ...]:
        """Return the cells of a column."""
        place = self.columns.index(name)
        return tuple(row[place] for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def is_table(path: Path) -> bool:
    """Whether a file's name is that of a table."""
    return path.suffix.lower() in TABLE_SUFFIXES


def is_empty(cell: str) -> bool:
    """Whether a cell says that the value is not known."""
    return cell.strip().lower() in EMPTY_WORDS


def read_table(path: Path) -> Table:
    """Read a table.

    Raises
    ------
    FileError
        It cannot be read, is empty, has no header, or a row has more cells than the header.
    """
    try:
        if path.stat().st_size > LARGEST_TABLE_BYTES:
            raise FileError("The table is too large.", legal="up to 1 GiB", where=path)
        content = path.read_bytes()
    except OSError as error:
        raise FileError("The table cannot be read.", got=error.strerror, where=path) from error
    if content[:4] == b"PAR1":
        return _read_parquet(path)
    if content[:4] == b"PK\x03\x04":
        raise FileError(
            "A spreadsheet or zip archive is no table of text.",
            legal="CSV, TSV or parquet",
            next="export the sheet as CSV",
            where=path,
        )
    return _read_text(path, content)


def _read_text(path: Path, content: bytes) -> Table:
    text, notes = _decode(path, content)
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise FileError("The table is empty.", next="give a table with a header row", where=path)
    reader = csv.reader(StringIO(text), delimiter=_delimiter(lines))
    header: tuple[str, ...] | None = None
    rows: list[tuple[str, ...]] = []
    places: list[int] = []
    blanks: Counter[int] = Counter()
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            if not any(stripped):
                continue
            if header is None:
                header = _header(path, stripped)
                continue
            pairs = zip(cells, stripped, strict=True)
            blanks.update(place for place, (raw, cell) in enumerate(pairs) if raw != cell)
            rows.append(_fitted(path, stripped, header, reader.line_num))
            places.append(reader.line_num)
    except csv.Error as error:
        raise FileError(
            "The table cannot be read.", got=error, where=f"{path}, line {reader.line_num}"
        ) from error
    assert header is not None
    notes = (*notes, *_blank_notes(blanks, header, len(rows)))
    if not rows:
        raise FileError("The table has a header but no rows.", where=path)
    return Table(path, header, tuple(rows), tuple(places), notes)


def _blank_notes(blanks: Counter[int], header: tuple[str, ...], rows: int) -> tuple[str, ...]:
    """Say where blanks were removed; one in every cell is a way to write tables, and no slip."""
    slips = [f'{count} in "{header[place]}"' for place, count in sorted(blanks.items())
             if place < len(header) and count < rows]  # fmt: skip
    return (f"blanks around cells were removed: {', '.join(slips)}",) if slips else ()


def _decode(path: Path, content: bytes) -> tuple[str, tuple[str, ...]]:
    if content[:2] in UTF16_MARKS:
        return content.decode("utf-16", "replace"), ()
    if b"\x00" in content[:4096]:
        raise FileError("The table is not text.", legal="CSV, TSV or parquet", where=path)
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        note = f"{path.name} is not UTF-8 and was read as Latin-1; check names with accents"
        return content.decode("latin-1"), (note,)


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter that cuts the first lines into the most cells, equally many in each."""

    def cells_in(line: str, delimiter: str) -> int:
        return len(next(csv.reader([line], delimiter=delimiter)))

    best, most = ",", 1
    for delimiter in DELIMITERS:
        counts = [cells_in(line, delimiter) for line in lines[:20]]
        agreeing = sum(count == counts[0] for count in counts)
        if counts[0] > most and agreeing * 2 > len(counts):
            best, most = delimiter, counts[0]
    return best


def _header(path: Path, cells: tuple[str, ...]) -> tuple[str, ...]:
    # A nameless column is the row index that data-frame libraries write.
    names = tuple(cell or f"column {place + 1}" for place, cell in enumerate(cells))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FileError("Columns have the same name.", got=", ".join(twice), where=path)
    return names


def _fitted(
    path: Path, cells: tuple[str, ...], header: tuple[str, ...], line: int
) -> tuple[str, ...]:
    if any(cells[len(header) :]):
        raise FileError(
            "A row has more cells than the header.",
            got=f"{len(cells)} cells under {len(header)} columns",
            next="quote cells that hold the delimiter",
            where=f"{path}, line {line}",
        )
    return (*cells, *[""] * (len(header) - len(cells)))[: len(header)]


def _read_parquet(path: Path) -> Table:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise FileError("The parquet table cannot be read.", got=error, where=path) from error
    names = _header(path, tuple(str(name) for name in table.column_names))
    columns = [[_as_text(cell) for cell in column.to_pylist()] for column in table.columns]
    rows = tuple(zip(*columns, strict=True))
    if not rows:
        raise FileError("The table has columns but no rows.", where=path)
    return Table(path, names, rows, tuple(range(1, len(rows) + 1)))


def _as_text(cell: Any) -> str:  # Any: parquet cells are of any type
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, list):
        return "|".join(_as_text(item) for item in cell)
    return str(cell).strip()
