"""A tree of DICOM files and a table keyed by patient, study, series or instance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scanwright.base import FileError, LabelError, Progress
from scanwright.data.columns import asked_column, find_roles, simple_name
from scanwright.data.entry import Entry
from scanwright.data.index import NO_LABEL, Index, IndexOptions, Verdict, account_for
from scanwright.data.probing import Found, entry_from, group_cases, probe_files
from scanwright.data.rows import apply_row, described_columns, label_cells, row_names
from scanwright.data.table import Table, is_empty, is_table, read_table
from scanwright.data.table_choice import find_table
from scanwright.data.truth import Truths, read_truths
from scanwright.data.walk import list_files, relative_name
from scanwright.io import Header

KEYS = ("instance_uid", "series_uid", "study_uid", "patient_id")
"""Identifiers in a header, the most specific first."""
KEY_NAMES = {
    "instance_uid": ("sopinstanceuid", "instanceuid", "sopuid"),
    "series_uid": ("seriesinstanceuid", "seriesuid", "seriesid", "series"),
    "study_uid": ("studyinstanceuid", "studyuid", "studyid", "study"),
    "patient_id": ("patientid", "patient", "subjectid", "subject"),
}
"""Identifier → names of its column, in lower case, letters and digits only."""
SPOKEN = {
    "instance_uid": "image",
    "series_uid": "series",
    "study_uid": "study",
    "patient_id": "patient",
}


@dataclass(frozen=True, slots=True)
class _Key:
    """A column of the table and the identifier in the headers that it holds."""

    column: str
    attribute: str

    def of(self, header: Header) -> str:
        """Return the identifier of a file."""
        return str(getattr(header, self.attribute))


class DicomTree:
    """The files say who they are; a table says what is true of each patient, study or series."""

    accepts = "a tree of DICOM files with a table keyed by patient, study or series"
    takes_columns = True

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise a folder and a table with the column of an identifier."""
        chosen = find_table(path, options) if path.is_dir() else None
        if chosen is None:
            return None
        columns = _key_columns(read_table(chosen), options)
        if not columns:
            return None
        return Verdict(2, f'column "{columns[0].column}" of {chosen.name} identifies images')

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the series and single images of the tree.

        Raises
        ------
        LabelError
            No identifier of the table is in the files, two rows of one identifier disagree, or
            the label column is ambiguous.
        FileError
            There is no DICOM file.
        """
        chosen = find_table(path, options)
        assert chosen is not None, "the layout was recognised"
        table = read_table(chosen)
        tree = list_files(path)
        probed = probe_files([file for file in tree.files if not is_table(file)], progress)
        dicom = {file: header for file, header in probed.headers.items() if header.study_uid}
        cases, unstackable = group_cases(dicom)
        if not cases:
            raise FileError("The folder holds no DICOM image.", where=path)
        key = _choose_key(_key_columns(table, options), table, cases)
        roles = find_roles(table, options, (key.column,))
        truths = read_truths(label_cells(table, roles), options, row_names(table))
        row_of = _rows_by_key(table, key, truths)
        entries: list[Entry] = []
        unlabelled: list[Entry] = []
        skipped = {**tree.unreadable, **probed.unreadable, **unstackable}
        for case in cases:
            number = row_of.get(key.of(case.header))
            if number is None:
                reason = f"no row for its {SPOKEN[key.attribute]} in {chosen.name}"
                skipped |= dict.fromkeys(case.reference.files, reason)
                continue
            entry = entry_from(case, relative_name(case.first_file, path), options)
            entry = replace(entry, target=truths.targets[number])
            entry = apply_row(entry, table, roles, number, options)
            (unlabelled if entry.target is None else entries).append(entry)
        unknown = {file: NO_LABEL for entry in unlabelled for file in entry.reference.files}
        word = SPOKEN[key.attribute]
        columns = described_columns(key.column, roles, truths.task)
        return Index(
            root=path,
            layout="dicom-tree",
            described=f"a DICOM tree of {len(cases)} images and a table ({chosen.name}) "
            f"by {word}: {columns}",
            entries=tuple(entries),
            task=truths.task,
            files=account_for(
                entries,
                (*tree.files, chosen),
                skipped=skipped,
                missing=_rows_without_files(table, key, cases),
                other={
                    **tree.hidden,
                    **probed.other,
                    **unknown,
                    chosen: "the table of labels",
                },
                otherwise="not DICOM",
            ),
            notes=(*table.notes, *_notes(entries, key)),
            unlabelled=tuple(unlabelled),
        )


def _key_columns(table: Table, options: IndexOptions) -> list[_Key]:
    """Return the columns that may identify images, the most specific first."""
    if options.key_column:
        column = asked_column(table, options.key_column, "--column key=NAME")
        return [_Key(column, attribute) for attribute in KEYS]
    simple = {simple_name(name): name for name in table.columns}
    return [
        _Key(simple[name], attribute)
        for attribute in KEYS
        for name in KEY_NAMES[attribute]
        if name in simple
    ]


def _choose_key(keys: Sequence[_Key], table: Table, cases: Sequence[Found]) -> _Key:
    """Return the most specific identifier that the table and the files share."""
    for key in keys:
        inside = {key.of(case.header) for case in cases} - {""}
        if inside & set(table.column(key.column)):
            return key
    names = ", ".join(dict.fromkeys(key.column for key in keys))
    raise LabelError(
        "No identifier in the table is in the DICOM files.",
        got=f"columns {names}",
        legal="Patient ID, or Study, Series or SOP Instance UID as in the files",
        next="name the column with --column key=NAME; blinded files may bear other identifiers",
        where=table.path,
    )


def _rows_by_key(table: Table, key: _Key, truths: Truths) -> dict[str, int]:
    """Return identifier → row; rows of one identifier must agree."""
    row_of: dict[str, int] = {}
    for number, cell in enumerate(table.column(key.column)):
        if is_empty(cell):
            continue
        first = row_of.setdefault(cell, number)
        if truths.targets[first] != truths.targets[number]:
            raise LabelError(
                f"Two rows give one {SPOKEN[key.attribute]} different labels.",
                got=f"lines {table.lines[first]} and {table.lines[number]}",
                next="keep the right one, or key the table by study or series",
                where=table.path,
            )
    return row_of


def _rows_without_files(table: Table, key: _Key, cases: Sequence[Found]) -> dict[str, str]:
    inside = {key.of(case.header) for case in cases}
    # Lines only, not the cell: it is a patient's identifier.
    return {
        f"{table.path.name}, line {table.lines[number]}": f"no {SPOKEN[key.attribute]} of this "
        "identifier in the files"
        for number, cell in enumerate(table.column(key.column))
        if cell not in inside
    }


def _notes(entries: Sequence[Entry], key: _Key) -> list[str]:
    if key.attribute == "patient_id":
        patients = {entry.patient for entry in entries}
        if len(patients) < len(entries):
            return [
                f"{len(entries)} images of {len(patients)} patients: every image of a patient "
                "carries the patient's label; key the table by series to choose among them"
            ]
    return []
