"""Headers of many files at once, and which of the files make one case together."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scanwright.base import FileError, InputError, Progress, ResourceError, thread_count
from scanwright.data.entry import Entry
from scanwright.data.index import IndexOptions, reason_of
from scanwright.data.reference import FileReference, Reference, SeriesReference
from scanwright.data.walk import relative_name
from scanwright.image import Frame, Modality
from scanwright.io import Header, format_of_suffix, probe, recognise

NOT_AN_IMAGE = "not an image"
PROJECTIONS = (Modality.XRAY, Modality.ULTRASOUND)
"""Modalities whose files are single images even when they share a series."""
SMALLEST_GAP_MM = 1e-3
"""Slices nearer than this lie at one place: time points, echoes or copies."""
AGE_EDGES_YEARS = (18, 40, 60, 80)


@dataclass(frozen=True, slots=True)
class Probed:
    """What many files say of themselves.

    Parameters
    ----------
    headers
        Files that are images.
    unreadable
        Files that should be images but cannot be read → why.
    other
        Files that are no images → what they are.
    """

    headers: dict[Path, Header]
    unreadable: dict[Path, str]
    other: dict[Path, str]


@dataclass(frozen=True, slots=True)
class Found:
    """One case that was found, before a label is known.

    Parameters
    ----------
    reference
        Where it is.
    header
        Of its only or first file.
    size, spacing_mm
        Of the whole, slow → fast.
    """

    reference: Reference
    header: Header
    size: tuple[int, ...]
    spacing_mm: tuple[float, ...] | None

    @property
    def first_file(self) -> Path:
        """The file by which it is named."""
        return min(self.reference.files)


def probe_files(paths: Sequence[Path], progress: Progress) -> Probed:
    """Read the headers of files, several at once."""
    probed = Probed({}, {}, {})
    progress.begin("reading headers", len(paths), "files")
    with ThreadPoolExecutor(max(2, thread_count())) as pool:
        for path, result in zip(paths, pool.map(_probe_one, paths), strict=True):
            progress.step()
            if isinstance(result, Header):
                probed.headers[path] = result
            elif result == NOT_AN_IMAGE:
                probed.other[path] = result
            else:
                probed.unreadable[path] = result
    progress.end()
    return probed


def group_cases(headers: Mapping[Path, Header]) -> tuple[list[Found], dict[Path, str]]:
    """Put the slices of each DICOM series together; every other file stands for itself.

    Returns
    -------
    The cases, and the files of series that make no volume → why.
    """
    stacks: dict[tuple[str, str], list[Path]] = {}
    found: list[Found] = []
    for path, header in headers.items():
        if _is_slice(header):
            stacks.setdefault((header.study_uid, header.series_uid), []).append(path)
        else:
            found.append(_alone(path, header))
    skipped: dict[Path, str] = {}
    for paths in stacks.values():
        if len(paths) == 1:
            found.append(_alone(paths[0], headers[paths[0]]))
            continue
        slices = [headers[path] for path in paths]
        if len({one.shape for one in slices}) > 1:
            skipped |= dict.fromkeys(paths, "slices of its series differ in size")
            continue
        stack = _stacked(tuple(sorted(paths)), slices)
        if stack.spacing_mm is None:
            skipped |= dict.fromkeys(paths, "several slices of its series lie at one place")
        else:
            found.append(stack)
    return sorted(found, key=lambda one: one.first_file), skipped


def entry_from(found: Found, name: str, options: IndexOptions) -> Entry:
    """Make an entry with the facts of the header, to be completed by what is known of the case."""
    header = found.header
    return Entry(
        name,
        found.reference,
        patient=header.patient_id,
        site=header.institution,
        subgroups=subgroups_of(header),
        size=found.size,
        channels=header.channels,
        dtype=header.dtype,
        spacing_mm=found.spacing_mm,
        modality=options.modality_or(header.modality),
    )


def subgroups_of(header: Header) -> dict[str, str]:
    """Return what a DICOM header says of the patient: sex, and age in bands.

    >>> from scanwright.image import Geometry
    >>> header = Header("dicom", (2, 2), 1, "uint8", Geometry.pixels(2), sex="F", age_years=45)
    >>> subgroups_of(header)
    {'sex': 'F', 'age': '40-59'}
    """
    groups = {"sex": header.sex} if header.sex else {}
    if header.age_years is None:
        return groups
    edges = (0, *AGE_EDGES_YEARS)
    low = max((edge for edge in edges if edge <= header.age_years), default=0)
    above = [edge for edge in AGE_EDGES_YEARS if edge > low]
    return {**groups, "age": f"{low}-{above[0] - 1}" if above else f"{low} and over"}


def case_name(case: Found, root: Path) -> str:
    """Return the name of a case: its file where it is one, else the folder of its series."""
    place = case.first_file
    return relative_name(place if len(case.reference.files) == 1 else place.parent, root)


def unique_names(names: Iterable[str]) -> list[str]:
    """Return the names, a number appended where one repeats an earlier one.

    >>> unique_names(["a", "b", "a"])
    ['a', 'b', 'a #2']
    """
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} #{seen[name]}")
    return result


def _probe_one(path: Path) -> Header | str:
    try:
        return probe(path)
    except ResourceError:
        raise
    except (InputError, OSError) as error:
        return NOT_AN_IMAGE if _is_no_image(path) else reason_of(error)


def _is_no_image(path: Path) -> bool:
    try:
        return recognise(path) is None
    except FileError:
        return format_of_suffix(path) is None  # empty: the name says what it should have been


def _is_slice(header: Header) -> bool:
    return (
        bool(header.series_uid)
        and len(header.size) == 2
        and header.geometry.frame is Frame.PATIENT
        and header.modality not in PROJECTIONS
    )


def _alone(path: Path, header: Header) -> Found:
    return Found(FileReference(path), header, header.size, header.spacing_mm)


def _stacked(paths: tuple[Path, ...], slices: Sequence[Header]) -> Found:
    plane = slices[0].geometry
    down, right = plane.directions.T
    heights = np.sort([np.cross(right, down) @ one.geometry.origin_lps for one in slices])
    gaps_mm = np.diff(heights)
    size = (len(paths), *slices[0].size)
    is_stack = bool(gaps_mm.min() > SMALLEST_GAP_MM)
    spacing = (float(np.median(gaps_mm)), *plane.spacing_mm) if is_stack else None
    return Found(SeriesReference(paths), slices[0], size, spacing)
