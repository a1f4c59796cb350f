"""Cases preprocessed once into one array on disk, and read back without loading it whole."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from scanwright.base import (
    SILENT,
    Progress,
    ResourceError,
    ScanwrightError,
    ShapeError,
    free_disk_bytes,
    replacing,
    thread_count,
    write_json,
)
from scanwright.image import Case
from scanwright.transforms import Pipeline

Source = TypeVar("Source")
IMAGES = "images.npy"
"""Name of the array in a store's folder."""
ABOUT = "store.json"
PER_WORKER = 4
"""Cases read ahead by each thread; bounds memory."""


@dataclass(frozen=True, slots=True)
class Store:
    """Preprocessed images.

    Parameters
    ----------
    images
        Shape (N, C, *size), float32, memory-mapped.
    rows
        Case name → row.
    skipped
        (case name, reason) of cases that could not be read or preprocessed.
    """

    images: npt.NDArray[np.float32]
    rows: dict[str, int]
    skipped: tuple[tuple[str, str], ...]


def build_store(
    sources: Sequence[tuple[str, Source]],
    read: Callable[[Source], Case],
    pipeline: Pipeline,
    folder: Path,
    *,
    key: str,
    progress: Progress = SILENT,
) -> Store:
    """Read and preprocess cases into `folder`, or reuse what is there under the same key.

    Parameters
    ----------
    sources
        (case name, what `read` takes) of each case.
    pipeline
        Deterministic preprocessing that ends in one fixed size.
    key
        Hash of everything the result depends on.

    Raises
    ------
    ResourceError
        The disk is too small.
    ShapeError
        Preprocessed images differ in shape.
    """
    done = _reuse(folder, key)
    if done is not None:
        return done
    folder.mkdir(parents=True, exist_ok=True)
    # From here on the old description may not stand beside new images, whenever the run dies.
    (folder / ABOUT).unlink(missing_ok=True)
    names: list[str] = []
    skipped: list[tuple[str, str]] = []

    def good() -> Iterator[npt.NDArray[np.float32]]:
        for name, result in _prepare_all(sources, read, pipeline):
            progress.step(1)
            if isinstance(result, ScanwrightError):
                skipped.append((name, result.sentence()))
            else:
                names.append(name)
                yield result

    progress.begin("preparing images", len(sources), "cases")
    _write_array(folder / IMAGES, good(), len(sources))
    progress.end()
    about = {"key": key, "names": names, "skipped": skipped}
    write_json(folder / ABOUT, about)
    opened = _reuse(folder, key)
    assert opened is not None
    return opened


def _reuse(folder: Path, key: str) -> Store | None:
    about_file = folder / ABOUT
    if not about_file.exists() or not (folder / IMAGES).exists():
        return None
    about = json.loads(about_file.read_text(encoding="utf-8"))
    if about["key"] != key:
        return None
    images = np.load(folder / IMAGES, mmap_mode="r", allow_pickle=False)
    rows = {name: row for row, name in enumerate(about["names"])}
    skipped = tuple((name, reason) for name, reason in about["skipped"])
    return Store(images[: len(rows)], rows, skipped)


def _prepare_all(
    sources: Sequence[tuple[str, Source]], read: Callable[[Source], Case], pipeline: Pipeline
) -> Iterator[tuple[str, npt.NDArray[np.float32] | ScanwrightError]]:
    def prepare(item: tuple[str, Source]) -> tuple[str, npt.NDArray[np.float32] | ScanwrightError]:
        name, source = item
        try:
            case, _ = pipeline.apply(read(source))
            return name, np.ascontiguousarray(case.image.array, dtype=np.float32)
        except ScanwrightError as error:
            return name, error

    workers = thread_count()
    remaining = iter(sources)
    with ThreadPoolExecutor(workers) as pool:
        # Bounded look-ahead keeps memory flat however large the set is.
        while chunk := list(islice(remaining, workers * PER_WORKER)):
            yield from pool.map(prepare, chunk)


def _write_array(path: Path, arrays: Iterable[npt.NDArray[np.float32]], count: int) -> None:
    """Write rows one after another: on a full disk a memory map would kill the process."""
    stream_of = iter(arrays)
    first = next(stream_of, None)
    if first is None:
        raise ShapeError(
            "No case could be read.",
            next="see `scanwright index` for the reason of each file",
        )
    needed = count * first.nbytes
    if free_disk_bytes(path) < needed:
        raise ResourceError(
            "The disk is too small for the prepared images.",
            got=f"{free_disk_bytes(path) / 1e9:.2f} GB free",
            legal=f"{needed / 1e9:.2f} GB",
            next="choose an output on another disk with -o",
        )
    with replacing(path) as temporary, temporary.open("wb") as stream:
        header = {"descr": "<f4", "fortran_order": False, "shape": (count, *first.shape)}
        np.lib.format.write_array_header_2_0(stream, header)
        written = 0
        for array in chain([first], stream_of):
            if array.shape != first.shape:
                raise ShapeError(
                    "Prepared images differ in shape.", got=array.shape, legal=first.shape
                )
            stream.write(array.tobytes())
            written += 1
        # Rows of skipped cases stay as zeros at the end, outside the store's view.
        for _ in range(count - written):
            stream.write(bytes(first.nbytes))
