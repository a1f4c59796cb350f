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
from scanwright.data.mask_grid import find_placement, grid_words, lie_alike
from scanwright.data.mask_reference import MaskPart, MaskReference, scheme_of_outlines
from scanwright.data.mask_survey import (
    FileValues,
    Meaning,
    meaning_of,
    meaning_of_known,
    survey_masks,
)
from scanwright.data.mask_values import one_channel
from scanwright.data.probing import Found, entry_from
from scanwright.data.reference import ChannelsReference, SeriesReference
from scanwright.image import LabelScheme, Modality
from scanwright.io import Header

MOST_READ = 500_000_000
"""Elements of all masks up to which they are looked through even where a file names the values.

Some seconds; a spoilt mask is then told before anything is learnt, and classes are counted.
"""
MASK_OF_NONE = "the mask of an image that cannot be used"


@dataclass(frozen=True, slots=True)
class MaskFile:
    """One mask that was found.

    Parameters
    ----------
    part
        Where it is, and what it outlines.
    header
        What it says of itself; None where its grid is known only once read.
    """

    part: MaskPart
    header: Header | None = None


@dataclass(frozen=True, slots=True)
class MaskCase:
    """One case that was found, before its mask is understood.

    Parameters
    ----------
    name
        Unique.
    images
        Its image, or one for each channel.
    masks
        At least one.
    split
        "train", "validation", "test", or empty.
    annotated
        Names of what was looked for in it; None where that is everything.
    """

    name: str
    images: tuple[Found, ...]
    masks: tuple[MaskFile, ...]
    split: str = ""
    annotated: tuple[str, ...] | None = None

    @property
    def image_files(self) -> tuple[Path, ...]:
        """The files of its image."""
        return tuple(file for one in self.images for file in one.reference.files)

    @property
    def mask_files(self) -> tuple[Path, ...]:
        """The files of its mask."""
        return tuple(file for one in self.masks for file in one.part.reference.files)


@dataclass(frozen=True, slots=True)
class MaskPlan:
    """What a layout knows of all its cases.

    Parameters
    ----------
    scheme
        What the values of label maps mean; None where nothing says it.
    names
        What masks that each outline something by themselves are called; empty for label maps.
    channels
        What the channels of each image show; empty where nothing says it.
    modality
        How the images were made.
    """

    scheme: LabelScheme | None = None
    names: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    modality: Modality = Modality.UNKNOWN


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
    faults = {case.name: fault for case in cases if (fault := _fault(case, plan, options))}
    usable = [case for case in cases if case.name not in faults]
    found = _survey(usable, plan, progress)
    faults |= _faults_of_values(usable, found, plan)
    usable = [case for case in usable if case.name not in faults]
    _check_left(cases, usable, faults)
    meaning = _meaning(usable, found, plan, options)
    faults |= _unknown_values(usable, found, meaning)
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


def _fault(case: MaskCase, plan: MaskPlan, options: IndexOptions) -> str:
    """Return why a case cannot be used, as far as headers say; empty if it can."""
    first = case.images[0]
    for other in case.images[1:]:
        same = lie_alike(other.header.geometry, first.header.geometry, first.size)
        if other.size != first.size or not same:
            return (
                "its channels lie on different grids: "
                f"{grid_words(first.size, first.header.geometry)} and "
                f"{grid_words(other.size, other.header.geometry)}"
            )
    channels = sum(one.header.channels for one in case.images)
    if plan.channels and channels != len(plan.channels):
        return f"it has {channels} channels, not {len(plan.channels)} ({', '.join(plan.channels)})"
    if case.annotated is not None:
        only = ", ".join(f"“{name}”" for name in case.annotated) or "nothing"
        return f"partial labels: only {only} was outlined in it, but elsewhere more"
    if not options.resample_masks:
        for mask in case.masks:
            fault = _grid_fault(mask, first)
            if fault:
                return fault
    return ""


