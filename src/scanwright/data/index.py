"""What a data set holds: its cases, its task, and what became of every file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from scanwright.base import InputError, Options, Progress, option
from scanwright.data.box_flaw import BoxFlaw
from scanwright.data.entry import Entry
from scanwright.data.reference import shown
from scanwright.image import LabelScheme, Modality

TaskKind = Literal["classes", "findings", "grade", "number", "segmentation", "detection"]
"""One of K, any of K, one of K in an order, a number, or outlines of K structures or boxes."""

PLACED: frozenset[TaskKind] = frozenset({"segmentation", "detection"})
"""Tasks whose truth has a place in the image, so that no word in a table can say it."""


class IndexOptions(Options):
    """How a data set is recognised, where it does not speak for itself."""

    labels: Path | None = option(
        None,
        help="Table of labels (CSV, TSV, parquet) or COCO file, where it is not in the folder.",
    )
    label_column: tuple[str, ...] = option(
        (), help="Column of the label; several columns of 0 and 1 for several findings."
    )
    path_column: str = option("", help="Column of the image's path.")
    key_column: str = option(
        "", help="Column of the patient's, study's or series' identifier in the DICOM files."
    )
    patient_column: str = option("", help="Column that says whom a case belongs to.")
    site_column: str = option("", help="Column that says where a case was made.")
    split_column: str = option("", help="Column that says train, validation or test.")
    mask_column: tuple[str, ...] = option(
        (), help="Column of the mask's path; several columns each outline one structure."
    )
    resample_masks: bool = option(
        False, help="Bring masks that lie on another grid onto the grid of their image."
    )
    split_file: Path | None = option(
        None, help="Folds to follow: nnU-Net's splits_final.json, or a table with case and fold."
    )
    task: Literal["auto", "classes", "findings", "grade", "number", "segmentation", "detection"] = (
        option("auto", help="What the label is; auto looks at its values.")
    )
    box_format: Literal["auto", "xyxy", "xywh", "cxcywh"] = option(
        "auto", help="How a table gives a box: its edges, low corner and size, or centre and size."
    )
    box_unit: Literal["auto", "pixels", "shares", "mm"] = option(
        "auto", help="Unit of a table's boxes: pixels, shares of the image's size, or mm (LPS)."
    )
    order: tuple[str, ...] = option(
        (), help="All labels in their order: lowest grade first, or the positive class last."
    )
    modality: Literal["", "x-ray", "ct", "mri", "ultrasound", "other"] = option(
        "", help="How the images were made, where the files do not say."
    )
    unlabelled: bool = option(
        False, help="Index the images as they lie, without looking for labels."
    )
    merge_spellings: bool = option(
        False, help="Take labels that differ only in case or blanks for one, as the audit does."
    )
    allow_network: bool = option(False, help="Allow the download of a named data set.")

    def modality_or(self, known: Modality) -> Modality:
        """Return the modality that was asked for, else what is known."""
        return Modality(self.modality) if self.modality else known


@dataclass(frozen=True, slots=True)
class TaskHint:
    """What the labels suggest is to be learnt.

    Parameters
    ----------
    kind
        One of K classes, any of K findings, an ordered grade, a number, outlines, or boxes.
    labels
        The K labels in order (the lowest grade first; of two classes the positive one last); for
        a number its name; for outlines the names of the scheme; empty where nothing is labelled.
    reason
        Why it was read so.
    spellings
        (as written, as read) of labels that differ from one of `labels` only in case or blanks.
    scheme
        For outlines, what the values of every mask mean; None for all other kinds.
    """

    kind: TaskKind
    labels: tuple[str, ...]
    reason: str = ""
    spellings: tuple[tuple[str, str], ...] = ()
    scheme: LabelScheme | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or a case that is not used, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Account:
    """What became of every file: each is used, skipped for a reason, or something else.

    Parameters
    ----------
    skipped
        Inputs that should have been cases but cannot be, with the reason; rows of a table
        without a file included.
    other
        Files that are no cases: tables, hidden files, pictures that no table names.
    used
        Number of files that hold the cases.
    found
        Number of files found or named: always used + skipped + other.
    """

    skipped: tuple[Skipped, ...]
    other: tuple[Skipped, ...]
    used: int
    found: int

    def __post_init__(self) -> None:
        assert self.found == self.used + len(self.skipped) + len(self.other), "a file is lost"


@dataclass(frozen=True, slots=True)
class Index:
    """A data set.

    Parameters
    ----------
    root
        The folder or file that was indexed.
    layout
        Name of the layout that was recognised.
    described
        What was recognised, in one sentence.
    entries
        The cases.
    task
        What the labels suggest is to be learnt.
    files
        What became of every file.
    notes
        What a reader should know about how the data set was read.
    shared
        What to do by default with an image or patient on two sides of the data set's own split.
    unlabelled
        Images that lie among labelled ones and about which nothing is known; no split holds them.
    follows_folds
        Whether the split was asked to be that of the entries' folds; cases in none are left out.
    box_flaws
        Boxes that could not be taken as they were given.
    """

    root: Path
    layout: str
    described: str
    entries: tuple[Entry, ...]
    task: TaskHint
    files: Account
    notes: tuple[str, ...] = ()
    shared: Literal["error", "drop"] = "error"
    unlabelled: tuple[Entry, ...] = ()
    follows_folds: bool = False
    box_flaws: tuple[BoxFlaw, ...] = ()

    def __post_init__(self) -> None:
        everything = (*self.entries, *self.unlabelled)
        assert len({entry.name for entry in everything}) == len(everything), (
            "two cases have one name"
        )

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """Inputs that should have been cases but cannot be, with the reason."""
        return self.files.skipped

    def __len__(self) -> int:
        return len(self.entries)


NO_LABEL = "no label"
"""What is said of an image that may serve, but not to learn from as it is."""


def account_for(
    entries: Iterable[Entry],
    files: Iterable[Path],
    *,
    skipped: Mapping[Path, str],
    missing: Mapping[str, str],
    other: Mapping[Path, str],
    otherwise: str,
) -> Account:
    """Account for every file.

    Parameters
    ----------
    files
        All files that were found.
    skipped
        Files that should have been cases → why they are not.
    missing
        What has no file, such as a row of a table, in words → why it is skipped.
    other
        Files that are no cases → why.
    otherwise
        Reason for files found that are neither used, skipped nor in `other`.

    Returns
    -------
    A file that is used counts as used, whatever else is said of it.
    """
    used = {path for entry in entries for path in entry.files}
    left = {path: why for path, why in skipped.items() if path not in used}
    rest = {path: other.get(path, otherwise) for path in [*files, *other]}
    rest = {path: why for path, why in rest.items() if path not in used and path not in left}
    named = [*((shown(path), why) for path, why in left.items()), *missing.items()]
    return Account(
        skipped=tuple(Skipped(*item) for item in sorted(named)),
        other=tuple(Skipped(shown(path), why) for path, why in sorted(rest.items())),
        used=len(used),
        found=len(used) + len(left) + len(missing) + len(rest),
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure a layout is that a place follows it.

    Parameters
    ----------
    strength
        1 possible, 2 likely, 3 certain.
    reason
        What it saw.
    """

    strength: int
    reason: str


class Layout(Protocol):
    """One way in which data sets lie on disk."""

    accepts: str
    """What it looks like, in a few words."""
    takes_columns: bool
    """Whether the columns named in the options can mean anything to it."""

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Say whether a place follows this layout, at a glance; None if not."""

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the place."""


def reason_of(error: InputError | OSError) -> str:
    """Return why a file cannot be used, on one line, without its path."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    got = f" ({error.got})" if error.got is not None else ""
    return f"{error.what}{got}"
