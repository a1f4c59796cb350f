"""Simulated patients as files: DICOM as machines leave it, and labels as readers would."""

import csv
import io as text
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from scanwright.base import SILENT, Progress, thread_count, write_atomic
from scanwright.image import Box, ClassTarget, Geometry, Image
from scanwright.io import DicomTags, derive_uid, write, write_dicom, write_dicom_series
from scanwright.phantom import (
    CohortOptions,
    LesionOptions,
    Truth,
    simulate_case,
    simulate_lesions,
)

STUDY_DATE = "20260105"
"""Simulated patients have no real dates; one is written because viewers sort by it."""
AGE_GROUPS = ((50, "under 50"), (70, "50 to 69"), (200, "70 and over"))
LABELS_TABLE = "labels.csv"
"""Of a cohort with classes; it is written last, so that a cohort that has one is whole."""
CASES_TABLE = "cases.csv"
"""Of a cohort with outlines, or with boxes in pictures; written last, too."""
COCO_FILE = "annotations.json"
"""Boxes in pictures."""
BOXES_TABLE = "boxes.csv"
"""Of volumes, written last: a row for each box, one without numbers where there is no finding."""
MORE = 4
"""Images without boxes that a cohort with boxes has to ask about."""
EDGE = 0.5
"""From the middle of the first element, where indices count from, to its outer edge."""
VOLUME = 3
TOGETHER = 8
"""Images that a process simulates at a time; it must be worth its start."""


def write_cohort(options: CohortOptions, folder: Path, progress: Progress = SILENT) -> None:
    """Write pictures as DICOM files by patient, with a table of labels; keep what is there."""
    if (folder / LABELS_TABLE).exists():
        return
    rows = []
    make = partial(simulate_case, options)
    for index, truth in enumerate(_simulate(make, options.cases, progress)):
        path = folder / truth.case.patient / f"{index:04d}.dcm"
        write_dicom(_whole_numbers(truth.case.image), path, _tags(truth))
        rows.append(_labelled_row(truth, path.relative_to(folder)))
    _write_table(folder / LABELS_TABLE, rows)


def write_outlined_cohort(
    options: CohortOptions, folder: Path, new: Path, progress: Progress = SILENT
) -> None:
    """Write a cohort with a mask for each image, and the image of one more patient without.

    Volumes become DICOM series, each with a label map in NIfTI beside its folder; pictures become
    DICOM files in `images`, with PNG masks in `masks`. What is there is kept.

    Parameters
    ----------
    new
        Folder of the image without a mask.
    """
    if (folder / CASES_TABLE).exists():
        return
    more = options.model_copy(update={"cases": options.cases + 1})
    rows, names = [], {}
    for index, truth in enumerate(_simulate(partial(simulate_case, more), more.cases, progress)):
        if index == options.cases:
            _write_image(truth, new / truth.case.name)
            continue
        place = _write_outlined(truth, folder)
        rows.append({"case": place.relative_to(folder).as_posix(), **_about(truth)})
        scheme = truth.mask.scheme
        names = {name: values[0] for name, values in zip(scheme.names, scheme.values, strict=True)}
    write_atomic(folder / "labels.json", json.dumps({"background": 0, **names}, indent=2) + "\n")
    _write_table(folder / CASES_TABLE, rows)


def write_boxed_cohort(
    options: LesionOptions, folder: Path, new: Path, progress: Progress = SILENT
) -> None:
    """Write a cohort with a box for each finding, and images of a few more patients without.

    Pictures become DICOM files with a COCO file, as labelling tools export it, and a table of
    patients; volumes become DICOM series with a table of boxes and patients. Boxes count from the
    outer edge of the first element. What is there is kept.

    Parameters
    ----------
    new
        Folder of the images without boxes.
    """
    table = folder / (BOXES_TABLE if options.rank == VOLUME else CASES_TABLE)
    if table.exists():
        return
    more = options.model_copy(update={"cases": options.cases + MORE})
    boxed = []
    for index, truth in enumerate(_simulate(partial(simulate_lesions, more), more.cases, progress)):
        if index >= options.cases:
            _write_image(truth, new / truth.case.name)
            continue
        path = _write_image(truth, folder / "images" / truth.case.name).relative_to(folder)
        size, boxes = truth.case.image.size, truth.boxes.boxes
        boxed.append(_Boxed(path.as_posix(), size, boxes, _about(truth)))
    if options.rank == VOLUME:
        _write_table(table, [row for one in boxed for row in _box_rows(one)])
        return
    write_atomic(folder / COCO_FILE, json.dumps(_coco(boxed, options.labels), indent=1) + "\n")
    _write_table(table, [{"case": one.path, **one.about} for one in boxed])


