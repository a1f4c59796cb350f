"""Cases preprocessed once, from which windows are read without loading a case."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from scanwright.base import (
    SILENT,
    FileError,
    InputError,
    LabelError,
    Progress,
    ShapeError,
    read_machine,
    thread_count,
    write_error,
    write_json,
)
from scanwright.data.bounded import map_bounded
from scanwright.data.case_files import (
    FORMAT,
    Spots,
    clear_others,
    find_places,
    is_whole,
    open_case,
    read_record,
    stem_of,
    write_case,
)
from scanwright.data.label_codes import outside_code, to_codes
from scanwright.data.stored_case import StoredCase
from scanwright.image import BoxesTarget, Case, Edges, LabelScheme, MaskTarget, edges_of
from scanwright.transforms import Pipeline

Source = TypeVar("Source")

ABOUT = "windows.json"
MEMORY_SHARE = 0.6
"""Part of the free memory that cases in preparation may take together."""
BYTES_PER_NUMBER = 22
"""Memory at the peak of a case's preparation, for each number of its image as read or prepared,
whichever is larger; 19 were measured for a CT of 200 × 512 × 512, resampled and packed."""


@dataclass(frozen=True, slots=True)
class Preparation(Generic[Source]):
    """How cases are made ready for windows.

    Parameters
    ----------
    read
        Source → case.
    pipeline
        Deterministic preprocessing; sizes may differ from case to case.
    scheme
        What the values of label maps mean.
    window
        Edges of the windows that will be read, slow axis first.
    key
        Hash of what the result depends on beside what stands here.
    source_key
        Source → hash of its files; a case whose hash is new is prepared anew, others are kept.
    """

    read: Callable[[Source], Case]
    pipeline: Pipeline
    scheme: LabelScheme
    window: tuple[int, ...]
    key: str = ""
    source_key: Callable[[Source], str] = field(default=lambda _: "")

    def case_key(self, source: Source) -> str:
        """Return the hash of everything that the prepared case depends on.

        The window is left out: chunks that fit another one are read as well, if not as fast.
        """
        scheme = [self.scheme.names, self.scheme.values, self.scheme.ignore]
        about = [FORMAT, self.key, self.pipeline.to_plain(), scheme]
        plain = json.dumps([*about, self.source_key(source)], sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class WindowStore:
    """Prepared cases.

    Parameters
    ----------
    names
        Cases that were prepared, in the order given.
    skipped
        (case name, reason) of cases that could not be read or preprocessed.
    scheme
        What codes stand for, by `values_of_codes`.
    cases
        By name.
    """

    names: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    scheme: LabelScheme
    cases: Mapping[str, StoredCase]

    def case(self, name: str) -> StoredCase:
        """Return a case.

        Raises
        ------
        InputError
            It was not prepared; the reason is named where it is known.
        """
        if name not in self.cases:
            raise InputError(
                "The case was not prepared.", got=dict(self.skipped).get(name), where=name
            )
        return self.cases[name]

    @property
    def bytes_unpacked(self) -> int:
        """Memory that all cases take when held whole."""
        return sum(case.bytes_unpacked for case in self.cases.values())

    def held_within(self, allowance_bytes: float) -> "WindowStore":
        """Return the store with all cases in memory, or as it is where they take more than allowed.

        A window of a case in memory is read ten to fifty times faster.
        """
        if self.bytes_unpacked > allowance_bytes:
            return self
        return replace(self, cases={name: case.held() for name, case in self.cases.items()})


def build_window_store(
    sources: Sequence[tuple[str, Source]],
    preparation: Preparation[Source],
    folder: Path,
    *,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> WindowStore:
    """Prepare cases into `folder`; what is there, whole and made alike, is kept.

    A run that died goes on with the case it was at. As many cases are prepared at once as there
    are workers and as fit into the free memory.

    Parameters
    ----------
    sources
        (case name, what `preparation.read` takes) of each case.
    workers
        Threads; by default all.

    Raises
    ------
    ResourceError
        The disk is full.
    ShapeError
        No case at all could be prepared.
    LabelError
        There are more labels than can be told apart.
    """
    outside_code(preparation.scheme)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ABOUT).unlink(missing_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error
    clear_others(folder, {stem_of(name) for name, _ in sources})
    progress.begin("preparing images", len(sources), "cases")
    keys = {name: preparation.case_key(source) for name, source in sources}
    there = _there(folder, keys)
    left = [(name, source) for name, source in sources if name not in there]
    progress.step(len(sources) - len(left))
    skipped: dict[str, str] = {}

    def prepare(item: tuple[str, Source]) -> tuple[tuple[str, str | None], float]:
        name, source = item
        try:
            case, taken = _prepare(name, source, preparation)
        except InputError as error:
            return (name, error.sentence()), 0.0
        write_case(folder, case, window=preparation.window, key=keys[name])
        return (name, None), taken

    done = map_bounded(
        prepare,
        left,
        workers=workers or thread_count(),
        allowance_bytes=MEMORY_SHARE * read_machine().memory_bytes,
    )
    for name, reason in done:
        if reason is not None:
            skipped[name] = reason
        progress.step(1)
    progress.end()
    names = [name for name, _ in sources if name not in skipped]
    if not names:
        raise ShapeError(
            "No case could be prepared.",
            got=next(iter(skipped.values()), "no case at all"),
            next="see `scanwright index` for the reason of each file",
        )
    clear_others(folder, {stem_of(name) for name in names})
    scheme = preparation.scheme
    about = {
        "names": names,
        "skipped": [[name, skipped[name]] for name, _ in sources if name in skipped],
        "scheme": {"names": scheme.names, "values": scheme.values, "ignore": scheme.ignore},
    }
    write_json(folder / ABOUT, about)
    return open_window_store(folder)


def open_window_store(folder: Path) -> WindowStore:
    """Open a store that was built.

    Raises
    ------
    FileError
        It was not, or not to its end.
    """
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        plain = about["scheme"]
        values = tuple(tuple(group) for group in plain["values"])
        scheme = LabelScheme(tuple(plain["names"]), values, plain["ignore"])
        records = {name: read_record(folder, name) for name in about["names"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _not_built(folder) from error
    cases = {name: open_case(folder, record) for name, record in records.items() if record}
    if len(cases) != len(records):
        raise _not_built(folder)
    skipped = tuple((name, reason) for name, reason in about["skipped"])
    return WindowStore(tuple(about["names"]), skipped, scheme, cases)


def _not_built(folder: Path) -> FileError:
    return FileError(
        "The prepared cases are not complete.",
        next="run the same command again; it goes on where it stopped",
        where=folder,
    )


def _there(folder: Path, keys: Mapping[str, str]) -> set[str]:
    """Return the cases that are there already, made alike and undamaged."""

    def is_there(name: str) -> bool:
        record = read_record(folder, name)
        return record is not None and record["key"] == keys[name] and is_whole(folder, record)

    with ThreadPoolExecutor(thread_count()) as pool:
        found = pool.map(is_there, keys)
        return {name for name, is_good in zip(keys, found, strict=True) if is_good}


def _prepare(
    name: str, source: Source, preparation: Preparation[Source]
) -> tuple[StoredCase, float]:
    """Read and preprocess a case; also say how much memory that took, in bytes."""
    try:
        read = preparation.read(source)
        case, _ = preparation.pipeline.apply(read)
        array = np.ascontiguousarray(case.image.array, dtype=np.float32)
    except MemoryError as error:
        raise ShapeError(
            "The case does not fit into the memory.",
            next="use a machine with more memory, or a coarser spacing in the recipe",
            where=name,
        ) from error
    _check(array, case, preparation, name)
    codes = None
    spots = Spots.none(array.ndim - 1)
    if isinstance(case.target, MaskTarget):
        codes = to_codes(case.target.labels.array[0], preparation.scheme)
        rng = np.random.default_rng(int(stem_of(name), 16))
        spots = find_places(codes, rng)
    edges, classes = None, None
    if isinstance(case.target, BoxesTarget):
        edges, classes = _boxes_inside(case.target, array.shape[1:], preparation.scheme, name)
        spots = Spots.of_boxes(edges, classes)
    stored = StoredCase(
        name=name,
        geometry=case.image.geometry,
        source_size=read.image.size,
        source_geometry=read.image.geometry,
        image=array,
        codes=codes,
        counts=spots.counts,
        outside=outside_code(preparation.scheme),
        spots=spots.places,
        spans=spots.spans,
        edges=edges,
        classes=classes,
    )
    return stored, BYTES_PER_NUMBER * float(max(array.size, read.image.array.size))


def _boxes_inside(
    target: BoxesTarget, size: tuple[int, ...], scheme: LabelScheme, name: str
) -> tuple[Edges, npt.NDArray[np.int64]]:
    """Return boxes cut to the image, and which name of the scheme each is; none that lie outside.

    Raises
    ------
    LabelError
        A label is unknown.
    """
    unknown = {box.label for box in target.boxes} - set(scheme.names)
    if unknown:
        raise LabelError(
            "A label is unknown.", got=sorted(unknown), legal=", ".join(scheme.names), where=name
        )
    classes = np.array([scheme.names.index(box.label) for box in target.boxes], dtype=np.int64)
    ends = np.array(size, dtype=np.float64)[:, None] - 0.5
    edges = np.clip(edges_of(target.boxes, len(size)), -0.5, ends)
    is_there = (edges[:, :, 1] > edges[:, :, 0]).all(axis=1)
    return edges[is_there], classes[is_there]


def _check(
    array: npt.NDArray[np.float32], case: Case, preparation: Preparation[Source], name: str
) -> None:
    size = array.shape[1:]
    if len(size) != len(preparation.window):
        raise ShapeError(
            "The case has another number of axes than the windows.",
            got=f"{len(size)}-D",
            legal=f"{len(preparation.window)}-D",
            where=name,
        )
    if isinstance(case.target, MaskTarget) and case.target.labels.size != size:
        raise ShapeError(
            "The label map does not lie on the image's grid.",
            got=case.target.labels.size,
            legal=size,
            where=name,
        )
    if not np.isfinite(array.sum(dtype=np.float64)):
        raise InputError("The prepared image holds values that are not finite.", where=name)
