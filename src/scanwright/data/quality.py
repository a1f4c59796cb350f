"""Identical images, and patients, that lie in more than one part of a split."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from scanwright.base import SILENT, InputError, Progress, SplitError, thread_count
from scanwright.data.entry import Entry
from scanwright.data.index import Skipped, reason_of
from scanwright.data.npz import MemberReference

PRIORITY = ("train", "validation", "test")
"""Copies are dropped from the part that comes first."""
MOST_NAMED = 5
IMAGE, PATIENT = "image", "patient"


@dataclass(frozen=True, slots=True)
class Digests:
    """What the pixels of each case hash to.

    Parameters
    ----------
    of
        Name of the case → SHA-256 of shape, number type and values, hexadecimal.
    unreadable
        Cases whose pixels cannot be read, with the reason.
    """

    of: Mapping[str, str]
    unreadable: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """One image or patient that lies in several parts.

    Parameters
    ----------
    kind
        "image" or "patient".
    cases
        Part → its cases of this image or patient.
    """

    kind: str
    cases: Mapping[str, tuple[Entry, ...]]

    @property
    def kept(self) -> str:
        """The part that keeps its cases when copies are dropped: the one nearest to the test."""
        return max(self.cases, key=PRIORITY.index)

    def __str__(self) -> str:
        return " and ".join(
            f"{part}: {self.cases[part][0].name}" for part in PRIORITY if part in self.cases
        )


def digest_pixels(entries: Sequence[Entry], progress: Progress = SILENT) -> Digests:
    """Read all images and hash their pixels; what cannot be read comes back with the reason."""
    digests: dict[str, str] = {}
    unreadable: list[Skipped] = []
    progress.begin("comparing images", len(entries), "cases")
    for entry, result in zip(entries, _digest_all(entries), strict=True):
        progress.step()
        if isinstance(result, Skipped):
            unreadable.append(result)
        else:
            digests[entry.name] = result
    progress.end()
    return Digests(digests, tuple(unreadable))


def find_shared(
    parts: Mapping[str, Sequence[Entry]], digests: Mapping[str, str], *, by_patient: bool
) -> list[Shared]:
    """Find the images and patients that lie in more than one part.

    Parameters
    ----------
    parts
        "train", "validation", "test" → cases.
    digests
        Name of the case → hash of its pixels.
    by_patient
        Whether to look for patients, too.
    """
    found: dict[tuple[str, str], dict[str, list[Entry]]] = {}
    for part, entries in parts.items():
        for entry in entries:
            for key in _keys(entry, digests, by_patient=by_patient):
                found.setdefault(key, {}).setdefault(part, []).append(entry)
    return [
        Shared(kind, {part: tuple(entries) for part, entries in cases.items()})
        for (kind, _), cases in found.items()
        if len(cases) > 1
    ]


def refuse_shared(shared: Sequence[Shared]) -> None:
    """Raise the error that names what lies in several parts.

    Raises
    ------
    SplitError
        There is any.
    """
    for kind in (PATIENT, IMAGE):
        of_kind = [one for one in shared if one.kind == kind]
        if not of_kind:
            continue
        more = f"; and {len(of_kind) - MOST_NAMED} more" if len(of_kind) > MOST_NAMED else ""
        raise SplitError(
            f"The same {kind} lies on two sides of the split.",
            got=f"{len(of_kind)} {kind}{'s' * (len(of_kind) > 1)}: "
            + "; ".join(map(str, of_kind[:MOST_NAMED]))
            + more,
            legal=f"each {kind} on one side",
            next="correct the split, or pass --shared drop to leave the training copies out",
        )


def copies_to_drop(shared: Iterable[Shared]) -> dict[str, str]:
    """Return the cases to leave out, name → reason: all but those nearest to the test."""
    dropped: dict[str, str] = {}
    for one in shared:
        keeper = one.cases[one.kept][0]
        same = "identical to" if one.kind == IMAGE else "of the same patient as"
        for part, entries in one.cases.items():
            if part != one.kept:
                for entry in entries:
                    dropped[entry.name] = f"in {part}, {same} {keeper.name} in {one.kept}"
    return dropped


def contradictions(entries: Sequence[Entry], digests: Mapping[str, str]) -> list[list[Entry]]:
    """Return sets of identical images whose labels differ."""
    alike: dict[str, list[Entry]] = {}
    for entry in entries:
        alike.setdefault(digests[entry.name], []).append(entry)
    several = [same for same in alike.values() if len(same) > 1]
    return [same for same in several if len({truth_key(one) for one in same}) > 1]


def truth_key(entry: Entry) -> str:
    """Return what is true of a case as text: of a mask the hash of its values, not its file."""
    if entry.mask is None:
        return str(entry.target)
    digest = hashlib.sha256()
    for part in entry.mask.parts:
        try:
            array = part.reference.read().array
        except InputError:
            return entry.mask.source
        # Equal outlines may be stored as different numbers: 1 and 255, integers and floats.
        digest.update(f"{part.names} {array.shape}".encode())
        digest.update(np.unique(array, return_inverse=True)[1].astype(np.uint16).tobytes())
    return digest.hexdigest()


def _digest_all(entries: Sequence[Entry]) -> Iterator[str | Skipped]:
    if all(isinstance(entry.reference, MemberReference) for entry in entries):
        # Rows of an archive come from one array in memory: threads would only get in the way.
        yield from map(_digest, entries)
        return
    with ThreadPoolExecutor(thread_count()) as pool:
        yield from pool.map(_digest, entries)


def _digest(entry: Entry) -> str | Skipped:
    reference = entry.reference
    try:
        if isinstance(reference, MemberReference):
            array = reference.read_array()
        else:
            array = reference.read().array
    except InputError as error:
        return Skipped(entry.name, reason_of(error))
    digest = hashlib.sha256(f"{array.shape} {array.dtype.str}".encode())
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _keys(entry: Entry, digests: Mapping[str, str], *, by_patient: bool) -> list[tuple[str, str]]:
    keys = [(IMAGE, digests[entry.name])]
    if by_patient and entry.patient:
        keys.append((PATIENT, entry.patient))
    return keys
