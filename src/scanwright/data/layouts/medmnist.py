"""MedMNIST archives (.npz) in 2-D and 3-D, from disk or by the name `medmnist:NAME[:size]`."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanwright.base import (
    SILENT,
    FileError,
    LabelError,
    Progress,
    ShapeError,
    cache_folder,
    unknown_name,
)
from scanwright.data.download import download, md5_of
from scanwright.data.entry import Entry
from scanwright.data.index import PLACED, Account, Index, IndexOptions, TaskHint, TaskKind, Verdict
from scanwright.data.medmnist_sets import (
    DOWNLOAD_BASE,
    MEDMNIST_SETS,
    MedmnistSet,
    file_name,
    set_named_by,
)
from scanwright.data.npz import Member, MemberReference, read_members, read_small
from scanwright.image import ClassTarget, GradeTarget, LabelsTarget, Modality, NumberTarget, Target

PREFIX = "medmnist:"
PARTS = {"train": "train", "val": "validation", "test": "test"}
"""Word in the names of the arrays → part."""
MOST_CLASSES = 1000
Labels = npt.NDArray[np.int64]
"""Labels of one part, shape (N, L)."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of an archive."""

    name: str
    images: Member
    labels: npt.NDArray[np.float64]


class Medmnist:
    """One archive with arrays train_images, train_labels, val_images and so on."""

    accepts = "a MedMNIST archive (.npz), or its name as medmnist:NAME"
    takes_columns = False

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise the arrays of an archive."""
        if path.suffix.lower() != ".npz" or not path.is_file():
            return None
        return Verdict(3, "it is a NumPy archive")

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the archive without unpacking its images.

        Raises
        ------
        FileError
            It is damaged, or does not hold images and labels.
        LabelError
            There are not as many labels as images, or they are not labels.
        """
        parts = _read_parts(path)
        name = set_named_by(path.stem)
        known = MEDMNIST_SETS.get(name)
        hint = _task(parts, known, options)
        modality = options.modality_or(known.modality if known else Modality.UNKNOWN)
        entries = tuple(entry for part in parts for entry in _entries(path, part, hint, modality))
        notes = _notes(path, name, parts)
        return Index(
            root=path,
            layout="medmnist",
            described=_described(name, parts, hint),
            entries=entries,
            task=hint,
            files=Account((), (), used=1, found=1),
            notes=notes,
            # Its published parts cannot be edited by the user, so copies are dropped, and said.
            shared="drop",
        )


def fetch_medmnist(
    asked: str,
    *,
    allow_network: bool = False,
    progress: Progress = SILENT,
    base_url: str = DOWNLOAD_BASE,
) -> Path:
    """Return the file of a set named `medmnist:NAME` or `medmnist:NAME:SIZE`.

    Parameters
    ----------
    allow_network
        Whether it may be downloaded when the cache does not hold it.

    Raises
    ------
    RecipeError
        There is no such set or size.
    FileError
        It is not in the cache and the network is not allowed, or its content is not what was
        published.
    """
    name, size, known = _parse(asked)
    path = cache_folder() / "medmnist" / file_name(name, size)
    if not path.exists():
        if not allow_network:
            raise FileError(
                "The data set is not on this machine.",
                got=asked,
                next=f"allow its download with --allow-network, or put the file at {path}",
            )
        download(f"{base_url}/{path.name}?download=1", path, known.md5[size], progress)
        return path
    if md5_of(path) != known.md5[size]:
        raise FileError(
            "The file in the cache is not the published one.",
            got=f"MD5 {md5_of(path)}",
            legal=f"MD5 {known.md5[size]}",
            next="delete it and download it again with --allow-network",
            where=path,
        )
    return path


def _parse(asked: str) -> tuple[str, int, MedmnistSet]:
    name, _, size = asked.removeprefix(PREFIX).lower().partition(":")
    if name not in MEDMNIST_SETS:
        raise unknown_name("MedMNIST set", name, list(MEDMNIST_SETS), where=asked)
    known = MEDMNIST_SETS[name]
    sizes = [str(edge) for edge in known.md5]
    if (size or "28") not in sizes:
        raise unknown_name(f"size of {name}", size, sizes, where=asked)
    return name, int(size or 28), known


def _read_parts(path: Path) -> list[_Part]:
    members = read_members(path)
    parts = []
    for word, name in PARTS.items():
        images, labels = members.get(f"{word}_images"), members.get(f"{word}_labels")
        if images is None or labels is None:
            continue
        _check_images(path, images)
        truth = read_small(labels)
        if truth.ndim not in (1, 2) or truth.dtype.kind not in "buif":
            raise LabelError("Labels have the wrong shape or type.", got=truth.shape, where=path)
        if len(truth) != images.shape[0]:
            raise LabelError(
                "There are not as many labels as images.",
                got=f"{images.shape[0]} images, {len(truth)} labels in the {name} part",
                where=path,
            )
        parts.append(_Part(name, images, truth.reshape(len(truth), -1).astype(np.float64)))
    if not parts:
        raise FileError(
            "The archive holds no images with labels.",
            got=", ".join(sorted(members)[:8]) or "nothing",
            legal="train_images and train_labels, val_…, test_…",
            where=path,
        )
    return parts