def _grid_fault(mask: MaskFile, image: Found) -> str:
    """Return both grids where headers say that they differ."""
    header = mask.header
    if header is None or mask.part.is_sparse:
        return ""
    if isinstance(image.reference, SeriesReference):
        # Where a series lies is known once it is read; its size is known now.
        is_fit = sorted(_long(header.size)) == sorted(_long(image.size))
        words = " × ".join(map(str, image.size))
    else:
        grid = image.header.geometry
        is_flat = len(header.size) != len(image.size) and _long(header.size) == _long(image.size)
        placement = find_placement(header.geometry, header.size, grid, image.size)
        covers = prod(header.size) == prod(image.size)
        is_fit = is_flat or (placement is not None and covers and not any(placement.start))
        words = grid_words(image.size, grid)
    if is_fit:
        return ""
    return (
        "the mask lies on another grid than the image: "
        f"mask {grid_words(header.size, header.geometry)}; image {words}"
    )


def _long(size: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in size if length > 1)


def _survey(
    cases: Sequence[MaskCase], plan: MaskPlan, progress: Progress
) -> dict[Path, FileValues]:
    """Look through the masks, unless a file names their values and they are too many."""
    elements = sum(prod(case.images[0].size) * len(case.masks) for case in cases)
    if plan.scheme is not None and elements > MOST_READ:
        return {}
    masks = {
        one.part.reference.files[0]: one.part.reference
        for case in cases
        for one in case.masks
        if len(one.part.names) <= 1
    }
    return survey_masks(masks, progress)


def _faults_of_values(
    cases: Sequence[MaskCase], found: Mapping[Path, FileValues], plan: MaskPlan
) -> dict[str, str]:
    """Return cases whose masks cannot be read or are no masks → why."""
    faults = {}
    for case in cases:
        for mask in case.masks:
            values = found.get(mask.part.reference.files[0], FileValues())
            if values.error:
                faults[case.name] = f"its mask: {values.error}"
            elif plan.names and len(values.values) > 2 and not values.is_blurred:
                faults[case.name] = (
                    f"its mask of {mask.part.names[0]} is not black and white: it holds "
                    f"{len(values.values)} different values"
                )
    return faults


def _check_left(
    cases: Sequence[MaskCase], usable: Sequence[MaskCase], faults: Mapping[str, str]
) -> None:
    if usable:
        return
    shown = [f"{name}: {fault}" for name, fault in list(faults.items())[:2]]
    is_grid = any("another grid" in fault for fault in faults.values())
    raise LabelError(
        "No image has a mask that can be used.",
        got=f"{len(cases)} images with masks; {'; '.join(shown)}",
        next="export masks on the grid of their image, or pass --resample-masks"
        if is_grid
        else "say which mask belongs to which image in a table with columns path and mask, and "
        "give it with --labels",
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


def _unknown_values(
    cases: Sequence[MaskCase], found: Mapping[Path, FileValues], meaning: Meaning
) -> dict[str, str]:
    """Return cases whose masks hold values without a meaning → which."""
    faults: dict[str, str] = {}
    if meaning.threshold is not None:
        return faults
    read_as = dict(meaning.values)
    for case in cases:
        for mask in case.masks:
            values = found.get(mask.part.reference.files[0])
            if mask.part.names or values is None:
                continue
            unknown = [v for v in values.values if read_as.get(v, v) not in meaning.scheme.known]
            if unknown:
                legal = ", ".join(map(str, sorted(meaning.scheme.known)))
                faults[case.name] = (
                    f"its mask holds {', '.join(map(str, unknown[:5]))}, which stands for nothing "
                    f"(known: {legal})"
                )
    return faults


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
            names |= set(mask.part.names) if any(values.values) else set()
            continue
        held = {read_as.get(value, value) for value in values.values}
        if meaning.threshold is not None:
            held = {1} if values.values[-1:] >= (meaning.threshold,) else set()
        names |= {
            name
            for name, group in zip(scheme.names, scheme.values, strict=True)
            if held.intersection(group)
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
        off = sum(bool(_grid_fault(mask, case.images[0])) for case in cases for mask in case.masks)
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
