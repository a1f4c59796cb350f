"""A table (CSV, TSV or parquet) with one row per image: path, label and whatever else is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scanwright.base import FileError, LabelError, Progress, SplitError
from scanwright.data.columns import Roles, find_path_column, find_roles
from scanwright.data.entry import Entry
from scanwright.data.index import NO_LABEL, Index, IndexOptions, Verdict, account_for
from scanwright.data.official import part_named
from scanwright.data.probing import Found, entry_from, group_cases, probe_files, unique_names
from scanwright.data.resolve import Resolver
from scanwright.data.rows import apply_row, described_columns, label_cells, row_names
from scanwright.data.table import Table, is_empty, is_table, read_table
from scanwright.data.table_choice import find_table
from scanwright.data.truth import Truths, read_truths
from scanwright.data.walk import Tree, list_files, relative_name

MISSING_SHARE = 0.5
"""With more than this share of the named files missing, the table does not fit the folder."""
NOT_NAMED = "not named by the table"


@dataclass(frozen=True, slots=True)
class _Row:
    """One row that leads somewhere: its number, the place, and the files to read there."""

    number: int
    place: Path
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A table, what its columns say, the truths of its rows, and where names start."""

    table: Table
    roles: Roles
    truths: Truths
    root: Path


class Manifest:
    """A table names the images and says what is true of each."""

    accepts = "a table with the paths of images and their labels (CSV, TSV or parquet)"
    takes_columns = True

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise a table, or a folder with one, in which a column leads to files."""
        chosen = find_table(path, options)
        if chosen is None:
            return None
        table = read_table(chosen)
        resolver = _resolver(path, chosen, _tree_of(path))
        name = find_path_column(table, options, resolver.leads)
        return Verdict(3, f'column "{name}" of {chosen.name} names files') if name else None

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the images that the table names.

        Raises
        ------
        LabelError
            The label column is ambiguous, a label is unknown, or two rows of one image disagree.
        FileError
            All, or most, of the named files are missing.
        SplitError
            Two rows put one image into different parts.
        """
        chosen = find_table(path, options)
        assert chosen is not None, "the layout was recognised"
        table = read_table(chosen)
        tree = _tree_of(path)
        resolver = _resolver(path, chosen, tree)
        path_column = find_path_column(table, options, resolver.leads)
        roles = find_roles(table, options, (path_column,))
        truths = read_truths(label_cells(table, roles), options, row_names(table))
        rows, missing = _follow(table, path_column, resolver)
        rows, merged = _without_twins(rows, table, roles, truths)
        rows, dropped = _without_dropped(rows, table, roles)
        whole = _Read(table, roles, truths, tree.root)
        cases, unread = _read_headers(rows, whole, options, progress)
        entries = tuple(entry for entry in cases if entry.target is not None)
        unlabelled = tuple(entry for entry in cases if entry.target is None)
        unknown = {file: NO_LABEL for entry in unlabelled for file in entry.reference.files}
        return Index(
            root=path,
            layout="manifest",
            described=f"a table ({chosen.name}) of {len(table)} rows: "
            + described_columns(path_column, roles, truths.task),
            entries=entries,
            task=truths.task,
            files=account_for(
                entries,
                (*tree.files, chosen),
                skipped={**tree.unreadable, **dropped, **unread},
                missing=missing,
                other={**tree.hidden, **unknown, chosen: "the table of labels"},
                otherwise=NOT_NAMED,
            ),
            notes=(*table.notes, *_notes(entries, merged)),
            unlabelled=unlabelled,
        )


def _notes(entries: Sequence[Entry], merged: int) -> list[str]:
    notes = []
    if merged:
        notes.append(f"{merged} rows repeat an earlier one and were merged with it")
    if not any(entry.patient for entry in entries):
        notes.append(
            "no column says which images are of one patient, so each counts as its own; "
            "name it with --column patient=NAME if there is one"
        )
    return notes


def _tree_of(path: Path) -> Tree:
    # Beside a table that is given by itself may lie a whole home folder: only its rows count.
    return list_files(path) if path.is_dir() else Tree(path.parent, (), {}, {})


def _resolver(path: Path, table: Path, tree: Tree) -> Resolver:
    folders = [table.parent, path] if path.is_dir() else [table.parent]
    return Resolver(folders, [file for file in tree.files if not is_table(file)])


