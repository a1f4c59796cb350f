"""From images and the boxes given for them to an index: headers read, boxes fitted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanwright.base import InputError, LabelError, Progress
from scanwright.data.box_edges import fit_edges, index_edges
from scanwright.data.box_flaw import BoxFault, BoxFlaw
from scanwright.data.box_given import BoxedImage, merge_lists, with_names
from scanwright.data.entry import Entry
from scanwright.data.index import NO_LABEL, Index, IndexOptions, TaskHint, account_for, reason_of
from scanwright.data.patient_names import NO_PATIENT, patients_by_name
from scanwright.data.probing import Found, Probed, entry_from, group_cases, probe_files
from scanwright.data.reference import SeriesReference
from scanwright.data.side_table import SideTable, case_key
from scanwright.data.truth import class_labels, one_spelling
from scanwright.data.walk import Tree
from scanwright.image import Box, BoxesTarget, Geometry

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Boxed:
    """All files of a data set with boxes, as a layout found them.

    Parameters
    ----------
    root, layout
        What was indexed, and as what.
    intro
        What it is, in a few words: "a COCO file".
    tree
        All files.
    images
        Images with their boxes, and images of which nothing is known.
    reason
        Why the labels are boxes.
    declared
        Labels that the data set names, whether they occur or not.
    skipped
        Files that should have been cases → why they are not.
    missing
        What has no file, in words → why it is skipped.
    other
        Files that are no cases → why.
    otherwise
        Why all further files are no cases.
    table
        A table about the cases; None where there is none.
    notes
        What a reader should know.
    """

    root: Path
    layout: str
    intro: str
    tree: Tree
    images: tuple[BoxedImage, ...]
    reason: str
    declared: tuple[str, ...] = ()
    skipped: Mapping[Path, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    other: Mapping[Path, str] = field(default_factory=dict)
    otherwise: str = "no file of boxes names it"
    table: SideTable | None = None
    notes: tuple[str, ...] = ()


def index_boxed(boxed: Boxed, options: IndexOptions, progress: Progress) -> Index:
    """Index images and boxes that a layout has found.

    Raises
    ------
    LabelError
        No image can be used, no image has a box, or two labels differ only in case or blanks.
    """
    merged, flaws = merge_lists(boxed.images)
    images = with_names(merged)
    spellings = _spellings(images, options)
    probed = probe_files(list(dict.fromkeys(f for one in images for f in one.files)), progress)
    skipped = {**boxed.tree.unreadable, **boxed.skipped}
    entries: list[Entry] = []
    unlabelled: list[Entry] = []
    found = list(flaws)
    for image in images:
        case = _case(image, probed)
        made = case if isinstance(case, str) else _entry(image, case, spellings, options)
        if isinstance(made, str):
            skipped |= dict.fromkeys(image.files, made)
            continue
        entry, faults = made
        (unlabelled if entry.target is None else entries).append(entry)
        found += faults
    _check_any(entries, skipped, boxed, found)
    task = _task(entries, spellings, boxed, options)
    entries, unlabelled, said = _completed(entries, unlabelled, boxed.table, options)
    other = {**boxed.tree.hidden, **boxed.other}
    if boxed.table is not None:
        other.setdefault(boxed.table.path, "a table about the cases")
    waiting = {file: NO_LABEL for entry in unlabelled for file in entry.reference.files}
    about = f", {boxed.table.words}" if boxed.table is not None and boxed.table.words else ""
    return Index(
        root=boxed.root,
        layout=boxed.layout,
        described=f"{boxed.intro}: {boxes_words(entries, task)}{about}",
        entries=tuple(entries),
        task=task,
        files=account_for(
            entries,
            boxed.tree.files,
            skipped=skipped,
            missing=boxed.missing,
            other={**waiting, **other},
            otherwise=boxed.otherwise,
        ),
        notes=(*boxed.notes, *_flaw_notes(found), *_label_notes(task, boxed), *said),
        unlabelled=tuple(unlabelled),
        box_flaws=tuple(found),
    )


def boxes_words(entries: Sequence[Entry], task: TaskHint) -> str:
    """Say how many images and boxes there are, and of what.

    >>> boxes_words((), TaskHint("detection", ("nodule",)))
    '0 images with 0 boxes (nodule), 0 of them without a finding'
    """
    known = [entry.target for entry in entries if isinstance(entry.target, BoxesTarget)]
    boxes = sum(len(target.boxes) for target in known)
    empty = sum(not target.boxes for target in known)
    names = task.labels if len(task.labels) <= 6 else (*task.labels[:5], "…")
    return (
        f"{len(entries)} image{'s' * (len(entries) != 1)} with {boxes} box{'es' * (boxes != 1)} "
        f"({', '.join(names)}), {empty} of them without a finding"
    )


def _spellings(images: Sequence[BoxedImage], options: IndexOptions) -> dict[str, str]:
    """Return label as written → label as read, where spellings are to be merged."""
    if not options.merge_spellings:
        return {}
    written = (label for image in images if image.given is not None for label in image.given.labels)
    return one_spelling(written, options.order)


def _case(image: BoxedImage, probed: Probed) -> Found | str:
    """Return the only image that the files make, or why they make none."""
    headers = {file: probed.headers[file] for file in image.files if file in probed.headers}
    lost = [file for file in image.files if file in probed.unreadable]
    if lost:
        return probed.unreadable[lost[0]]
    cases, unstackable = group_cases(headers)
    if len(cases) != 1:
        reason = f"{len(cases)} images, not one" if cases else "not an image"
        return next(iter(unstackable.values()), reason)
    return cases[0]


def _entry(
    image: BoxedImage, case: Found, spellings: Mapping[str, str], options: IndexOptions
) -> tuple[Entry, list[BoxFlaw]] | str:
    """Return the case and its boxes' faults, or why it cannot be used."""
    entry = replace(entry_from(case, image.name, options), split=image.split)
    if image.given is None:
        return replace(entry, target=None), []
    if image.size and image.size != case.size:
        stated, real = (" × ".join(map(str, size)) for size in (image.size, case.size))
        return f"its boxes are for an image of {stated}, and it has {real}"
    try:
        geometry = image_geometry(case) if image.given.unit == "mm" else case.header.geometry
        edges = index_edges(image.given, case.size, geometry)
    except InputError as error:
        return reason_of(error)
    cut, is_left, faults = fit_edges(edges, case.size)
    labels = [spellings.get(label, label) for label in image.given.labels]
    boxes = tuple(
        Box(tuple(low), tuple(high), label)
        for low, high, label, is_kept in zip(
            cut[:, :, 0].tolist(), cut[:, :, 1].tolist(), labels, is_left.tolist(), strict=True
        )
        if is_kept
    )
    told = [BoxFlaw(image.name, labels[place], fault) for place, fault in sorted(faults.items())]
    told += [BoxFlaw(image.name, spellings.get(label, label), why) for label, why in image.flaws]
    return replace(entry, target=BoxesTarget(boxes)), told


