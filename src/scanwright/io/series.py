"""Plain DICOM series: finding them in a folder, and stacking one into a volume.

Only what is certain is stacked; a series with gaps, copies or mixed orientations is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scanwright.base import SILENT, FileError, GeometryError, InputError, Progress
from scanwright.image import Array, Floats, Frame, Image, Modality
from scanwright.io.catalog import recognise
from scanwright.io.dicom import header_of, image_of, open_header, open_whole
from scanwright.io.dicom_pixels import decode, read_facts
from scanwright.io.guard import check_is_file, reading
from scanwright.io.header import Header
from scanwright.io.limits import DEFAULT_LIMITS, ReadLimits
from scanwright.io.stack import stack_planes


@dataclass(frozen=True, slots=True)
class Series:
    """The files of one DICOM series.

    Parameters
    ----------
    uid, study, patient
        Series Instance UID, Study Instance UID, Patient ID; empty where the files have none.
    paths
        In the order of position along the normal where there is one, else of Instance Number.
    size
        Number of elements along each spatial axis once read; of the first file where the files
        differ.
    headers
        What each file says of itself, in the order of `paths`.
    """

    uid: str
    study: str
    patient: str
    modality: Modality
    description: str
    paths: tuple[Path, ...]
    size: tuple[int, ...]
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesScan:
    """What a folder holds: every file is in one series or unreadable, with the reason."""

    series: tuple[Series, ...]
    unreadable: tuple[tuple[Path, str], ...]


@dataclass(frozen=True, slots=True)
class _Slice:
    path: Path
    header: Header
    number: int


def scan_series(folder: Path | str, progress: Progress = SILENT) -> SeriesScan:
    """Find all DICOM series below a folder, from headers alone.

    Raises
    ------
    FileError
        The folder does not exist or cannot be listed.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileError("There is no such folder.", next="check the path", where=folder)
    paths = sorted(path for path in folder.rglob("*") if not path.is_dir())
    groups: dict[tuple[str, str], list[_Slice]] = {}
    unreadable = []
    progress.begin("headers", len(paths), "files")
    for path in paths:
        try:
            found = _probe_slice(path)
        except InputError as error:
            unreadable.append((path, error.what))
        else:
            groups.setdefault(_series_key(found), []).append(found)
        progress.step()
    progress.end()
    series = tuple(_series(slices) for _, slices in sorted(groups.items()))
    return SeriesScan(series, tuple(unreadable))


def read_series(paths: Iterable[Path | str], limits: ReadLimits = DEFAULT_LIMITS) -> Image:
    """Read the files of one DICOM series as a volume, or a single file as what it is.

    Parameters
    ----------
    paths
        In any order; the position in the patient decides.

    Raises
    ------
    FileError
        A file cannot be read.
    GeometryError
        The files are of several series, lack a place in the patient, or do not form a regular
        grid: mixed orientation, size or spacing, copies, or uneven gaps.
    """
    files = [Path(path) for path in paths]
    if not files:
        raise FileError("No files were given.", legal="the files of one series")
    where = files[0].parent
    if len(files) == 1:
        with reading(files[0]):
            check_is_file(files[0])
            return image_of(open_whole(files[0], limits), files[0], limits)
    headers = [_checked_header(path, limits) for path in files]
    _check_one_series(headers, where)
    planes = [header.geometry for header in headers]
    order, geometry = stack_planes(planes, where)
    dtype = np.result_type(*[header.dtype for header in headers]).name
    shape = (headers[0].channels, len(files), *headers[0].size)
    limits.check(shape, dtype, where)
    array = np.empty(shape, dtype=dtype)
    first = _read_slice(files[order[0]], limits)
    array[:, 0] = first.array
    for place, index in enumerate(order[1:], start=1):
        array[:, place] = _read_values(files[index], limits)
    return Image(array, geometry, first.modality, first.unit, about=first.about)


def _probe_slice(path: Path) -> _Slice:
    name = recognise(path)
    if name != "dicom":
        raise FileError(f"The file is not DICOM but {name or 'of no known format'}.", where=path)
    with reading(path):
        ds = open_header(path, DEFAULT_LIMITS)
        number = ds.get("InstanceNumber")
        header = header_of(ds, path, DEFAULT_LIMITS)
        return _Slice(path, header, int(number) if number is not None else 0)


def _series_key(one: _Slice) -> tuple[str, str]:
    """Return what files of one series have in common.

    Without a series UID, that is their folder, size and orientation, if they have a place in the
    patient; else each file is its own series.
    """
    header, grid = one.header, one.header.geometry
    if header.series_uid:
        return header.study_uid, header.series_uid
    if grid.frame is not Frame.PATIENT or grid.rank != 2:
        return header.study_uid, str(one.path)
    alike = (header.patient_id, header.shape, grid.spacing_mm, grid.directions.round(3).tolist())
    return header.study_uid, f"{one.path.parent} {alike}"


def _series(slices: list[_Slice]) -> Series:
    first = slices[0].header
    normal = _normal(slices)
    if normal is None:
        ordered = sorted(slices, key=lambda one: (one.number, one.path))
    else:
        ordered = sorted(
            slices,
            key=lambda one: (float(normal @ one.header.geometry.origin_lps), one.number, one.path),
        )
    size = first.size if len(slices) == 1 else (len(slices), *first.size)
    return Series(
        first.series_uid,
        first.study_uid,
        first.patient_id,
        first.modality,
        first.series_description,
        tuple(one.path for one in ordered),
        size,
        tuple(one.header for one in ordered),
    )


def _normal(slices: Sequence[_Slice]) -> Floats | None:
    """Return the normal of the first plane, None where a file has no place in the patient."""
    grids = [one.header.geometry for one in slices]
    if any(grid.frame is not Frame.PATIENT or grid.rank != 2 for grid in grids):
        return None
    down, right = grids[0].directions.T
    return np.cross(right, down)


def _checked_header(path: Path, limits: ReadLimits) -> Header:
    check_is_file(path)
    with reading(path):
        return header_of(open_header(path, limits), path, limits)


def _read_slice(path: Path, limits: ReadLimits) -> Image:
    with reading(path):
        return image_of(open_whole(path, limits), path, limits)


def _read_values(path: Path, limits: ReadLimits) -> Array:
    with reading(path):
        ds = open_whole(path, limits)
        return decode(ds, read_facts(ds))[:, 0]


def _check_one_series(headers: Sequence[Header], where: Path) -> None:
    first = headers[0]
    if len({header.series_uid for header in headers}) > 1:
        raise GeometryError(
            "The files belong to several series.",
            got=f"{len({header.series_uid for header in headers})} series",
            legal="one series",
            next="list the series with scan_series and read one of them",
            where=where,
        )
    if any(
        len(header.size) != 2 or header.geometry.frame is not Frame.PATIENT for header in headers
    ):
        raise GeometryError(
            "The files do not all have a place in the patient.",
            got="files without position, orientation or spacing, or with several frames",
            legal="single frames with Image Position and Image Orientation (Patient)",
            next="read the files one by one",
            where=where,
        )
    for header in headers:
        if header.shape != first.shape:
            raise GeometryError(
                "The slices have different sizes.",
                got=f"{first.shape} and {header.shape} (channels, rows, columns)",
                legal="one size",
                next="separate the localiser from the volume",
                where=where,
            )
