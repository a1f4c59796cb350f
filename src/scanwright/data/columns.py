"""Which column of a table says what: path, label, patient, site, split, subgroups."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from scanwright.base import LabelError, unknown_name
from scanwright.data.index import IndexOptions
from scanwright.data.table import Table, is_empty

# Names are compared in lower case without anything but letters and digits.
PATH_NAMES = (
    *("path", "filepath", "imagepath", "file", "filename", "imagefile", "imagefilename"),
    *("image", "imagename", "imageindex", "imageid", "img", "imgpath", "imgname"),
    *("dicompath", "dicom", "dcm", "scan", "scanpath", "volume", "volumepath", "niftipath"),
)
FIRST_LABEL_NAMES = ("label", "labels", "class", "classes", "target")
OTHER_LABEL_NAMES = (
    *("diagnosis", "dx", "category", "finding", "findings", "findinglabel", "findinglabels"),
    "pathology",
    *("grade", "stage", "severity", "score", "outcome", "groundtruth", "truth", "y"),
    *("classname", "classlabel", "labelname", "disease", "abnormality"),
)
PATIENT_NAMES = (
    *("patientid", "patient", "subjectid", "subject", "participantid", "participant"),
    *("personid", "person", "pid"),
)
SITE_NAMES = (
    *("site", "siteid", "hospital", "center", "centre", "institution", "institutionname"),
    "source",
)
SPLIT_NAMES = ("split", "set", "subset", "partition", "datasplit", "datasetsplit")
FOLD_NAMES = ("fold", "cvfold", "folds", "foldid")
DECISION_NAMES = ("decision", "keepordrop")
DECISIONS = frozenset({"keep", "drop"})
"""What the cells of a column of decisions hold, lower case, or nothing."""
MODALITY_NAMES = ("modality", "imagingmodality")
NEVER_SUBGROUPS = ("mask", "segmentation", "md5", "sha", "hash", "width", "height", "index")
"""Words in a column's name that say it describes the file, not the patient."""

PATH_SHARE = 0.5
"""A column holds paths when at least this share of its cells leads to a file."""
SAMPLE_ROWS = 200
MOST_SUBGROUPS = 12
"""A column with more distinct values than this is no subgroup."""
MOST_CLASSES = 50
"""A column with more distinct values than this is not taken for a label by itself."""


@dataclass(frozen=True, slots=True)
class Roles:
    """What each column of a table says; empty where no column says it."""

    path: str = ""
    label: tuple[str, ...] = ()
    patient: str = ""
    site: str = ""
    split: str = ""
    fold: str = ""
    modality: str = ""
    decision: str = ""
    subgroups: tuple[str, ...] = ()


def find_path_column(table: Table, options: IndexOptions, leads: Callable[[str], bool]) -> str:
    """Return the column of image paths, or an empty name.

    Parameters
    ----------
    leads
        Whether a cell leads to a file or folder.

    Raises
    ------
    LabelError
        Several columns hold paths and none has a usual name.
    """
    if options.path_column:
        return asked_column(table, options.path_column, "--column path=NAME")
    known = _named(table, PATH_NAMES)
    good = [name for name in table.columns if share_leading(table, name, leads) >= PATH_SHARE]
    for name in known:
        if name in good:
            return name
    images = [name for name in good if not _is_called(name, ("mask", "seg", "label"))]
    if len(images) > 1:
        raise LabelError(
            "Several columns hold paths.",
            got=", ".join(images),
            next="name the images' column with --column path=NAME",
            where=table.path,
        )
    if images:
        return images[0]
    return known[0] if known and _looks_like_paths(table, known[0]) else ""


def find_roles(table: Table, options: IndexOptions, taken: Sequence[str]) -> Roles:
    """Find what each column says.

    Parameters
    ----------
    taken
        Columns already spoken for: the path's, the keys'. They can still name the patient.

    Raises
    ------
    LabelError
        No column, or several, could hold the label.
    RecipeError
        A column that was asked for does not exist.
    """
    plain = find_plain_roles(table, options, taken)
    label = _label_columns(table, options, _spoken_for(plain, taken))
    subgroups = tuple(name for name in plain.subgroups if name not in label)
    return replace(plain, label=label, subgroups=subgroups)


def find_plain_roles(table: Table, options: IndexOptions, taken: Sequence[str]) -> Roles:
    """Find what each column says but for the label, which nothing needs to be.

    Raises
    ------
    RecipeError
        A column that was asked for does not exist.
    """
    plain = Roles(
        path=taken[0] if taken else "",
        patient=_role(table, options.patient_column, "--column patient=NAME", PATIENT_NAMES),
        site=_role(table, options.site_column, "--column site=NAME", SITE_NAMES),
        split=_role(table, options.split_column, "--column split=NAME", SPLIT_NAMES),
        fold=_role(table, "", "", FOLD_NAMES),
        modality=_role(table, "", "", MODALITY_NAMES),
        decision=_decision(table),
    )
    others = _spoken_for(plain, taken)
    free = [name for name in table.columns if name not in others]
    return replace(plain, subgroups=tuple(name for name in free if _is_subgroup(table, name)))