def image_geometry(case: Found) -> Geometry:
    """Return where an image lies; of a series, whose headers are of slices, by reading it."""
    if isinstance(case.reference, SeriesReference):
        return case.reference.read().geometry
    return case.header.geometry


def _check_any(
    entries: Sequence[Entry],
    skipped: Mapping[Path, str],
    boxed: Boxed,
    flaws: Sequence[BoxFlaw],
) -> None:
    shown = [f"{file.name}: {why}" for file, why in list(skipped.items())[:2]]
    shown += [f"{what}: {why}" for what, why in list(boxed.missing.items())[:2]]
    if not entries:
        raise LabelError(
            "No image with its boxes can be used.",
            got="; ".join(shown) or None,
            next="check that the images lie where the boxes say",
            where=boxed.root,
        )
    if any(isinstance(entry.target, BoxesTarget) and entry.target.boxes for entry in entries):
        return
    raise LabelError(
        "No image has a box.",
        got="; ".join([f"{len(entries)} images without a finding", *shown, *_flaw_notes(flaws)]),
        legal="at least one image with a box",
        next="check that the boxes belong to these images, and what their numbers mean",
        where=boxed.root,
    )


def _task(
    entries: Sequence[Entry], spellings: Mapping[str, str], boxed: Boxed, options: IndexOptions
) -> TaskHint:
    used = {
        box.label
        for entry in entries
        if isinstance(entry.target, BoxesTarget)
        for box in entry.target.boxes
    }
    ordered = class_labels(used, options.order)
    return TaskHint("detection", ordered, boxed.reason, tuple(spellings.items()))


def _completed(
    entries: list[Entry], unlabelled: list[Entry], table: SideTable | None, options: IndexOptions
) -> tuple[list[Entry], list[Entry], tuple[str, ...]]:
    """Return the cases with what a table or their names say of patients, and notes."""
    if table is not None:
        entries = [table.apply(entry, options) for entry in entries]
        unlabelled = [table.apply(entry, options) for entry in unlabelled]
    everything = [*entries, *unlabelled]
    if any(entry.patient for entry in everything):
        return entries, unlabelled, ()
    told = patients_by_name([case_key(entry.name) for entry in everything])
    if not told:
        return entries, unlabelled, (NO_PATIENT,)
    entries = [replace(entry, patient=told[case_key(entry.name)]) for entry in entries]
    unlabelled = [replace(entry, patient=told[case_key(entry.name)]) for entry in unlabelled]
    count = len({entry.patient for entry in entries})
    example = f"{entries[0].name} is of {entries[0].patient}"
    return entries, unlabelled, (f"file names tell {count} patients apart: {example}",)


def _flaw_notes(flaws: Sequence[BoxFlaw]) -> list[str]:
    """Say of each fault how many boxes have it, and in which cases."""
    notes = []
    for fault in BoxFault:
        cases = Counter(flaw.case for flaw in flaws if flaw.fault is fault)
        if not cases:
            continue
        count, names = cases.total(), list(cases)
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        how = f"{count} box{'es' * (count != 1)}, each of which" if count > 1 else "1 box"
        notes.append(f"{how} {fault.value}: {', '.join(names[:MOST_NAMED])}{more}")
    return notes


def _label_notes(task: TaskHint, boxed: Boxed) -> list[str]:
    absent = [label for label in boxed.declared if label not in task.labels]
    absent = [label for label in absent if label not in dict(task.spellings)]
    if not absent:
        return []
    return [f"no box is of {', '.join(absent)}: nothing can be learnt of it"]
