"""The files of one prepared case, and the record without which they do not count.

Image, codes and places are written first, the record last and atomically: after a death at any
moment the case is either whole or not there. The record holds the size and checksum of each file.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scanwright.base import ScanwrightError, write_error, write_json
from scanwright.data.chunked import AnyArray, ChunkedArray, compress
from scanwright.data.label_codes import IGNORED_CODE, Codes
from scanwright.data.stored_case import SpotFile, StoredCase
from scanwright.image import Edges, Frame, Geometry

FORMAT = 1
"""Version of the files."""
MOST_PLACES = 10_000
"""Positions kept of each code: enough to draw windows around for a whole training."""
RECORD = ".json"
IMAGE = ".image.b2nd"
CODES = ".codes.b2nd"
PLACES = ".places.npy"
BOXES = ".boxes.npy"
STEM_LENGTH = 20
PIECE_BYTES = 1 << 22

Record = dict[str, Any]  # Any: what JSON holds


def stem_of(name: str) -> str:
    """Return the beginning of the file names of a case; it tells nothing about the case."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:STEM_LENGTH]


def write_case(
    folder: Path,
    case: StoredCase,
    *,
    window: tuple[int, ...],
    key: str,
) -> None:
    """Write a case held in memory.

    Parameters
    ----------
    window
        Edges of the windows that will be read.
    key
        Hash of what the case was made from and how.

    Raises
    ------
    ResourceError
        The disk is full.
    FileError
        The folder cannot be written.
    """
    stem = stem_of(case.name)
    # From here on the old record may not stand beside new files, whenever the run dies.
    (folder / (stem + RECORD)).unlink(missing_ok=True)
    whole = (slice(None),) * (len(case.size) + 1)
    contents = {IMAGE: compress(case.image[whole], window)}
    if case.codes is not None:
        contents[CODES] = compress(case.codes[whole[1:]], window)
    contents[PLACES] = _npy(case.spots[:, :])
    if case.edges is not None and case.classes is not None:
        flat = case.edges.reshape(len(case.edges), 2 * len(case.size))
        contents[BOXES] = _npy(np.column_stack([case.classes.astype(np.float64), flat]))
    record = {
        "format": FORMAT,
        "key": key,
        "name": case.name,
        "shape": list(case.image.shape),
        "geometry": _plain_geometry(case.geometry),
        "source_size": list(case.source_size),
        "source_geometry": _plain_geometry(case.source_geometry),
        "counts": _plain_keys(case.counts),
        "outside": case.outside,
        "spans": _plain_keys(case.spans),
        "files": {suffix: [len(data), zlib.crc32(data)] for suffix, data in contents.items()},
    }
    parts = {folder / (stem + suffix): data for suffix, data in contents.items()}
    try:
        for path, data in parts.items():
            path.write_bytes(data)
        write_json(folder / (stem + RECORD), record)
    except (OSError, ScanwrightError) as error:
        # On a full disk, what is left of a case is in the way of the next run.
        for path in parts:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise write_error(folder / stem, error) from error
        raise


def read_record(folder: Path, name: str) -> Record | None:
    """Return the record of a case; None where there is none that can be used."""
    try:
        text = (folder / (stem_of(name) + RECORD)).read_text(encoding="utf-8")
        record = json.loads(text)
    except (OSError, ValueError):
        return None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        return None
    return record if record.get("name") == name else None


def is_whole(folder: Path, record: Record) -> bool:
    """Whether every file of a case is as it was written."""
    stem = stem_of(record["name"])
    return all(
        _is_as_written(folder / (stem + suffix), length, checksum)
        for suffix, (length, checksum) in record["files"].items()
    )


def open_case(folder: Path, record: Record) -> StoredCase:
    """Return a case of which windows are read from its files."""
    stem = stem_of(record["name"])
    shape = tuple(record["shape"])
    codes = None
    if CODES in record["files"]:
        codes = ChunkedArray(folder / (stem + CODES), shape[1:], "uint8")
    edges, classes = None, None
    if BOXES in record["files"]:
        rows = np.load(folder / (stem + BOXES), allow_pickle=False)
        classes = rows[:, 0].astype(np.int64)
        edges = rows[:, 1:].reshape(len(rows), len(shape) - 1, 2)
    return StoredCase(
        name=record["name"],
        geometry=_geometry(record["geometry"]),
        source_size=tuple(record["source_size"]),
        source_geometry=_geometry(record["source_geometry"]),
        image=ChunkedArray(folder / (stem + IMAGE), shape, "float32"),
        codes=codes,
        counts={int(code): count for code, count in record["counts"].items()},
        outside=record["outside"],
        spots=SpotFile(folder / (stem + PLACES)),
        spans={int(code): (span[0], span[1]) for code, span in record["spans"].items()},
        edges=edges,
        classes=classes,
    )


