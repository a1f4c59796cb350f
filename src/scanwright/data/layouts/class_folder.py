"""A folder per class: folder/class/image, or folder/train|val|test/class/image."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from scanwright.base import LabelError, Progress
from scanwright.data.columns import simple_name
from scanwright.data.entry import Entry
from scanwright.data.index import (
    NO_LABEL,
    PLACED,
    Index,
    IndexOptions,
    TaskHint,
    TaskKind,
    Verdict,
    account_for,
)
from scanwright.data.mask_pairing import match_beside, roles_beside
from scanwright.data.official import part_named
from scanwright.data.probing import Found, entry_from, group_cases, probe_files
from scanwright.data.table import is_table
from scanwright.data.truth import class_labels, one_spelling
from scanwright.data.walk import Tree, list_files, relative_name
from scanwright.image import ClassTarget, GradeTarget

NO_CLASS = "lies in no class folder"
NO_PART = "lies in none of the train, validation and test folders"
CONTAINERS = frozenset(
    {"images", "image", "imgs", "img", "data", "dataset", "all", "raw", "pictures", "scans"}
)
"""Names of a folder that holds the class folders and is none itself."""
UNLABELLED_FOLDERS = frozenset({"unlabelled", "unlabeled", "nolabel", "nolabels", "unknown"})
"""Names, letters only, of a folder beside the classes whose images have no label yet."""
LEAST_MASKED = 0.25
"""Share of images with a mask of their name beside them from which on these are masks indeed."""
MASK_FOLDERS = frozenset({"mask", "masks", "annotations", "segmentations"})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a case lies: its part, its class, and the folder below the class if there is one."""

    part: str
    label: str
    patient: str


class ClassFolder:
    """The name of a folder is the label of what lies in it."""

    accepts = "a folder per class, with or without train, val and test folders above them"
    takes_columns = False

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise a folder that holds folders."""
        if not path.is_dir() or options.labels is not None or options.task in PLACED:
            return None
        has_folders = any(place.is_dir() for place in path.iterdir())
        return Verdict(1, "it holds folders") if has_folders else None

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the folder.

        Raises
        ------
        LabelError
            There is no class folder with an image.
        """
        tree = list_files(path)
        masks = _masks_beside(tree)
        files = [file for file in tree.files if not is_table(file) and file not in masks]
        probed = probe_files(files, progress)
        cases, unstackable = group_cases(probed.headers)
        base = _base([case.first_file for case in cases], path)
        has_parts = _has_parts([case.first_file for case in cases], base)
        skipped = {**tree.unreadable, **probed.unreadable, **unstackable}
        placed: list[tuple[Found, _Place]] = []
        for case in cases:
            place = _place_of(case.first_file, base, has_parts=has_parts)
            if isinstance(place, str):
                skipped |= dict.fromkeys(case.reference.files, place)
            else:
                placed.append((case, place))
        _check_placed(placed, base, tree)
        placed, waiting = _without_unlabelled(placed, options)
        unlabelled = tuple(_unlabelled(case, place, path, options) for case, place in waiting)
        unknown = {file: NO_LABEL for entry in unlabelled for file in entry.reference.files}
        folders = [place.label for _, place in placed]
        merged = one_spelling(folders, options.order) if options.merge_spellings else {}
        placed = [(case, replace(p, label=merged.get(p.label, p.label))) for case, p in placed]
        hint = _task([place.label for _, place in placed], options)
        hint = replace(hint, spellings=tuple(merged.items()))
        entries = tuple(_entry(case, place, path, options, hint) for case, place in placed)
        _check_classes(entries, hint, base)
        return Index(
            root=path,
            layout="class-folder",
            described=_described(entries, hint, has_parts=has_parts),
            entries=entries,
            task=hint,
            files=account_for(
                entries,
                tree.files,
                skipped=skipped,
                missing={},
                other={**tree.hidden, **probed.other, **unknown, **masks},
                otherwise="a table that was not asked for",
            ),
            notes=(*_notes(entries), *_notes_of_unlabelled(waiting)),
            unlabelled=unlabelled,
        )


def _masks_beside(tree: Tree) -> dict[Path, str]:
    """Return masks that bear the name of an image in their folder, which are no images."""
    files = [file for file in tree.files if not is_table(file)]
    matched = match_beside(roles_beside(files, tree.root))
    named = {one.file for outlines in matched.masks.values() for one in outlines}
    if len(matched.masks) < LEAST_MASKED * len(matched.images):
        return {}
    return dict.fromkeys(named, "a mask beside an image")


def _base(files: list[Path], root: Path) -> Path:
    """Go down through folders that only hold the class folders ("images/")."""
    base = root
    while files:
        parts = [file.relative_to(base).parts for file in files]
        tops = {part[0] for part in parts}
        lone = next(iter(tops))
        if len(tops) > 1 or lone.lower() not in CONTAINERS or min(map(len, parts)) < 3:
            break
        base = base / lone
    return base


