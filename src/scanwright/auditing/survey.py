"""All images of a data set looked at once, side by side, ready for every check."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np
import numpy.typing as npt

from scanwright.auditing.box_look import BoxLook, look_at_boxes
from scanwright.auditing.look import Look, take_look
from scanwright.auditing.mask_look import MaskLook, look_at_mask
from scanwright.auditing.near import find_near_duplicates
from scanwright.auditing.near_pair import NearDuplicates
from scanwright.auditing.plain_picture import read_image
from scanwright.base import SILENT, InputError, Progress, thread_count
from scanwright.data import Entry, Index, MaskBoxes, MaskReference, Skipped
from scanwright.image import (
    BoxesTarget,
    ClassTarget,
    GradeTarget,
    Image,
    LabelsTarget,
    NumberTarget,
)

AHEAD = 4
"""Images read ahead by each thread; bounds memory."""

Seen = tuple[Look, MaskLook | None, BoxLook | None]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Question:
    """A claim that is true of some cases and false of the others.

    Parameters
    ----------
    name
        What is claimed: a label.
    rows
        Shape (M,): the cases of which it is known.
    positive
        Shape (M,): whether it holds.
    """

    name: str
    rows: Integers
    positive: Bools


@dataclass(frozen=True, slots=True)
class Survey:
    """A data set with a look at each of its images.

    Parameters
    ----------
    index
        The data set.
    entries, looks
        Cases whose pixels can be read, and what they look like.
    unreadable
        Cases whose pixels cannot be read, with the reason.
    near
        Near duplicates among the entries, by their place; None where they were not looked for.
    masks
        What the mask of each entry looks like; None for an entry without one.
    boxes
        What the boxes of each entry look like; None where its truth is no boxes.
    """

    index: Index
    entries: tuple[Entry, ...]
    looks: tuple[Look, ...] = field(repr=False)
    unreadable: tuple[Skipped, ...] = ()
    near: NearDuplicates | None = None
    masks: tuple[MaskLook | None, ...] = field(default=(), repr=False)
    boxes: tuple[BoxLook | None, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the cases."""
        return tuple(entry.name for entry in self.entries)

    @property
    def pictures(self) -> npt.NDArray[np.uint8]:
        """Shape (N, 64, 64): the small pictures."""
        if not self.looks:
            return np.zeros((0, 64, 64), dtype=np.uint8)
        return np.stack([look.picture for look in self.looks])

    @property
    def patients(self) -> tuple[str, ...]:
        """Whom each case belongs to; a case without a patient stands for itself."""
        return tuple(one.patient or f"case {one.name}" for one in self.entries)

    @property
    def has_patients(self) -> bool:
        """Whether any patient is named."""
        return any(entry.patient for entry in self.entries)

    @property
    def digests(self) -> dict[str, str]:
        """Name of a case → hash of its pixels."""
        return {one.name: look.digest for one, look in zip(self.entries, self.looks, strict=True)}

    def column(self, of: Callable[[Look], float]) -> Floats:
        """Return one number per case, shape (N,)."""
        return np.array([of(look) for look in self.looks], dtype=np.float64)

    def labels(self) -> tuple[tuple[str, ...], ...]:
        """Return the labels of each case: one for classes and grades, any for findings."""
        return tuple(labels_of(entry, self.index.task.labels) for entry in self.entries)

    def groups(self, alike: Sequence[Sequence[str]] = ()) -> Integers:
        """Return which cases belong together, shape (N,): by patient, identity, and likeness.

        Parameters
        ----------
        alike
            Groups of names that are near duplicates.
        """
        root = np.arange(len(self))

        def find(node: int) -> int:
            while root[node] != node:
                root[node] = root[root[node]]
                node = int(root[node])
            return node

        first: dict[str, int] = {}
        for row, (entry, look) in enumerate(zip(self.entries, self.looks, strict=True)):
            keys = [f"pixels {look.digest}", *([f"patient {entry.patient}"] * bool(entry.patient))]
            for key in keys:
                root[find(first.setdefault(key, row))] = find(row)
        place = {name: row for row, name in enumerate(self.names)}
        for group in alike:
            rows = [place[name] for name in group if name in place]
            for row in rows[1:]:
                root[find(rows[0])] = find(row)
        found = [find(row) for row in range(len(self))]
        return np.unique(found, return_inverse=True)[1].astype(np.int64)

    def questions(self) -> tuple[Question, ...]:
        """Return what could be learnt, as yes-or-no questions."""
        known = [row for row, entry in enumerate(self.entries) if entry.target is not None]
        rows = np.array(known, dtype=np.int64)
        if not known:
            return ()
        if self.index.task.kind == "number":
            values = self.numbers()[rows]
            middle = float(np.median(values))
            name = f"{self.index.task.labels[0]} above {middle:.4g}"
            return (Question(name, rows, values > middle),)
        labels = self.labels()
        asked = self.index.task.labels
        if self.index.task.kind != "findings" and len(asked) == 2:
            asked = asked[-1:]
        return tuple(
            Question(label, rows, np.array([label in labels[row] for row in known]))
            for label in asked
        )

    def numbers(self) -> Floats:
        """Return the number that is true of each case, shape (N,); NaN where it is none."""
        targets = [entry.target for entry in self.entries]
        return np.array([one.value if isinstance(one, NumberTarget) else np.nan for one in targets])