def _check_images(path: Path, images: Member) -> None:
    if images.dtype.kind not in "buif" or not 3 <= len(images.shape) <= 5:
        raise ShapeError(
            "Images have the wrong shape or type.",
            got=f"{images.shape} of {images.dtype}",
            legal="(N, Y, X), (N, Y, X, 3), (N, Z, Y, X) or (N, Z, Y, X, 3)",
            where=f"{path}::{images.name}",
        )


def _has_colours(member: Member) -> bool:
    return len(member.shape) == 5 or (len(member.shape) == 4 and member.shape[-1] in (3, 4))


def _task(parts: list[_Part], known: MedmnistSet | None, options: IndexOptions) -> TaskHint:
    columns = {part.labels.shape[1] for part in parts}
    if len(columns) > 1:
        raise LabelError("The parts differ in their number of labels.", got=sorted(columns))
    count = columns.pop()
    values = np.unique(np.concatenate([part.labels.ravel() for part in parts]))
    kind: TaskKind
    if options.task in PLACED:
        raise LabelError(
            "The archive holds labels of whole images only.",
            got=f"--task {options.task}",
            next="give a folder of images with their masks or boxes",
        )
    if options.task != "auto":
        kind, reason = options.task, "as asked with --task"
    elif known is not None:
        kind, reason = known.kind, "as published"
    elif count > 1:
        kind, reason = "findings", f"{count} columns of labels"
    elif np.all(values == np.round(values)):
        kind, reason = "classes", "one column of whole numbers"
    else:
        kind, reason = "number", "one column of numbers with fractions"
    return TaskHint(kind, _labels(kind, count, values, known, options), reason)


def _labels(
    kind: TaskKind,
    count: int,
    values: npt.NDArray[np.float64],
    known: MedmnistSet | None,
    options: IndexOptions,
) -> tuple[str, ...]:
    """Return the names of the labels in the order of their numbers."""
    if kind == "number":
        return ("value",)
    if kind == "findings":
        needed, highest = count, 1.0
    else:
        needed, highest = int(values.max()) + 1, float(MOST_CLASSES)
    if (
        not np.array_equal(values, np.round(values))
        or values.min() < 0
        or values.max() > highest
        or (count > 1) is not (kind == "findings")
    ):
        raise LabelError(
            f"The labels do not fit a task of kind {kind}.",
            got=f"{count} columns with values {values.min():g} to {values.max():g}",
            legal="columns of 0 and 1" if kind == "findings" else "one column of whole numbers ≥ 0",
        )
    names = options.order or (known.labels if known else tuple(map(str, range(needed))))
    if len(names) < needed:
        raise LabelError(
            "There are more labels than names.", got=f"{needed} labels", legal=", ".join(names)
        )
    return names


def _entries(path: Path, part: _Part, hint: TaskHint, modality: Modality) -> list[Entry]:
    has_colours = _has_colours(part.images)
    shape = part.images.shape[1:]
    size = shape[:-1] if has_colours else shape
    targets = _targets(part.labels, hint)
    return [
        Entry(
            f"{part.name}/{row:06d}",
            MemberReference(path, part.images.name, row, has_colours, modality),
            target=target,
            split=part.name,
            size=size,
            channels=shape[-1] if has_colours else 1,
            dtype=part.images.dtype.name,
            modality=modality,
        )
        for row, target in enumerate(targets)
    ]


def _targets(labels: npt.NDArray[np.float64], hint: TaskHint) -> list[Target]:
    if hint.kind == "number":
        return [NumberTarget(float(value)) for value in labels[:, 0]]
    if hint.kind == "findings":
        return [
            LabelsTarget(frozenset(hint.labels[place] for place in np.flatnonzero(row)))
            for row in labels
        ]
    if hint.kind == "grade":
        return [GradeTarget(int(value)) for value in labels[:, 0]]
    return [ClassTarget(hint.labels[int(value)]) for value in labels[:, 0]]


def _described(name: str, parts: list[_Part], hint: TaskHint) -> str:
    what = name or "an archive laid out as MedMNIST's"
    counts = ", ".join(f"{len(part.labels)} {part.name}" for part in parts)
    return f"{what}: {counts}; {hint.kind} {' / '.join(hint.labels)}"


def _notes(path: Path, name: str, parts: list[_Part]) -> tuple[str, ...]:
    notes = []
    if not name:
        notes.append("the file has no MedMNIST name, so its labels are called by their numbers")
    elif re.fullmatch(rf"{name}(_\d+)?", path.stem) is None:
        notes.append(f"the labels are those of {name}, by the file's name")
    missing = sorted(set(PARTS.values()) - {part.name for part in parts})
    if missing:
        notes.append(f"the archive has no {' and no '.join(missing)} part")
    return tuple(notes)


def is_named(place: Path | str) -> bool:
    """Whether a place is the name of a set rather than a path."""
    return str(place).startswith(PREFIX)