def _spoken_for(plain: Roles, taken: Sequence[str]) -> set[str]:
    """Return the columns that can be no label and no subgroup."""
    others = {*taken, plain.patient, plain.site, plain.split, plain.fold, plain.modality}
    return {*others, plain.decision, "why"} if plain.decision else others


def asked_column(table: Table, name: str, flag: str) -> str:
    """Return a column that was asked for by name.

    Raises
    ------
    RecipeError
        It does not exist.
    """
    if name not in table.columns:
        raise unknown_name("column", name, list(table.columns), where=f"{flag}, {table.path}")
    return name


def share_leading(table: Table, name: str, leads: Callable[[str], bool]) -> float:
    """Return the share of a column's cells that lead to a file; of many cells, of some."""
    cells = [cell for cell in table.column(name) if not is_empty(cell)]
    # Every k-th cell: a table sorted by folder may begin with missing ones.
    sample = cells[:: max(1, len(cells) // SAMPLE_ROWS)]
    return sum(map(leads, sample)) / len(sample) if sample else 0.0


def simple_name(name: str) -> str:
    """Return a column's name in lower case, letters and digits only."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _role(table: Table, asked: str, flag: str, names: Sequence[str]) -> str:
    if asked:
        return asked_column(table, asked, flag)
    known = [name for name in _named(table, names) if not all(map(is_empty, table.column(name)))]
    return known[0] if known else ""


def _decision(table: Table) -> str:
    """Return the column that says keep or drop, as the audit's proposal has it."""
    for name in _named(table, DECISION_NAMES):
        if {cell.lower() for cell in table.column(name) if not is_empty(cell)} <= DECISIONS:
            return name
    return ""


def _named(table: Table, names: Sequence[str]) -> list[str]:
    """Return the columns with one of these names, in the order of the names."""
    by_simple: dict[str, str] = {}
    for name in table.columns:
        by_simple.setdefault(simple_name(name), name)
    return [by_simple[name] for name in names if name in by_simple]


def _label_columns(table: Table, options: IndexOptions, others: set[str]) -> tuple[str, ...]:
    if options.label_column:
        return tuple(asked_column(table, name, "--label-column") for name in options.label_column)
    free = [name for name in table.columns if name not in others]
    for names in (FIRST_LABEL_NAMES, OTHER_LABEL_NAMES):
        known = [
            name
            for name in _named(table, names)
            if name in free and not all(map(is_empty, table.column(name)))
        ]
        if len(known) == 1:
            return (known[0],)
        if known:
            raise _ambiguous(table, known)
    candidates = [name for name in free if _could_be_label(table, name)]
    if len(candidates) == 1 or (candidates and all(_is_yes_no(table, c) for c in candidates)):
        return tuple(candidates)
    raise _ambiguous(table, candidates)


def _ambiguous(table: Table, candidates: list[str]) -> LabelError:
    what = "Several columns could be the label." if candidates else "No column looks like a label."
    return LabelError(
        what,
        got=", ".join(candidates or table.columns),
        next="name it with --label-column (several times for several findings)",
        where=table.path,
    )


def _could_be_label(table: Table, name: str) -> bool:
    if _is_called(name, NEVER_SUBGROUPS):
        return False
    known = {cell for cell in table.column(name) if not is_empty(cell)}
    return 2 <= len(known) <= min(MOST_CLASSES, max(2, len(table) // 2))


def _is_yes_no(table: Table, name: str) -> bool:
    return {cell for cell in table.column(name) if not is_empty(cell)} <= {"0", "1", "0.0", "1.0"}


def _is_subgroup(table: Table, name: str) -> bool:
    if _is_called(name, NEVER_SUBGROUPS):
        return False
    known = {cell for cell in table.column(name) if not is_empty(cell)}
    return 2 <= len(known) <= min(MOST_SUBGROUPS, max(2, len(table) // 2))


def _is_called(name: str, words: Sequence[str]) -> bool:
    return any(word in name.lower() for word in words)


def _looks_like_paths(table: Table, name: str) -> bool:
    """Whether cells of a column by the name of a path have endings or slashes."""
    cells = [cell for cell in table.column(name) if not is_empty(cell)]
    return sum(map(_looks_like_a_path, cells)) * 2 >= len(cells) > 0


def _looks_like_a_path(cell: str) -> bool:
    # Digits and dots alone are a number or a DICOM identifier.
    return any(mark in cell for mark in "./\\") and not set(cell) <= set("0123456789.")