def labels_of(entry: Entry, labels: Sequence[str]) -> tuple[str, ...]:
    """Return the labels of a case; none for a number or where nothing is known."""
    target = entry.target
    if isinstance(target, ClassTarget):
        return (target.label,)
    if isinstance(target, GradeTarget):
        return (labels[target.grade],)
    if isinstance(target, LabelsTarget):
        return tuple(sorted(target.labels))
    if isinstance(target, BoxesTarget):
        return tuple(sorted({box.label for box in target.boxes}))
    if isinstance(target, MaskReference | MaskBoxes):
        return target.present or ()
    return ()


def label_words(entry: Entry, labels: Sequence[str]) -> str:
    """Return what is true of a case, in words."""
    target = entry.target
    if target is None:
        return "no label"
    if isinstance(target, NumberTarget):
        return f"{target.value:g} {target.unit}".strip()
    if isinstance(target, MaskReference):
        return "outlined" if target.present is None else ", ".join(target.present) or "empty mask"
    if isinstance(target, BoxesTarget):
        counts = Counter(box.label for box in target.boxes)
        return ", ".join(f"{counts[label]} × {label}" for label in sorted(counts)) or "no finding"
    return ", ".join(labels_of(entry, labels)) or "no finding"


def take_survey(
    index: Index,
    progress: Progress = SILENT,
    *,
    does_read: bool = True,
    does_compare: bool = True,
) -> Survey:
    """Read and look at every image of a data set, once.

    Parameters
    ----------
    does_read
        Whether to look for lettering, the slowest part of a look.
    does_compare
        Whether to look for near duplicates.
    """
    entries: list[Entry] = []
    looks: list[Look] = []
    masks: list[MaskLook | None] = []
    boxes: list[BoxLook | None] = []
    unreadable: list[Skipped] = []
    progress.begin("looking at images", len(index.entries), "cases")
    results = _look_at_all(index.entries, does_read=does_read, does_compare=does_compare)
    for entry, result in zip(index.entries, results, strict=True):
        progress.step()
        if isinstance(result, Skipped):
            unreadable.append(result)
        else:
            entries.append(entry)
            looks.append(result[0])
            masks.append(result[1])
            boxes.append(result[2])
    progress.end()
    near = None
    if does_compare:
        near = find_near_duplicates([look.reduced for look in looks], progress=progress)
        # The pictures have served: ten thousand of them are 160 MB.
        looks = [replace(look, reduced=None) for look in looks]
    return Survey(
        index, tuple(entries), tuple(looks), tuple(unreadable), near, tuple(masks), tuple(boxes)
    )


def _look_at_all(
    entries: Sequence[Entry], *, does_read: bool, does_compare: bool
) -> Iterator[Seen | Skipped]:
    def look(entry: Entry) -> Seen | Skipped:
        try:
            image = read_image(entry)
            taken = take_look(image, does_read=does_read, does_compare=does_compare)
            return taken, *_look_at_truth(entry, image)
        except InputError as error:
            got = f" ({error.got})" if error.got is not None else ""
            return Skipped(entry.name, f"{error.what}{got}")

    workers = thread_count()
    remaining = iter(entries)
    with ThreadPoolExecutor(workers) as pool:
        # Bounded look-ahead keeps memory flat however large the set is.
        while chunk := list(islice(remaining, workers * AHEAD)):
            yield from pool.map(look, chunk)


def _look_at_truth(entry: Entry, image: Image) -> tuple[MaskLook | None, BoxLook | None]:
    target = entry.target
    if isinstance(target, MaskReference):
        return look_at_mask(target.read_on(image)), None
    if isinstance(target, MaskBoxes):
        target = target.read_on(image)
    return None, look_at_boxes(target, image.size) if isinstance(target, BoxesTarget) else None
