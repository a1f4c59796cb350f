"""From images and the masks beside them to entries: grids and values checked, reasons given."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

import numpy as np

from scanwright.base import InputError, LabelError, Progress, thread_count
from scanwright.data.entry import Entry
from scanwright.data.index import IndexOptions, TaskHint
from scanwright.data.mask_case import MaskCase, MaskPlan
from scanwright.data.mask_faults import (
    fault_of_headers,
    faults_of_meaning,
    faults_of_values,
    grid_fault,
)
from scanwright.data.mask_reference import MaskReference, scheme_of_outlines
from scanwright.data.mask_survey import (
    FileValues,
    Meaning,
    meaning_of,
    meaning_of_known,
    survey_masks,
)
from scanwright.data.mask_values import one_channel
from scanwright.data.probing import entry_from
from scanwright.data.reference import ChannelsReference
from scanwright.image import Modality

MOST_READ = 500_000_000
"""Elements of all masks up to which they are looked through even where a file names the values.

Some seconds; a spoilt mask is then told before anything is learnt, and classes are counted.
"""
MASK_OF_NONE = "the mask of an image that cannot be used"

GIVE_A_TABLE = (
    "say which mask belongs to which image in a table with columns path and mask, and give it "
    "with --labels"
)
ADVICE = {
    "another grid": "export masks on the grid of their image, or pass --resample-masks",
    "stands for nothing": "name these values in dataset.json or labels.json, or correct the masks",
    "colour picture": "save the number of the class in place of its colour",
    "whole numbers": "threshold the masks, or resample them by the nearest neighbour",
}
"""Mark of a fault → what to do when no case is left."""


@dataclass(frozen=True, slots=True)
class Built:
    """Cases with masks, ready for an index.

    Parameters
    ----------
    entries
        In the order of the cases.
    task
        What is outlined.
    skipped
        Files of images that cannot be used → why.
    other
        Their masks → a word.
    notes
        What a reader should know.
    """

    entries: tuple[Entry, ...]
    task: TaskHint
    skipped: Mapping[Path, str]
    other: Mapping[Path, str]
    notes: tuple[str, ...]


def build_cases(
    cases: Sequence[MaskCase], plan: MaskPlan, options: IndexOptions, progress: Progress
) -> Built:
    """Check cases and make entries of them.

    Raises
    ------
    LabelError
        No case is left, or what the masks hold cannot be understood.
    """
    faults = {
        case.name: fault
        for case in cases
        if (fault := fault_of_headers(case, plan, does_resample=options.resample_masks))
    }
    usable = [case for case in cases if case.name not in faults]
    found = _survey(usable, plan, progress)
    faults |= faults_of_values(usable, found, plan)
    usable = [case for case in usable if case.name not in faults]
    _check_left(cases, usable, faults)
    meaning = _meaning(usable, found, plan, options)
    faults |= faults_of_meaning(usable, found, meaning)
    usable = [case for case in usable if case.name not in faults]
    _check_left(cases, usable, faults)
    entries = tuple(_entry(case, plan, meaning, found, options) for case in usable)
    lost = [case for case in cases if case.name in faults]
    return Built(
        entries,
        TaskHint("segmentation", meaning.scheme.names, "masks", scheme=meaning.scheme),
        skipped={file: faults[case.name] for case in lost for file in case.image_files},
        other={file: MASK_OF_NONE for case in lost for file in case.mask_files},
        notes=(*meaning.notes, *_notes(usable, entries, faults, options)),
    )


def described(entries: Sequence[Entry], task: TaskHint) -> str:
    """Say how many images there are of which kind, and what is outlined in them.

    >>> described((), TaskHint("segmentation", ("lung",)))
    '0 images with 1 outlined structure (lung)'
    """
    modalities = {entry.modality for entry in entries}
    lone = modalities.pop() if len(modalities) == 1 else Modality.UNKNOWN
    word = {
        Modality.CT: "CT ",
        Modality.MRI: "MRI ",
        Modality.XRAY: "X-ray ",
        Modality.ULTRASOUND: "ultrasound ",
    }.get(lone, "")
    is_volume = bool(entries) and all(len(entry.size) == 3 for entry in entries)
    kind = "volume" if is_volume else "image"
    names = task.labels if len(task.labels) <= 6 else (*task.labels[:5], "…")
    count = len(task.labels)
    return (
        f"{len(entries)} {word}{kind}{'s' * (len(entries) != 1)} with {count} outlined "
        f"structure{'s' * (count != 1)} ({', '.join(names)})"
    )


def _survey(
    cases: Sequence[MaskCase], plan: MaskPlan, progress: Progress
) -> dict[Path, FileValues]:
    """Look through the masks, unless a file names their values and they are too many."""
    elements = sum(prod(case.images[0].size) * len(case.masks) for case in cases)
    if plan.scheme is not None and elements > MOST_READ:
        return {}
    masks = {one.part.reference.files[0]: one.part for case in cases for one in case.masks}
    return survey_masks(masks, progress)


def _check_left(
    cases: Sequence[MaskCase], usable: Sequence[MaskCase], faults: Mapping[str, str]
) -> None:
    if usable:
        return
    shown = [f"{name}: {fault}" for name, fault in list(faults.items())[:2]]
    first = next(iter(faults.values()), "")
    advice = (word for mark, word in ADVICE.items() if mark in first)
    raise LabelError(
        "No image has a mask that can be used.",
        got=f"{len(cases)} images with masks; {'; '.join(shown)}",
        next=next(advice, GIVE_A_TABLE),
    )


def _meaning(
    cases: Sequence[MaskCase],
    found: Mapping[Path, FileValues],
    plan: MaskPlan,
    options: IndexOptions,
) -> Meaning:
    values = [found[file] for case in cases for file in case.mask_files if file in found]
    if plan.names:
        overlap = _any_overlap(cases) if len(plan.names) > 1 else False
        is_blurred = any(one.is_blurred for one in values)
        notes = ("outlines of different names overlap",) if overlap else ()
        scheme = scheme_of_outlines(plan.names, overlap=overlap)
        return Meaning(scheme, threshold=128 if is_blurred else None, notes=notes)
    if plan.scheme is not None:
        return meaning_of_known(values, plan.scheme)
    return meaning_of(values, options.order)


def _any_overlap(cases: Sequence[MaskCase]) -> bool:
    with ThreadPoolExecutor(thread_count()) as pool:
        return any(pool.map(_overlaps, cases))


def _overlaps(case: MaskCase) -> bool:
    """Whether two names of a case share an element; masks on grids of their own are not asked."""
    outlines: dict[str, np.typing.NDArray[np.bool_]] = {}
    try:
        for mask in case.masks:
            names, image = mask.part.names, mask.part.reference.read()
            image = one_channel(image, mask.part.reference.source) if len(names) == 1 else image
            for name, channel in zip(names, image.array, strict=True):
                inside = channel > (127 if channel.max() > 127 else 0)
                outlines[name] = inside | outlines[name] if name in outlines else inside
    except (InputError, ValueError):
        return False  # told where the mask is read
    together = [
        one for one in outlines.values() if one.shape == next(iter(outlines.values())).shape
    ]
    total = np.zeros(together[0].shape, np.uint8) if together else np.zeros(0, np.uint8)
    for one in together:
        total += one
    return bool(np.any(total > 1))


def _entry(
    case: MaskCase,
    plan: MaskPlan,
    meaning: Meaning,
    found: Mapping[Path, FileValues],
    options: IndexOptions,
) -> Entry:
    first = case.images[0]
    entry = entry_from(first, case.name, options)
    channels = sum(one.header.channels for one in case.images)
    if len(case.images) > 1 or (channels > 1 and len(plan.channels) == channels):
        names = plan.channels or tuple(f"channel {number}" for number in range(channels))
        parts = tuple(one.reference for one in case.images)
        entry = replace(entry, reference=ChannelsReference(parts, names), channels=channels)
    known = entry.modality if entry.modality is not Modality.UNKNOWN else plan.modality
    target = MaskReference(
        tuple(mask.part for mask in case.masks),
        meaning.scheme,
        meaning.values,
        meaning.threshold,
        options.resample_masks,
        _present(case, meaning, found),
    )
    return replace(entry, target=target, split=case.split, modality=options.modality_or(known))


def _present(
    case: MaskCase, meaning: Meaning, found: Mapping[Path, FileValues]
) -> tuple[str, ...] | None:
    """Return the names that occur in a case's masks; None where not all were looked through."""
    read_as, scheme = dict(meaning.values), meaning.scheme
    names: set[str] = set()
    for mask in case.masks:
        values = found.get(mask.part.reference.files[0])
        if values is None:
            return None
        if mask.part.names:
            held = values.held or (any(values.values),)
            names |= {name for name, has in zip(mask.part.names, held, strict=True) if has}
            continue
        known = {read_as.get(value, value) for value in values.values}
        if meaning.threshold is not None:
            known = {1} if values.values[-1:] >= (meaning.threshold,) else set()
        names |= {
            name
            for name, group in zip(scheme.names, scheme.values, strict=True)
            if known.intersection(group)
        }
    return tuple(name for name in scheme.names if name in names)