def _follow(
    table: Table, path_column: str, resolver: Resolver
) -> tuple[list[_Row], dict[str, str]]:
    """Follow the path of every row; rows that lead nowhere come back with the reason."""
    rows: list[_Row] = []
    missing: dict[str, str] = {}
    for number, cell in enumerate(table.column(path_column)):
        line = f"{table.path.name}, line {table.lines[number]}"
        place = "no path" if is_empty(cell) else resolver.find(cell)
        if isinstance(place, str):
            missing[f"{line}: {cell}"] = place
            continue
        files = list_files(place).files if place.is_dir() else (place,)
        if files:
            rows.append(_Row(number, place, files))
        else:
            missing[f"{line}: {cell}"] = "the folder holds no file"
    if not rows or len(missing) > MISSING_SHARE * len(table):
        raise FileError(
            "The table names files that are not there.",
            got=f"{len(missing)} of {len(table)} missing, for example "
            + "; ".join(list(missing)[:3]),
            legal="paths from the table's folder, or absolute paths",
            next="move the table beside the images, or name the column with --column path=NAME",
            where=table.path,
        )
    return rows, missing


def _without_twins(
    rows: Sequence[_Row], table: Table, roles: Roles, truths: Truths
) -> tuple[list[_Row], int]:
    """Keep one row of each image; rows that disagree are an error."""
    first: dict[Path, _Row] = {}
    for row in rows:
        twin = first.setdefault(row.place.resolve(), row)
        if twin is row:
            continue
        lines = f"lines {table.lines[twin.number]} and {table.lines[row.number]}"
        if truths.targets[twin.number] != truths.targets[row.number]:
            raise LabelError(
                "Two rows give one image different labels.",
                got=lines,
                next="keep the right one; for several findings give one column per finding",
                where=table.path,
            )
        for name in (roles.split, roles.fold):
            if name and table.column(name)[twin.number] != table.column(name)[row.number]:
                raise SplitError(
                    "Two rows put one image into different parts.", got=lines, where=table.path
                )
    return list(first.values()), len(rows) - len(first)


def _without_dropped(
    rows: Sequence[_Row], table: Table, roles: Roles
) -> tuple[list[_Row], dict[Path, str]]:
    """Leave out the rows that the table itself says to drop, as the audit's proposal does."""
    if not roles.decision:
        return list(rows), {}
    decisions = table.column(roles.decision)
    reasons = table.column("why") if "why" in table.columns else ("",) * len(table)
    kept: list[_Row] = []
    dropped: dict[Path, str] = {}
    for row in rows:
        if decisions[row.number].lower() == "drop":
            why = f"the table says drop: {reasons[row.number]}".removesuffix(": ")
            dropped |= dict.fromkeys(row.files, why)
        else:
            kept.append(row)
    return kept, dropped


def _read_headers(
    rows: Sequence[_Row], read: _Read, options: IndexOptions, progress: Progress
) -> tuple[tuple[Entry, ...], dict[Path, str]]:
    """Read the headers of all rows, labelled first; what makes no case comes with the reason."""
    rows = sorted(rows, key=lambda row: read.truths.targets[row.number] is None)
    probed = probe_files([file for row in rows for file in row.files], progress)
    skipped = dict(probed.unreadable)
    entries: list[Entry] = []
    for row in rows:
        cases, unstackable = group_cases(
            {file: probed.headers[file] for file in row.files if file in probed.headers}
        )
        skipped |= unstackable
        if len(cases) == 1:
            entries.append(_entry(cases[0], row, read, options))
            continue
        reason = f"the folder holds {len(cases)} images, not one" if cases else "not an image"
        skipped |= {file: skipped.get(file, reason) for file in row.files}
    names = unique_names(entry.name for entry in entries)
    named = [replace(entry, name=name) for entry, name in zip(entries, names, strict=True)]
    return tuple(named), skipped


def _entry(case: Found, row: _Row, read: _Read, options: IndexOptions) -> Entry:
    entry = entry_from(case, relative_name(row.place, read.root), options)
    entry = replace(entry, target=read.truths.targets[row.number])
    roles = read.roles
    if entry.target is None and roles.split:
        # A row without a label may well be in a part of its own, such as "unlabelled".
        part = part_named(read.table.column(roles.split)[row.number])
        roles = roles if part else replace(roles, split="")
    return apply_row(entry, read.table, roles, row.number, options)
