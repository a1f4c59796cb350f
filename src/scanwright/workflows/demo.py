"""The main job from end to end on simulated patients: DICOM files in, a judged classifier out."""

import csv
import io as text
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from scanwright.base import SILENT, Progress, thread_count, write_atomic
from scanwright.data import IndexOptions
from scanwright.image import ClassTarget, Image, Modality
from scanwright.io import DicomTags, derive_uid, write_dicom
from scanwright.phantom import CohortOptions, Truth, simulate_case
from scanwright.workflows.predict import Predictions, load
from scanwright.workflows.prepare import RunOptions
from scanwright.workflows.train import TrainResult, train

STUDY_DATE = "20260105"
"""Simulated patients have no real dates; one is written because viewers sort by it."""
AGE_GROUPS = ((50, "under 50"), (70, "50 to 69"), (200, "70 and over"))
SIZE = 96
CASES = 360


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the demonstration made."""

    data: Path
    run: TrainResult
    answered: Predictions


def demo(
    folder: Path,
    *,
    modality: str = "x-ray",
    cases: int = CASES,
    budget_seconds: float = 150.0,
    progress: Progress = SILENT,
) -> DemoResult:
    """Simulate a cohort as DICOM, train on it, and ask the bundle about a few of its files.

    Everything is found again when it is called a second time.
    """
    options = CohortOptions(modality=Modality(modality), cases=cases, size=SIZE, sites=3)
    data = folder / "data"
    write_cohort(options, data, progress)
    asked = RunOptions(
        index=IndexOptions(labels=data / "labels.csv"), budget_seconds=budget_seconds
    )
    run = train(str(data), folder / "run", asked, progress)
    files = sorted(data.rglob("*.dcm"))[:6]
    answered = load(folder / "run" / "bundle").predict(files, progress)
    write_atomic(folder / "predictions.csv", answered.to_csv())
    return DemoResult(data, run, answered)


def write_cohort(options: CohortOptions, folder: Path, progress: Progress = SILENT) -> None:
    """Write a simulated cohort as DICOM files with a table of labels; keep what is there."""
    table = folder / "labels.csv"
    if table.exists():
        return
    rows = []
    progress.begin("simulating patients", options.cases, "images")
    for index, truth in enumerate(_simulate_all(options)):
        progress.step(1)
        _write_image(truth, folder, index)
        rows.append(_row(truth, folder, index))
    progress.end()
    stream = text.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomic(table, stream.getvalue())


def _simulate_all(options: CohortOptions) -> Iterator[Truth]:
    workers = min(thread_count(), options.cases)
    # A fresh interpreter per worker: forking a process that may hold threads can hang.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(
            simulate_case, [options] * options.cases, range(options.cases), chunksize=8
        )


def _write_image(truth: Truth, folder: Path, index: int) -> None:
    case = truth.case
    tags = DicomTags(
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
    write_dicom(_whole_numbers(case.image), _place(folder, truth, index), tags)


def _whole_numbers(image: Image) -> Image:
    if image.array.dtype.kind in "ui":
        return image
    return image.with_array(np.rint(image.array).astype(np.int16))


def _place(folder: Path, truth: Truth, index: int) -> Path:
    return folder / truth.case.patient / f"{index:04d}.dcm"


def _row(truth: Truth, folder: Path, index: int) -> dict[str, str]:
    target = truth.case.target
    assert isinstance(target, ClassTarget)
    group = next(name for limit, name in AGE_GROUPS if truth.age_years < limit)
    return {
        "path": _place(folder, truth, index).relative_to(folder).as_posix(),
        "label": target.label,
        "patient": truth.case.patient,
        "site": truth.case.site,
        "sex": truth.sex,
        "age": group,
    }