def _notes(
    cases: Sequence[MaskCase],
    entries: Sequence[Entry],
    faults: Mapping[str, str],
    options: IndexOptions,
) -> list[str]:
    notes = []
    apart = sum("another grid" in fault for fault in faults.values())
    if apart:
        notes.append(
            f"{apart} masks lie on another grid than their image and are left out; "
            "--resample-masks brings masks onto the grid of their image"
        )
    if options.resample_masks:
        off = sum(bool(grid_fault(mask, case.images[0])) for case in cases for mask in case.masks)
        notes += [f"{off} masks are resampled onto the grid of their image"] * bool(off)
    empty = [
        entry.name
        for entry in entries
        if isinstance(entry.target, MaskReference) and entry.target.present == ()
    ]
    if empty:
        more = f" and {len(empty) - 3} more" if len(empty) > 3 else ""
        notes.append(f"{len(empty)} masks are empty: {', '.join(empty[:3])}{more}")
    thin = sum(1 in entry.size for entry in entries)
    if thin:
        notes.append(f"{thin} images have an axis of length 1")
    ranks = Counter(len(entry.size) for entry in entries)
    if len(ranks) > 1:
        counts = ", ".join(f"{count} of rank {rank}" for rank, count in ranks.items())
        notes.append(f"images differ in rank ({counts}); only one kind can be learnt at a time")
    return notes
