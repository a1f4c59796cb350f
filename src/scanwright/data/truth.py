"""What cells of a table say is true of a case: a class, several findings, a grade or a number."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from scanwright.base import LabelError
from scanwright.data.columns import MOST_CLASSES, simple_name
from scanwright.data.index import IndexOptions, TaskHint
from scanwright.data.table import is_empty
from scanwright.image import ClassTarget, GradeTarget, LabelsTarget, NumberTarget, Target

CellKind = Literal["classes", "findings", "grade", "number"]
"""What cells can say: all kinds of task but outlines, which lie in files of their own."""
SEPARATORS = ("|", ";")
"""What stands between several findings in one cell."""
NO_FINDING_WORDS = frozenset({"nofinding", "nofindings", "none", "normal"})
"""A cell of findings that says there are none."""
YES_WORDS = frozenset({"1", "1.0", "true", "yes", "y", "positive"})
NO_WORDS = frozenset({"0", "0.0", "-0.0", "false", "no", "n", "negative"})
GRADE_NAMES = frozenset({"grade", "stage", "severity", "score", "birads", "kl", "klgrade", "level"})
"""Column names whose whole numbers are ordered."""
MOST_GRADES = 20
NEGATIVE_START = re.compile(
    r"(no|not|non|without|normal|negative|healthy|control|absent|absence|benign|false|0)(?![a-z])"
    r"|non(?=[A-Z])"
)
"""How the name of the class begins that is listed before the other of two."""


@dataclass(frozen=True, slots=True)
class Truths:
    """The truths of N rows.

    Parameters
    ----------
    task
        What kind they are of.
    targets
        One per row; None where the row says nothing.
    """

    task: TaskHint
    targets: tuple[Target | None, ...]


def read_truths(
    columns: Mapping[str, Sequence[str]], options: IndexOptions, rows: Sequence[str]
) -> Truths:
    """Read the truths of all rows.

    Parameters
    ----------
    columns
        The label's column, or several of 0 and 1: name → N cells.
    rows
        What to call each row in a message ("line 7").

    Raises
    ------
    LabelError
        A cell does not fit the kind of label, or is not among the labels that were listed.
    """
    if len(columns) > 1:
        return _from_several(columns, options, rows)
    ((name, cells),) = columns.items()
    if options.merge_spellings:
        return _merged(name, cells, options, rows)
    known = sorted({cell for cell in cells if not is_empty(cell)})
    if not known:
        raise LabelError("No row has a label.", where=f'column "{name}"')
    kind, reason = _kind(name, known, options, len(cells))
    return READERS[kind](name, cells, options, rows, reason)


def _merged(name: str, cells: Sequence[str], options: IndexOptions, rows: Sequence[str]) -> Truths:
    """Read truths after labels that differ only in case or blanks were made one."""
    other = one_spelling((cell for cell in cells if not is_empty(cell)), options.order)
    plain = options.model_copy(update={"merge_spellings": False})
    read = read_truths({name: [other.get(cell, cell) for cell in cells]}, plain, rows)
    return replace(read, task=replace(read.task, spellings=tuple(other.items())))


def in_natural_order(labels: set[str]) -> tuple[str, ...]:
    """Return labels sorted, numbers in them by value, the negative one of two first.

    >>> in_natural_order({"type 10", "type 9"})
    ('type 9', 'type 10')
    >>> in_natural_order({"COVID", "NonCOVID"})
    ('NonCOVID', 'COVID')
    """
    ordered = sorted(labels, key=_natural_key)
    if len(ordered) == 2:
        ordered.sort(key=lambda label: not _is_negative(label))
    return tuple(ordered)


def class_labels(labels: set[str], order: Sequence[str]) -> tuple[str, ...]:
    """Return the classes in their order.

    Raises
    ------
    LabelError
        Two labels differ only in case or blanks and no order was given, or the order names a
        label twice or leaves one out.
    """
    if order:
        return _checked_order(labels, order)
    by_simple: dict[str, str] = {}
    for label in sorted(labels):
        twin = by_simple.setdefault(" ".join(label.lower().split()), label)
        if twin != label:
            raise LabelError(
                "Two labels differ only in case or blanks.",
                got=f'"{twin}" and "{label}"',
                next="write them alike, or list all labels with --order to keep them apart",
            )
    return in_natural_order(labels)


def one_spelling(labels: Iterable[str], order: Sequence[str]) -> dict[str, str]:
    """Return label as written → label as read, where the two differ only in case or blanks.

    The spelling in the order is right, else the most frequent one, else the first by the alphabet.

    >>> one_spelling(["benign", " Benign", "benign", "malignant"], ())
    {' Benign': 'benign'}
    """
    counts = Counter(labels)
    right: dict[str, str] = {}
    for label in sorted(counts, key=lambda one: (one not in order, -counts[one], one)):
        right.setdefault(" ".join(label.lower().split()), " ".join(label.split()))
    read = {label: right[" ".join(label.lower().split())] for label in sorted(counts)}
    return {label: spelling for label, spelling in read.items() if label != spelling}


def _checked_order(labels: set[str], order: Sequence[str]) -> tuple[str, ...]:
    if len(set(order)) < len(order):
        raise LabelError("--order names a label twice.", got=", ".join(order))
    unknown = labels - set(order)
    if unknown:
        raise LabelError(
            "Labels are unknown.",
            got=", ".join(sorted(unknown)[:5]),
            legal=", ".join(order),
            next="correct them, or add them to --order",
        )
    return tuple(order)


def _natural_key(label: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.findall(r"\d+|\D+", label.lower())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def _is_negative(label: str) -> bool:
    lower = NEGATIVE_START.match(label.lower().replace("_", " "))
    return lower is not None or NEGATIVE_START.match(label[:1].lower() + label[1:]) is not None


def _kind(name: str, known: list[str], options: IndexOptions, count: int) -> tuple[CellKind, str]:
    if options.task == "segmentation":
        raise LabelError(
            "No column of the table leads to masks.",
            got=f'the label by "{name}"',
            next="add a column with the path of each mask, or name it with --column mask=NAME",
        )
    if options.task == "detection":
        raise LabelError(
            "The table has no columns of boxes.",
            got=f'the label by "{name}"',
            legal="xmin, ymin, xmax, ymax; x, y, width, height; or coordX, coordY, coordZ, "
            "diameter_mm",
            next="name the columns so, one row for each box",
        )
    if options.task != "auto":
        return options.task, "as asked with --task"
    if any(mark in cell for cell in known for mark in SEPARATORS):
        return "findings", f'cells of "{name}" hold several labels'
    numbers = [_number(cell) for cell in known]
    whole = [value for value in numbers if value is not None and value.is_integer()]
    if len(whole) == len(known):
        return _kind_of_whole_numbers(name, len(known), options)
    if None not in numbers:
        return "number", f'"{name}" holds numbers with fractions'
    if options.order and simple_name(name) in GRADE_NAMES:
        return "grade", f'"{name}" is a grade, in the order given'
    if len(known) > MOST_CLASSES and len(known) * 2 > count:
        raise LabelError(
            f'Nearly every row has its own value in "{name}".',
            got=f"{len(known)} values in {count} rows",
            next="name the label's column with --label-column",
        )
    return "classes", f'"{name}" holds {len(known)} names'


def _kind_of_whole_numbers(name: str, count: int, options: IndexOptions) -> tuple[CellKind, str]:
    if count > 2 and count <= MOST_GRADES and simple_name(name) in GRADE_NAMES:
        return "grade", f'"{name}" holds {count} whole numbers and is called a grade'
    if count > MOST_GRADES and not options.order:
        return "number", f'"{name}" holds {count} different whole numbers'
    hint = "; --task grade or number reads them otherwise" if count > 2 else ""
    return "classes", f'"{name}" holds {count} whole numbers, read as classes{hint}'


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _plain(cell: str) -> str:
    """Return a cell as a label: "1.0" is "1"."""
    value = _number(cell)
    is_whole = value is not None and value.is_integer() and re.fullmatch(r"-?\d+\.0+", cell)
    return str(int(value)) if is_whole and value is not None else cell


def _classes(
    name: str, cells: Sequence[str], options: IndexOptions, rows: Sequence[str], reason: str
) -> Truths:
    named = [None if is_empty(cell) else _plain(cell) for cell in cells]
    _refuse_unknown(named, options.order, rows)
    labels = class_labels({cell for cell in named if cell is not None}, options.order)
    targets = tuple(None if cell is None else ClassTarget(cell) for cell in named)
    return Truths(TaskHint("classes", labels, reason), targets)


def _findings(
    name: str, cells: Sequence[str], options: IndexOptions, rows: Sequence[str], reason: str
) -> Truths:
    sets = [None if is_empty(cell) else _split_findings(cell) for cell in cells]
    labels = class_labels({one for found in sets if found for one in found}, options.order)
    targets = tuple(None if found is None else LabelsTarget(found) for found in sets)
    ordered = labels if options.order else tuple(sorted(labels, key=_natural_key))
    return Truths(TaskHint("findings", ordered, reason), targets)


def _split_findings(cell: str) -> frozenset[str]:
    for mark in SEPARATORS[1:]:
        cell = cell.replace(mark, SEPARATORS[0])
    parts = (part.strip() for part in cell.split(SEPARATORS[0]))
    return frozenset(p for p in parts if p and simple_name(p) not in NO_FINDING_WORDS)


def _grades(
    name: str, cells: Sequence[str], options: IndexOptions, rows: Sequence[str], reason: str
) -> Truths:
    named = [None if is_empty(cell) else _plain(cell) for cell in cells]
    present = {cell for cell in named if cell is not None}
    _refuse_unknown(named, options.order, rows)
    if not options.order and any(not re.fullmatch(r"-?\d+", cell) for cell in present):
        raise LabelError(
            "Grades that are not whole numbers need their order.",
            got=", ".join(sorted(present)[:8]),
            next="list them with --order, the lowest first",
            where=f'column "{name}"',
        )
    order = class_labels(present, options.order or sorted(present, key=int))
    place = {label: grade for grade, label in enumerate(order)}
    targets = tuple(None if cell is None else GradeTarget(place[cell]) for cell in named)
    return Truths(TaskHint("grade", order, reason), targets)


def _numbers(
    name: str, cells: Sequence[str], options: IndexOptions, rows: Sequence[str], reason: str
) -> Truths:
    values = [None if is_empty(cell) else _number(cell) for cell in cells]
    bad = [
        place for place, cell in enumerate(cells) if values[place] is None and not is_empty(cell)
    ]
    if bad:
        raise LabelError(
            "A label is not a finite number.",
            got=_some([f'"{cells[place]}" ({rows[place]})' for place in bad]),
            next="leave the cell empty where the number is not known",
            where=f'column "{name}"',
        )
    targets = tuple(None if value is None else NumberTarget(value) for value in values)
    return Truths(TaskHint("number", (name,), reason), targets)


def _from_several(
    columns: Mapping[str, Sequence[str]], options: IndexOptions, rows: Sequence[str]
) -> Truths:
    names = tuple(columns)
    if options.order:
        names = _checked_order(set(names), options.order)
    table = [[_yes(columns[name][row]) for name in names] for row in range(len(rows))]
    bad = [
        f'"{columns[name][row]}" ({rows[row]}, "{name}")'
        for row in range(len(rows))
        for place, name in enumerate(names)
        if table[row][place] is None and not is_empty(columns[name][row])
    ]
    if bad:
        raise LabelError(
            "Columns of findings hold something else than 0 and 1.",
            got=_some(bad),
            legal="0, 1, true, false, yes, no, or empty where it is not known",
        )
    # A row with an unknown cell says too little to learn all findings from.
    known = [row if None not in row else None for row in table]
    is_one_hot = all(row is None or sum(map(bool, row)) == 1 for row in known)
    if options.task == "classes" or (options.task == "auto" and is_one_hot):
        return _from_one_hot(names, known, rows)
    if options.task not in ("auto", "findings"):
        raise LabelError(f"A {options.task} needs one label column.", got=", ".join(names))
    targets = tuple(
        None if row is None else LabelsTarget(frozenset(n for n, yes in zip(names, row) if yes))  # noqa: B905
        for row in known
    )
    return Truths(TaskHint("findings", names, "several columns of 0 and 1"), targets)


def _from_one_hot(
    names: tuple[str, ...], known: Sequence[Sequence[bool | None] | None], rows: Sequence[str]
) -> Truths:
    bad = [
        rows[place]
        for place, row in enumerate(known)
        if row is not None and sum(map(bool, row)) != 1
    ]
    if bad:
        raise LabelError(
            "Exactly one column of classes must be 1.",
            got=_some(bad),
            next="use --task findings if several may be present",
        )
    targets = tuple(None if row is None else ClassTarget(names[row.index(True)]) for row in known)
    hint = TaskHint("classes", names, "exactly one of the columns is 1 in every row")
    return Truths(hint, targets)


def _yes(cell: str) -> bool | None:
    word = cell.lower()
    if word in YES_WORDS:
        return True
    return False if word in NO_WORDS else None


def _refuse_unknown(cells: Sequence[str | None], order: Sequence[str], rows: Sequence[str]) -> None:
    if not order:
        return
    bad = [
        f'"{cell}" ({rows[place]})'
        for place, cell in enumerate(cells)
        if cell is not None and cell not in order
    ]
    if bad:
        raise LabelError(
            "Labels are unknown.",
            got=_some(bad),
            legal=", ".join(order),
            next="correct them, or add them to --order",
        )


def _some(items: Sequence[str], most: int = 5) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


Reader = Callable[[str, Sequence[str], IndexOptions, Sequence[str], str], Truths]
READERS: dict[CellKind, Reader] = {
    "classes": _classes,
    "findings": _findings,
    "grade": _grades,
    "number": _numbers,
}