def clear_others(folder: Path, stems: set[str]) -> None:
    """Remove the files of cases that are no longer asked for, and what a death left half-written.

    Other files are left alone.
    """
    suffixes = (IMAGE, CODES, PLACES, BOXES, RECORD)
    for path in folder.iterdir():
        stem, dot, rest = path.name.partition(".")
        is_ours = bool(dot) and dot + rest in suffixes and len(stem) == STEM_LENGTH
        if (is_ours and stem not in stems) or path.name.startswith(".writing-"):
            path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Spots:
    """Where the elements of each code are.

    Parameters
    ----------
    counts
        Code → number of elements, of the codes that occur.
    places
        Positions (N, rank), those of one code together; as small a type as holds them.
    spans
        Code → first and last + 1 of its positions; none of elements about which nothing is known.
    """

    counts: dict[int, int]
    places: AnyArray
    spans: dict[int, tuple[int, int]]

    @classmethod
    def none(cls, rank: int) -> "Spots":
        """Make those of a case without a label map."""
        return cls({}, np.zeros((0, rank), dtype=np.uint16), {})

    @classmethod
    def of_boxes(cls, edges: Edges, classes: npt.NDArray[np.int64]) -> "Spots":
        """Note the middle of each box; the name i of a plain scheme has the code i + 1."""
        order = np.argsort(classes, kind="stable")
        middles = np.maximum(edges.mean(axis=2).round(), 0)[order]
        codes, firsts, counts = np.unique(classes[order] + 1, return_index=True, return_counts=True)
        rows = zip(codes.tolist(), firsts.tolist(), counts.tolist(), strict=True)
        spans = {code: (first, first + count) for code, first, count in rows}
        counted = dict(zip(codes.tolist(), counts.tolist(), strict=True))
        return cls(counted, middles.astype(np.int32), spans)


def find_places(codes: Codes, rng: np.random.Generator) -> Spots:
    """Count the elements of each code, and note where some of them are."""
    flat = codes.reshape(-1)
    counts = _count(flat)
    labelled = np.flatnonzero(flat)
    order = np.argsort(flat[labelled], kind="stable")
    chosen: list[AnyArray] = []
    spans: dict[int, tuple[int, int]] = {}
    first, total = 0, 0
    for code, count in counts.items():
        if code == 0:
            found = _some_background(flat, count, rng)
        else:
            found = labelled[order[first : first + count]]
            first += count
            found = _thinned(found, rng)
        if code == IGNORED_CODE:
            continue
        chosen.append(found)
        spans[code] = (total, total + len(found))
        total += len(found)
    indices = np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)
    columns = np.unravel_index(indices, codes.shape)
    dtype = np.uint16 if max(codes.shape) <= 1 << 16 else np.int32
    return Spots(counts, np.stack(columns, axis=1).astype(dtype), spans)


def _count(flat: Codes) -> dict[int, int]:
    counts = np.zeros(256, dtype=np.int64)
    for start in range(0, flat.size, PIECE_BYTES):
        counts += np.bincount(flat[start : start + PIECE_BYTES], minlength=256)
    return {code: int(count) for code, count in enumerate(counts) if count}


def _thinned(found: AnyArray, rng: np.random.Generator) -> AnyArray:
    if len(found) <= MOST_PLACES:
        return found
    return np.sort(rng.choice(found, MOST_PLACES, replace=False, shuffle=False))


def _some_background(flat: Codes, count: int, rng: np.random.Generator) -> AnyArray:
    """Draw positions of background, of which there is mostly so much that listing it is waste."""
    tries = int(1.5 * MOST_PLACES * flat.size / count)
    if tries < flat.size // 4:
        drawn = np.unique(rng.integers(0, flat.size, tries))
        drawn = drawn[flat[drawn] == 0]
        if len(drawn) >= MOST_PLACES:
            return _thinned(drawn, rng)
    return _thinned(np.flatnonzero(flat == 0), rng)


def _is_as_written(path: Path, length: int, checksum: int) -> bool:
    found = 0
    try:
        if path.stat().st_size != length:
            return False
        with path.open("rb") as stream:
            while piece := stream.read(PIECE_BYTES):
                found = zlib.crc32(piece, found)
    except OSError:
        return False
    return found == checksum


def _npy(array: AnyArray) -> bytes:
    import io

    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def _plain_keys(table: Mapping[int, Any]) -> dict[str, Any]:  # Any: numbers or pairs of them
    return {str(key): value for key, value in table.items()}


def _plain_geometry(geometry: Geometry) -> Record:
    return {
        "spacing_mm": list(geometry.spacing_mm),
        "directions": geometry.directions.tolist(),
        "origin_lps": list(geometry.origin_lps),
        "frame": geometry.frame.value,
    }


def _geometry(plain: Record) -> Geometry:
    return Geometry(
        tuple(plain["spacing_mm"]),
        np.array(plain["directions"]),
        tuple(plain["origin_lps"]),
        Frame(plain["frame"]),
    )