@dataclass(frozen=True, slots=True)
class _Boxed:
    """An image that was written: its path, size, boxes, and what a table says of it."""

    path: str
    size: tuple[int, ...]
    boxes: tuple[Box, ...]
    about: Mapping[str, str]


def _coco(images: Sequence[_Boxed], labels: Sequence[str]) -> dict[str, Any]:
    annotations: list[dict[str, Any]] = []
    for number, image in enumerate(images, 1):
        for box in image.boxes:
            top, left = (edge + EDGE for edge in box.low)
            height, width = (high - low for low, high in zip(box.low, box.high, strict=True))
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": 1 + labels.index(box.label),
                    "bbox": [left, top, width, height],
                    "area": width * height,
                    "iscrowd": 0,
                }
            )
    return {
        "images": [
            {"id": number, "file_name": one.path, "height": one.size[0], "width": one.size[1]}
            for number, one in enumerate(images, 1)
        ],
        "annotations": annotations,
        "categories": [{"id": 1 + place, "name": name} for place, name in enumerate(labels)],
    }


def _box_rows(image: _Boxed) -> list[dict[str, str]]:
    names = [f"{axis}{end}" for end in ("min", "max") for axis in "xyz"]
    start = {"path": image.path, "label": "", **image.about}
    if not image.boxes:
        return [start | dict.fromkeys(names, "")]
    return [
        start
        | {"label": box.label}
        | {
            name: f"{edge + EDGE:g}"
            for name, edge in zip(names, (*box.low[::-1], *box.high[::-1]), strict=True)
        }
        for box in image.boxes
    ]


def _simulate(make: Callable[[int], Truth], count: int, progress: Progress) -> Iterator[Truth]:
    progress.begin("simulating patients", count, "images")
    for truth in _simulated(make, count):
        progress.step(1)
        yield truth
    progress.end()


def _simulated(make: Callable[[int], Truth], count: int) -> Iterator[Truth]:
    workers = min(thread_count(), count // TOGETHER)
    if workers < 2:
        yield from map(make, range(count))
        return
    # A fresh interpreter per worker: forking a process that may hold threads can hang.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(make, range(count), chunksize=TOGETHER)


def _write_outlined(truth: Truth, folder: Path) -> Path:
    """Write an image and its mask; return the name by which a table knows the image."""
    case, labels = truth.case, truth.mask.labels
    if case.image.rank == VOLUME:
        place = folder / case.name / "series"
        _write_image(truth, place)
        write(labels, folder / case.name / "mask.nii.gz")
        return place
    place = folder / "images" / case.name
    _write_image(truth, place)
    mask = folder / "masks" / f"{case.name}.png"
    mask.parent.mkdir(parents=True, exist_ok=True)
    write(Image(labels.array, Geometry.pixels(labels.rank)), mask)
    return place


def _write_image(truth: Truth, place: Path) -> Path:
    """Write a volume as the files of a folder, a picture as one file of that name; return it."""
    image = _whole_numbers(truth.case.image)
    if image.rank == VOLUME:
        write_dicom_series(image, place, _tags(truth))
        return place
    file = place.with_name(f"{place.name}.dcm")
    write_dicom(image, file, _tags(truth))
    return file


def _tags(truth: Truth) -> DicomTags:
    case = truth.case
    return DicomTags(
        patient_id=case.patient,
        study_uid=derive_uid(f"study {case.patient}"),
        series_uid=derive_uid(f"series {case.name}"),
        sex=truth.sex,
        age_years=truth.age_years,
        study_date=STUDY_DATE,
        body_part=truth.body_part,
        laterality=truth.laterality,
        view_position=truth.view,
        burned_in="NO",
    )


def _whole_numbers(image: Image) -> Image:
    if image.array.dtype.kind in "ui":
        return image
    return image.with_array(np.rint(image.array).astype(np.int16))


def _labelled_row(truth: Truth, path: Path) -> dict[str, str]:
    target = truth.case.target
    assert isinstance(target, ClassTarget)
    return {"path": path.as_posix(), "label": target.label, **_about(truth)}


def _about(truth: Truth) -> dict[str, str]:
    return {
        "patient": truth.case.patient,
        "site": truth.case.site,
        "sex": truth.sex,
        "age": next(name for limit, name in AGE_GROUPS if truth.age_years < limit),
    }


def _write_table(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    stream = text.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomic(path, stream.getvalue())
