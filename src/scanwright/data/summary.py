"""What is in an index, counted: the answer to `scanwright index`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TypeVar

from scanwright.base import Plain
from scanwright.data.box_counts import BoxCounts, count_boxes
from scanwright.data.entry import Entry
from scanwright.data.index import Index, Skipped, TaskHint
from scanwright.data.mask_boxes import MaskBoxes
from scanwright.data.mask_reference import MaskReference
from scanwright.image import (
    BoxesTarget,
    ClassTarget,
    GradeTarget,
    LabelsTarget,
    Modality,
    NumberTarget,
)

Value = TypeVar("Value", int, str)
NO_FINDING, NOTHING_OUTLINED = "no finding", "nothing outlined"
PARTS = ("train", "validation", "test", "")


@dataclass(frozen=True, slots=True)
class Range:
    """Smallest, middle and largest of some lengths, per axis, slow → fast."""

    low: tuple[float, ...]
    median: tuple[float, ...]
    high: tuple[float, ...]

    def to_plain(self) -> dict[str, Plain]:
        """Return the range for JSON."""
        return {"low": list(self.low), "median": list(self.median), "high": list(self.high)}


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """An index in numbers.

    Parameters
    ----------
    described, layout, task, notes
        As in the index.
    cases, patients
        How many; `patients` is 0 where nothing tells patients apart.
    files
        found, used, skipped, other: the last three add up to the first.
    sizes, spacing_mm
        Rank of the image → range of its lengths along each axis.
    channels, dtypes, modalities, sites
        Value → number of cases.
    labels
        Label → part ("" where there is none) → number of cases; for a number its range instead;
        empty where masks were too large to be looked through.
    number_range
        Smallest, middle and largest value where the label is a number.
    subgroups
        Column → value → number of cases.
    skipped
        What cannot be used, with the reason.
    other
        Reason → number of files that are no cases.
    unlabelled
        Number of images without a label among labelled ones.
    boxes
        Label → its boxes; empty for all tasks but detection, and for boxes around masks.
    """

    described: str
    layout: str
    task: TaskHint
    notes: tuple[str, ...]
    cases: int
    patients: int
    files: dict[str, int]
    sizes: dict[int, Range]
    spacing_mm: dict[int, Range]
    channels: dict[int, int]
    dtypes: dict[str, int]
    modalities: dict[str, int]
    sites: dict[str, int]
    labels: dict[str, dict[str, int]]
    number_range: tuple[float, float, float] | None
    subgroups: dict[str, dict[str, int]]
    skipped: tuple[Skipped, ...]
    other: dict[str, int]
    unlabelled: int = 0
    boxes: dict[str, BoxCounts] = field(default_factory=dict)

    def to_plain(self) -> dict[str, Plain]:
        """Return the summary for JSON."""
        return {
            "described": self.described,
            "layout": self.layout,
            "task": {"kind": self.task.kind, "labels": list(self.task.labels)},
            "notes": list(self.notes),
            "cases": self.cases,
            "patients": self.patients,
            "unlabelled": self.unlabelled,
            "files": dict(self.files),
            "sizes": {f"{rank}-D": one.to_plain() for rank, one in self.sizes.items()},
            "spacing_mm": {f"{rank}-D": one.to_plain() for rank, one in self.spacing_mm.items()},
            "channels": {str(count): cases for count, cases in self.channels.items()},
            "dtypes": dict(self.dtypes),
            "modalities": dict(self.modalities),
            "sites": dict(self.sites),
            "labels": {label: dict(parts) for label, parts in self.labels.items()},
            "boxes": {label: one.to_plain() for label, one in self.boxes.items()},
            "number_range": list(self.number_range) if self.number_range else None,
            "subgroups": {name: dict(values) for name, values in self.subgroups.items()},
            "skipped": [{"source": one.source, "reason": one.reason} for one in self.skipped],
            "other": dict(self.other),
        }


def describe(index: Index) -> IndexSummary:
    """Count what is in an index."""
    entries = index.entries
    files = index.files
    return IndexSummary(
        described=index.described,
        layout=index.layout,
        task=index.task,
        notes=(*index.notes, *_modality_note(entries)),
        cases=len(entries),
        patients=len({entry.patient for entry in entries if entry.patient}),
        files={
            "found": files.found,
            "used": files.used,
            "skipped": len(files.skipped),
            "other": len(files.other),
        },
        sizes=_ranges(entry.size for entry in entries if entry.size),
        spacing_mm=_ranges(entry.spacing_mm for entry in entries if entry.spacing_mm),
        channels=_counts(entry.channels for entry in entries),
        dtypes=_counts(entry.dtype for entry in entries),
        modalities=_counts(entry.modality.value for entry in entries),
        sites=_counts(entry.site for entry in entries if entry.site),
        labels=_label_table(entries, index.task),
        number_range=_number_range(entries),
        subgroups=_subgroups(entries),
        skipped=files.skipped,
        other=_counts(one.reason for one in files.other),
        unlabelled=len(index.unlabelled),
        boxes=count_boxes(entries, index.task.labels),
    )


def _modality_note(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Ask for what decides about preprocessing and mirroring, where no file says it."""
    unknown = sum(entry.modality is Modality.UNKNOWN for entry in entries)
    if not unknown:
        return ()
    how_many = (
        "no image says"
        if unknown == len(entries)
        else f"{unknown} of {len(entries)} images do not say"
    )
    return (
        f"{how_many} how it was made; pass --modality x-ray, ct, mri or ultrasound, so that "
        "preprocessing and checks fit, or --modality other where no body axis is up",
    )