def _has_parts(files: Iterable[Path], base: Path) -> bool:
    tops = {parts[0] for file in files if len(parts := file.relative_to(base).parts) > 1}
    known = [top for top in tops if part_named(top)]
    return len(known) >= 2 or (len(known) == 1 and len(tops) == 1)


def _place_of(file: Path, base: Path, *, has_parts: bool) -> _Place | str:
    """Return where a file lies, or why it is no case."""
    folders = file.relative_to(base).parts[:-1]
    part = ""
    if has_parts:
        part = (part_named(folders[0]) or "") if folders else ""
        if part:
            folders = folders[1:]
        elif not folders or simple_name(folders[0]) not in UNLABELLED_FOLDERS:
            return NO_PART
    if not folders:
        return NO_CLASS
    return _Place(part, folders[0], folders[1] if len(folders) > 1 else "")


def _without_unlabelled(
    placed: list[tuple[Found, _Place]], options: IndexOptions
) -> tuple[list[tuple[Found, _Place]], list[tuple[Found, _Place]]]:
    """Keep images that wait for a label apart, unless too few classes would be left."""
    waiting = {
        place.label
        for _, place in placed
        if place.label not in options.order and simple_name(place.label) in UNLABELLED_FOLDERS
    }
    if len({place.label for _, place in placed} - waiting) < 2:
        return placed, []
    return (
        [one for one in placed if one[1].label not in waiting],
        [one for one in placed if one[1].label in waiting],
    )


def _unlabelled(case: Found, place: _Place, root: Path, options: IndexOptions) -> Entry:
    entry = entry_from(case, relative_name(case.first_file, root), options)
    return replace(entry, patient=entry.patient or place.patient, split=place.part)


def _notes_of_unlabelled(waiting: list[tuple[Found, _Place]]) -> tuple[str, ...]:
    names = sorted({place.label for _, place in waiting})
    return tuple(
        f'"{name}" is taken for images without a label; if it is a class, list all with --order'
        for name in names
    )


def _check_placed(placed: list[tuple[Found, _Place]], base: Path, tree: Tree) -> None:
    folders = {place.label.lower() for _, place in placed}
    if not placed:
        raise LabelError(
            "No class folder holds an image.",
            got=f"{len(tree.files)} files",
            legal=ClassFolder.accepts,
            next="put the images of each class into a folder, or give a table with --labels",
            where=base,
        )
    if folders & MASK_FOLDERS and "images" in folders:
        raise LabelError(
            "Folders of images and masks are no classes.",
            got=", ".join(sorted(folders)),
            next="give masks the names of their images, or give a table with columns path and "
            "mask, or path and label, with --labels",
            where=base,
        )


def _check_classes(entries: tuple[Entry, ...], hint: TaskHint, base: Path) -> None:
    """Refuse folders that are patients or studies rather than classes."""
    groups: dict[str, set[str]] = {label: set() for label in hint.labels}
    for entry in entries:
        assert isinstance(entry.target, (ClassTarget, GradeTarget))
        target = entry.target
        label = target.label if isinstance(target, ClassTarget) else hint.labels[target.grade]
        groups[label].add(entry.patient or entry.name)
    if len(groups) > 2 and all(len(group) < 2 for group in groups.values()):
        raise LabelError(
            "The folders do not look like classes: each holds one case or one patient.",
            got=f"{len(groups)} folders",
            next="give a table with one label per image, patient, study or series with --labels",
            where=base,
        )


def _task(labels: list[str], options: IndexOptions) -> TaskHint:
    if options.task not in ("auto", "classes", "grade"):
        raise LabelError(
            "The names of folders can only be classes or grades.",
            got=f"--task {options.task}",
            next="give a table with --labels",
        )
    ordered = class_labels(set(labels), options.order)
    kind: TaskKind = "grade" if options.task == "grade" else "classes"
    return TaskHint(kind, ordered, "the names of the folders")


def _entry(case: Found, place: _Place, root: Path, options: IndexOptions, hint: TaskHint) -> Entry:
    entry = entry_from(case, relative_name(case.first_file, root), options)
    target = (
        GradeTarget(hint.labels.index(place.label))
        if hint.kind == "grade"
        else ClassTarget(place.label)
    )
    patient = entry.patient or place.patient
    return replace(entry, target=target, patient=patient, split=place.part)


def _described(entries: tuple[Entry, ...], hint: TaskHint, *, has_parts: bool) -> str:
    above = "train, validation and test folders, each with " if has_parts else ""
    count = len(hint.labels)
    word = "folder per class" if count > 1 else "folder of a single class"
    return f"{above}a {word}: {len(entries)} cases, classes {' / '.join(hint.labels)}"


def _notes(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    if not any(entry.patient for entry in entries):
        return (
            "nothing says which images are of one patient, so each counts as its own; "
            "put the images of a patient into one folder below the class",
        )
    return ()
