"""A run that finds bright ellipses, made once for all tests of this room."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Picture

from scanwright.training import Fit, Trained
from scanwright.workflows.box_answers import BoxAnswers
from scanwright.workflows.box_course import BoxCourse
from scanwright.workflows.course import fit_of
from scanwright.workflows.prepare import Prepared, RunOptions, prepare
from scanwright.workflows.train import TrainResult, train

QUICK = {
    "network.width": 0.25, "network.size": (64, 64), "training.members": 1,
    "training.workers": 1, "training.threads": 1, "training.validations": 1,
    "training.average": 0.0, "training.batch": 8, "schedule.steps": (40,),
    "optimiser.rate": 3e-3, "inference.tried": "mirrored",
}  # fmt: skip
OPTIONS = RunOptions(settings=QUICK, device="cpu", budget_seconds=600, audit=False)


def make_blobs(folder: Path, count: int = 24) -> Path:
    """Write pictures with bright ellipses and their boxes as COCO has them."""
    rng = np.random.default_rng(0)
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    for number in range(count):
        grey = rng.normal(90, 12, (64, 64))
        for _ in range(number % 3):
            height, width = rng.integers(14, 26, 2)
            top, left = rng.integers(0, 64 - height), rng.integers(0, 64 - width)
            y, x = np.ogrid[:64, :64]
            inside = ((y - top - height / 2 + 0.5) / height) ** 2 + (
                (x - left - width / 2 + 0.5) / width
            ) ** 2 <= 0.25
            grey[inside] += 110
            annotations.append(
                {
                    "id": len(annotations) + 1, "image_id": number, "category_id": 1,
                    "bbox": [int(left), int(top), int(width), int(height)], "iscrowd": 0,
                    "area": int(width * height),
                }
            )  # fmt: skip
        name = f"{number:02d}.png"
        Picture.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(folder / "images" / name)
        images.append({"id": number, "file_name": name, "width": 64, "height": 64})
    content = {
        "images": images, "annotations": annotations, "categories": [{"id": 1, "name": "blob"}],
    }  # fmt: skip
    (folder / "annotations.json").write_text(json.dumps(content))
    return folder


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A finished run, and its parts as the run had them at the end."""

    data: Path
    result: TrainResult
    prepared: Prepared
    course: BoxCourse
    fit: Fit
    members: list[Trained]


def make_found_run(folder: Path) -> FoundRun:
    """Train on a small set, and put together what the run was made of."""
    data = make_blobs(folder / "set")
    result = train(data, folder / "run", OPTIONS)
    prepared = prepare(str(data), OPTIONS, time.monotonic())
    course = BoxCourse.open(prepared, folder / "run" / "state" / "store")
    fit = fit_of(course, prepared, folder / "run" / "state")
    return FoundRun(data, result, prepared, course, fit, course.train(fit))


def answers_of(run: FoundRun) -> BoxAnswers:
    """Return what shows cases to the networks of a run."""
    limits = run.prepared.fingerprint.limits()
    return BoxAnswers(run.fit.recipe, limits, run.fit.compute)