def _ranges(lengths: Iterable[Sequence[float]]) -> dict[int, Range]:
    by_rank: dict[int, list[Sequence[float]]] = {}
    for one in lengths:
        by_rank.setdefault(len(one), []).append(one)
    return {
        rank: Range(
            tuple(min(axis) for axis in zip(*many, strict=True)),
            tuple(float(median(axis)) for axis in zip(*many, strict=True)),
            tuple(max(axis) for axis in zip(*many, strict=True)),
        )
        for rank, many in sorted(by_rank.items())
    }


def _counts(values: Iterable[Value]) -> dict[Value, int]:
    return dict(Counter(values).most_common())


def _label_table(entries: Sequence[Entry], task: TaskHint) -> dict[str, dict[str, int]]:
    """Return label → part → cases, for the parts that exist; empty for a number."""
    looked = [mask for one in entries if (mask := one.mask) is not None]
    if task.kind == "number" or any(one.present is None for one in looked):
        return {}
    counts = Counter((label, entry.split) for entry in entries for label in _labels_of(entry, task))
    present = [part for part in PARTS if any(entry.split == part for entry in entries)]
    nothing = sorted({label for label, _ in counts} & {NO_FINDING, NOTHING_OUTLINED})
    return {
        label: {part: counts[label, part] for part in present} for label in [*task.labels, *nothing]
    }


def _labels_of(entry: Entry, task: TaskHint) -> Sequence[str]:
    target = entry.target
    if isinstance(target, ClassTarget):
        return (target.label,)
    if isinstance(target, GradeTarget):
        return (task.labels[target.grade],)
    if isinstance(target, LabelsTarget):
        return sorted(target.labels) or (NO_FINDING,)
    if isinstance(target, BoxesTarget):
        return sorted({box.label for box in target.boxes}) or (NO_FINDING,)
    if isinstance(target, MaskReference | MaskBoxes):
        nothing = NOTHING_OUTLINED if isinstance(target, MaskReference) else NO_FINDING
        return target.present or (nothing,)
    return ()


def _number_range(entries: Sequence[Entry]) -> tuple[float, float, float] | None:
    values = [one.target.value for one in entries if isinstance(one.target, NumberTarget)]
    return (min(values), median(values), max(values)) if values else None


def _subgroups(entries: Sequence[Entry]) -> dict[str, dict[str, int]]:
    names = dict.fromkeys(name for entry in entries for name in entry.subgroups)
    return {
        name: _counts(entry.subgroups[name] for entry in entries if name in entry.subgroups)
        for name in names
    }
