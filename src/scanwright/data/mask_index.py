"""From the files that a layout paired to an index: headers read, cases built, files accounted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanwright.base import LabelError, Progress
from scanwright.data.dicom_seg import SegHeader, SegReference, read_seg_header
from scanwright.data.entry import Entry
from scanwright.data.index import NO_LABEL, Index, IndexOptions, account_for
from scanwright.data.mask_case import MaskCase, MaskFile, MaskPlan
from scanwright.data.mask_cases import MASK_OF_NONE, build_cases, described
from scanwright.data.mask_reference import MaskPart
from scanwright.data.palette import plain_reference
from scanwright.data.patient_names import NO_PATIENT, patients_by_name
from scanwright.data.probing import Found, Probed, entry_from, group_cases, probe_files
from scanwright.data.side_table import SideTable
from scanwright.data.walk import Tree
from scanwright.io import Header


@dataclass(frozen=True, slots=True)
class Outline:
    """One file of a mask, and what it outlines; empty for a label map."""

    file: Path
    name: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """An image and its mask, as files.

    Parameters
    ----------
    name
        Of the case; unique.
    images
        Files of each channel: one, or the slices of a series.
    masks
        Empty where there is none.
    split
        "train", "validation", "test", or empty.
    annotated
        Names of what was looked for in it; None where that is everything.
    """

    name: str
    images: tuple[tuple[Path, ...], ...]
    masks: tuple[Outline, ...] = ()
    split: str = ""
    annotated: tuple[str, ...] | None = None

    @property
    def image_files(self) -> tuple[Path, ...]:
        """All files of the image."""
        return tuple(file for channel in self.images for file in channel)

    @property
    def mask_files(self) -> tuple[Path, ...]:
        """All files of the mask."""
        return tuple(one.file for one in self.masks)


@dataclass(frozen=True, slots=True)
class Paired:
    """All files of a data set, paired as far as they can be.

    Parameters
    ----------
    root, layout
        What was indexed, and as what.
    intro
        What it is, in a few words: "folders of images and masks".
    tree
        All files.
    pairs
        Images with masks, and images without.
    plan
        What is known of all cases.
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
    pairs: tuple[Pair, ...]
    plan: MaskPlan
    skipped: Mapping[Path, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    other: Mapping[Path, str] = field(default_factory=dict)
    otherwise: str = "neither an image nor a mask"
    table: SideTable | None = None
    notes: tuple[str, ...] = ()


def index_pairs(paired: Paired, options: IndexOptions, progress: Progress) -> Index:
    """Index images and masks that a layout has paired.

    Raises
    ------
    LabelError
        No image has a mask that can be used.
    """
    files = [file for pair in paired.pairs for file in pair.image_files]
    masks = [one.file for pair in paired.pairs for one in pair.masks]
    probed = probe_files(list(dict.fromkeys([*files, *masks])), progress)
    cases: list[MaskCase] = []
    unlabelled: list[Entry] = []
    skipped = {**paired.tree.unreadable, **paired.skipped}
    other = dict(paired.other)
    segs = _segmentations(masks, probed)
    for pair in paired.pairs:
        images = _images(pair, probed)
        fault = images if isinstance(images, str) else _mask_fault(pair, probed, segs)
        if fault or isinstance(images, str):
            skipped |= dict.fromkeys(pair.image_files, fault)
            other |= dict.fromkeys(pair.mask_files, MASK_OF_NONE)
        elif pair.mask_files:
            cases.append(_case(pair, images, probed.headers, segs))
        else:
            unlabelled.append(replace(entry_from(images[0], pair.name, options), split=pair.split))
    _check_any(cases, skipped)
    plan = _with_segments(paired.plan, cases)
    built = build_cases(cases, plan, options, progress)
    entries, more = built.entries, tuple(unlabelled)
    table = paired.table
    if table is not None:
        entries = tuple(table.apply(entry, options) for entry in entries)
        more = tuple(table.apply(entry, options) for entry in more)
        other.setdefault(table.path, "a table about the cases")
    entries, more, said = _with_patients(entries, more)
    waiting = {file: NO_LABEL for entry in more for file in entry.reference.files}
    account = account_for(
        entries,
        paired.tree.files,
        skipped={**skipped, **built.skipped},
        missing=paired.missing,
        other={**paired.tree.hidden, **waiting, **other, **built.other},
        otherwise=paired.otherwise,
    )
    about = f", {table.words}" if table is not None and table.words else ""
    return Index(
        root=paired.root,
        layout=paired.layout,
        described=f"{paired.intro}: {described(entries, built.task)}{about}",
        entries=entries,
        task=built.task,
        files=account,
        notes=(*paired.notes, *built.notes, *said),
        unlabelled=more,
    )


def _check_any(cases: Sequence[MaskCase], skipped: Mapping[Path, str]) -> None:
    if not cases:
        shown = [f"{file.name}: {why}" for file, why in list(skipped.items())[:2]]
        raise LabelError(
            "No image and its mask can be read.",
            got="; ".join(shown) or None,
            next="copy the files again, or give a table with columns path and mask with --labels",
        )


def _images(pair: Pair, probed: Probed) -> tuple[Found, ...] | str:
    """Return the channels of a case, or why they are none."""
    found = []
    for channel in pair.images:
        headers = {file: probed.headers[file] for file in channel if file in probed.headers}
        lost = [file for file in channel if file not in headers]
        if lost:
            return probed.unreadable.get(lost[0], "not an image")
        cases, unstackable = group_cases(headers)
        if len(cases) != 1:
            return next(iter(unstackable.values()), f"{len(cases)} images, not one")
        found.append(cases[0])
    return tuple(found)


def _segmentations(masks: Sequence[Path], probed: Probed) -> dict[Path, SegHeader]:
    """Return the masks that are DICOM Segmentations, which are no images of their own."""
    found = {}
    for file in masks:
        if file in probed.unreadable and (header := read_seg_header(file)) is not None:
            found[file] = header
    return found


def _mask_fault(pair: Pair, probed: Probed, segs: Mapping[Path, SegHeader]) -> str:
    for one in pair.masks:
        if one.file not in probed.headers and one.file not in segs:
            why = probed.unreadable.get(one.file, "it is not an image")
            return f"its mask {one.file.name}: {why}"
        if one.file in segs and not segs[one.file].names:
            return f"its mask {one.file.name}: the segmentation has no segment"
    return ""


def _case(
    pair: Pair,
    images: tuple[Found, ...],
    headers: Mapping[Path, Header],
    segs: Mapping[Path, SegHeader],
) -> MaskCase:
    masks = []
    for one in pair.masks:
        if one.file in segs:
            part = MaskPart(SegReference(one.file), segs[one.file].names, is_sparse=True)
            masks.append(MaskFile(part))
            continue
        header, reference = headers[one.file], plain_reference(one.file, headers[one.file])
        masks.append(MaskFile(MaskPart(reference, (one.name,) if one.name else ()), header))
    return MaskCase(pair.name, images, tuple(masks), pair.split, pair.annotated)


def _with_segments(plan: MaskPlan, cases: Sequence[MaskCase]) -> MaskPlan:
    """Return the plan with the names of all outlines that the cases hold."""
    names = {name for case in cases for mask in case.masks for name in mask.part.names}
    if names <= set(plan.names):
        return plan
    maps = [case.name for case in cases for mask in case.masks if not mask.part.names]
    if maps:
        raise LabelError(
            "Some masks are DICOM segmentations and others label maps.",
            got=f"{len(maps)} label maps, for example of {maps[0]}",
            next="give one kind for all cases",
        )
    return replace(plan, names=tuple(sorted(names | set(plan.names))))


def _with_patients(
    entries: tuple[Entry, ...], more: tuple[Entry, ...]
) -> tuple[tuple[Entry, ...], tuple[Entry, ...], tuple[str, ...]]:
    """Return the cases with the patients that their names tell, and what to say of it."""
    everything = (*entries, *more)
    if any(entry.patient for entry in everything):
        return entries, more, ()
    told = patients_by_name([entry.name for entry in everything])
    if told:
        entries = tuple(replace(entry, patient=told[entry.name]) for entry in entries)
        more = tuple(replace(entry, patient=told[entry.name]) for entry in more)
        count = len({entry.patient for entry in entries})
        example = f"{everything[0].name} is of {everything[0].patient}"
        return entries, more, (f"file names tell {count} patients apart: {example}",)
    return entries, more, (NO_PATIENT,)
