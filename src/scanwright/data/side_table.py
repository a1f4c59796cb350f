"""A table that lies beside images and masks: whom, where and in which fold each case is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scanwright.base import FileError, LabelError
from scanwright.data.columns import Roles, find_plain_roles
from scanwright.data.entry import Entry
from scanwright.data.index import IndexOptions
from scanwright.data.rows import apply_row
from scanwright.data.table import Table, is_empty, is_table, read_table

NAMED_SHARE = 0.5
"""A table is about the cases when a column names at least this share of them."""


@dataclass(frozen=True, slots=True)
class SideTable:
    """A table about cases.

    Parameters
    ----------
    table
        The table.
    roles
        What its columns say.
    rows
        Name of a case → its row.
    """

    table: Table
    roles: Roles
    rows: Mapping[str, int]

    @property
    def path(self) -> Path:
        """Where it was read from."""
        return self.table.path

    @property
    def words(self) -> str:
        """What it says, in a few words; empty where it says nothing of use."""
        roles = self.roles
        said = [
            f'{word} by "{name}"'
            for word, name in (
                ("patients", roles.patient),
                ("sites", roles.site),
                ("split", roles.split),
                ("folds", roles.fold),
            )
            if name
        ]
        if roles.subgroups:
            said.append(f"subgroups by {', '.join(roles.subgroups[:4])}")
        return f"{', '.join(said)} of {self.path.name}" if said else ""

    def apply(self, entry: Entry, options: IndexOptions) -> Entry:
        """Add what the table says of a case; what it does not say stays."""
        row = self.rows.get(entry.name)
        if row is None:
            return entry
        told = apply_row(entry, self.table, self.roles, row, options)
        return replace(told, split=told.split or entry.split)


def find_side_table(folder: Path, names: Iterable[str], options: IndexOptions) -> SideTable | None:
    """Return the table in a folder, or the one asked for, that names the cases.

    Raises
    ------
    LabelError
        The table that was asked for names none of them.
    """
    cases = list(names)
    if options.labels is not None:
        chosen = _joined(read_table(options.labels), cases, options)
        if chosen is None:
            raise LabelError(
                "The table names none of the images.",
                got=", ".join(cases[:3]),
                next="give a column with the file names of the images",
                where=options.labels,
            )
        return chosen
    tables = [
        place
        for place in sorted(folder.iterdir())
        if is_table(place) and place.suffix.lower() != ".txt" and not place.name.startswith(".")
    ]
    joined = [one for place in tables if (one := _joined(_readable(place), cases, options))]
    return max(joined, key=lambda one: len(one.rows), default=None)


def case_key(name: str) -> str:
    """Return the name of a case without the endings of files.

    >>> case_key("a/liver_0.nii.gz"), case_key("v1.2 b")
    ('a/liver_0', 'v1.2 b')
    """
    bare = name.removesuffix(".gz")
    head, dot, ending = bare.rpartition(".")
    return head if dot and 1 < len(ending) < 6 and ending.isalnum() and "/" not in ending else bare


def _readable(place: Path) -> Table | None:
    """Read a table that nobody asked for: one that cannot be read is another's business."""
    try:
        return read_table(place)
    except FileError:
        return None


def _joined(table: Table | None, cases: Sequence[str], options: IndexOptions) -> SideTable | None:
    if table is None:
        return None
    by_key: dict[str, list[str]] = {}
    for name in cases:
        for key in {case_key(name), case_key(name).rpartition("/")[2]}:
            by_key.setdefault(key, []).append(name)
    best = ""
    rows: dict[str, int] = {}
    for column in table.columns:
        found = _rows(table.column(column), by_key)
        if len(found) > len(rows):
            best, rows = column, found
    if not cases or len(rows) < NAMED_SHARE * len(cases):
        return None
    return SideTable(table, find_plain_roles(table, options, (best,)), rows)


def _rows(cells: Sequence[str], by_key: Mapping[str, list[str]]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for number, cell in enumerate(cells):
        if is_empty(cell):
            continue
        key = case_key(cell.replace("\\", "/"))
        cases = by_key.get(key) or by_key.get(key.rpartition("/")[2], [])
        if len(cases) == 1:
            rows.setdefault(cases[0], number)
    return rows
