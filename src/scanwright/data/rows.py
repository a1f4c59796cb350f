"""What a row of a table adds to a case: patient, site, part, modality and subgroups."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from scanwright.base import LabelError, SplitError
from scanwright.data.columns import Roles, simple_name
from scanwright.data.entry import Entry
from scanwright.data.index import IndexOptions, TaskHint
from scanwright.data.official import part_named
from scanwright.data.table import Table, is_empty
from scanwright.image import DICOM_MODALITIES, Modality

MODALITY_WORDS: Mapping[str, Modality] = {
    **{simple_name(code): kind for code, kind in DICOM_MODALITIES.items()},
    **{simple_name(kind.value): kind for kind in Modality},
    **dict.fromkeys(("xr", "cxr", "radiograph", "mammography"), Modality.XRAY),
    "computedtomography": Modality.CT,
    **dict.fromkeys(("mri", "magneticresonance"), Modality.MRI),
    "sonography": Modality.ULTRASOUND,
}
"""Word in a modality column, simplified → modality."""


def apply_row(
    entry: Entry, table: Table, roles: Roles, number: int, options: IndexOptions
) -> Entry:
    """Add what row `number` says to a case; an empty cell leaves what the file said.

    Raises
    ------
    SplitError
        The part is none of train, validation and test.
    LabelError
        The modality is unknown.
    """

    def cell(name: str) -> str:
        if not name:
            return ""
        value = table.rows[number][table.columns.index(name)]
        return "" if is_empty(value) else value

    line = f"{table.path.name}, line {table.lines[number]}"
    subgroups = {name: cell(name) for name in roles.subgroups if cell(name)}
    known = _modality(cell(roles.modality), line) or entry.modality
    return replace(
        entry,
        patient=cell(roles.patient) or entry.patient,
        site=cell(roles.site) or entry.site,
        split=_part(cell(roles.split), line),
        fold=cell(roles.fold),
        subgroups={**entry.subgroups, **subgroups},
        modality=options.modality_or(known),
    )


def label_cells(table: Table, roles: Roles) -> dict[str, Sequence[str]]:
    """Return the cells of the label's columns."""
    return {name: table.column(name) for name in roles.label}


def row_names(table: Table) -> list[str]:
    """Return what to call each row in a message."""
    return [f"line {line}" for line in table.lines]


def described_columns(first: str, roles: Roles, task: TaskHint) -> str:
    """Say which column was taken for what."""
    parts = [f'images by "{first}"', f"{task.kind} by {_quoted(roles.label)}"]
    for word, name in (
        ("patients", roles.patient),
        ("sites", roles.site),
        ("split", roles.split),
        ("folds", roles.fold),
    ):
        if name:
            parts.append(f'{word} by "{name}"')
    if roles.subgroups:
        parts.append(f"subgroups by {_quoted(roles.subgroups)}")
    return ", ".join(parts)


def _quoted(names: Sequence[str]) -> str:
    if len(names) > 4:
        return f'"{names[0]}" and {len(names) - 1} more columns'
    return ", ".join(f'"{name}"' for name in names)


def _part(cell: str, line: str) -> str:
    if not cell:
        return ""
    part = part_named(cell)
    if part is None:
        raise SplitError(
            "A row is in no known part.",
            got=cell,
            legal="train, validation, test, or empty",
            next="correct it, or name another column with --column split=NAME",
            where=line,
        )
    return part


def _modality(cell: str, line: str) -> Modality | None:
    if not cell:
        return None
    known = MODALITY_WORDS.get(simple_name(cell))
    if known is None:
        raise LabelError(
            "A modality is unknown.",
            got=cell,
            legal=", ".join(kind.value for kind in Modality),
            where=line,
        )
    return known
