"""The main job from end to end on simulated patients: files in, a judged network out."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from scanwright.base import (
    SILENT,
    Catalog,
    InputError,
    Options,
    Progress,
    option,
    write_atomic,
    write_json,
)
from scanwright.data import IndexOptions
from scanwright.image import Modality
from scanwright.phantom import CohortOptions, LesionOptions
from scanwright.workflows.cohort_files import (
    LABELS_TABLE,
    write_boxed_cohort,
    write_cohort,
    write_outlined_cohort,
)
from scanwright.workflows.predict import Predictions, load
from scanwright.workflows.prepare import RunOptions
from scanwright.workflows.train import TrainResult, train

ASKED_ABOUT = 6
"""Files of which the classifier is asked."""
OUTLINED = {
    Modality.MRI: "tumour",
    Modality.CT: "nodule",
    Modality.XRAY: "nodule",
    Modality.ULTRASOUND: "malignant",
}
"""What is outlined or boxed in the images of a modality."""
BOXED_SIZE = {Modality.XRAY: 192, Modality.CT: 192, Modality.MRI: 160, Modality.ULTRASOUND: 128}
"""Edge of the images of a modality in which findings are boxed, in elements."""
VOLUMES = (Modality.MRI, Modality.CT)
MODALITIES = Catalog("modality to simulate", {one.value: one for one in OUTLINED})


@dataclass(frozen=True, slots=True)
class Places:
    """Where a demonstration keeps its files."""

    folder: Path

    @property
    def record(self) -> Path:
        """Says what is demonstrated here."""
        return self.folder / "demo.json"

    @property
    def data(self) -> Path:
        """Images with labels."""
        return self.folder / "data"

    @property
    def new(self) -> Path:
        """Images without labels."""
        return self.folder / "new"

    @property
    def outlines(self) -> Path:
        """What was outlined in them."""
        return self.folder / "outlines"

    @property
    def findings(self) -> Path:
        """What was found in them."""
        return self.folder / "findings"


CohortT = TypeVar("CohortT", bound=Options)
"""Which patients are simulated."""


@dataclass(frozen=True, slots=True)
class Demonstration(Generic[CohortT]):
    """What is shown of one task.

    Parameters
    ----------
    modality
        Shown unless another is asked for.
    cohort
        Modality and number of cases, 0 for the usual one → who is simulated.
    write
        Writes images with labels, and those to ask about.
    index
        How the data set is to be recognised.
    asked
        Files or folders that the bundle is asked about.
    answers
        Folder of what it says of each, as files.
    """

    modality: Modality
    cohort: Callable[[Modality, int], CohortT]
    write: Callable[[CohortT, Places, Progress], None]
    index: Callable[[Places], IndexOptions]
    asked: Callable[[Places], list[Path]]
    answers: Callable[[Places], Path] = lambda places: places.outlines


def _classes(modality: Modality, cases: int) -> CohortOptions:
    return CohortOptions(modality=modality, cases=cases or 360, size=96, sites=3)


def _outlines(modality: Modality, cases: int) -> CohortOptions:
    is_volume = modality in VOLUMES
    return CohortOptions(
        modality=modality,
        cases=cases or (60 if is_volume else 120),
        size=96,
        rank=3 if is_volume else 2,
        slices=16,
        classes=(OUTLINED[modality],),
        sites=3,
    )


def _boxes(modality: Modality, cases: int) -> LesionOptions:
    return LesionOptions(
        modality=modality,
        cases=cases or 150,
        size=BOXED_SIZE[modality],
        names=(OUTLINED[modality],),
        sites=3,
    )


# Any: each demonstration has a cohort of its own.
DEMONSTRATIONS: Catalog[Demonstration[Any]] = Catalog(
    "demonstration",
    {
        "classification": Demonstration(
            Modality.XRAY,
            _classes,
            lambda options, places, progress: write_cohort(options, places.data, progress),
            lambda places: IndexOptions(labels=places.data / LABELS_TABLE),
            lambda places: sorted(places.data.rglob("*.dcm"))[:ASKED_ABOUT],
        ),
        "segmentation": Demonstration(
            Modality.ULTRASOUND,
            _outlines,
            lambda options, places, progress: write_outlined_cohort(
                options, places.data, places.new, progress
            ),
            lambda places: IndexOptions(task="segmentation"),
            lambda places: [places.new],
        ),
        "detection": Demonstration(
            Modality.ULTRASOUND,
            _boxes,
            lambda options, places, progress: write_boxed_cohort(
                options, places.data, places.new, progress
            ),
            lambda places: IndexOptions(task="detection"),
            lambda places: [places.new],
            lambda places: places.findings,
        ),
    },
)
"""Demonstration by task."""


class DemoOptions(Options):
    """What is demonstrated."""

    task: str = option("classification", help="classification, segmentation or detection.")
    modality: str = option("", help="x-ray, ct, mri or ultrasound; empty for the task's usual.")
    cases: int = option(0, low=0, help="Images to simulate; 0 for the usual number.")
    budget_seconds: float = option(150.0, low=1, unit="s", help="Time for the training.")
    settings: dict[str, Any] = option({}, help="Settings to change, by dotted name.")


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the demonstration made.

    Parameters
    ----------
    data
        The simulated images with their labels.
    run
        What was trained on them.
    answered
        What the bundle says of some images.
    files
        Files of outlines or boxes; none for a classifier.
    """

    data: Path
    run: TrainResult
    answered: Predictions
    files: tuple[Path, ...] = field(default=())


def demo(
    folder: Path, options: DemoOptions | None = None, progress: Progress = SILENT
) -> DemoResult:
    """Simulate patients as files, train on them, and ask the bundle about some images.

    Everything is found again when it is called a second time.

    Raises
    ------
    RecipeError
        There is no such task, modality or setting.
    InputError
        The folder holds another demonstration.
    """
    options, places = options or DemoOptions(), Places(folder)
    shown = DEMONSTRATIONS[options.task]
    modality = MODALITIES[options.modality or shown.modality.value]
    cohort = shown.cohort(modality, options.cases)
    _claim(places, options.task, cohort)
    shown.write(cohort, places, progress)
    asked = RunOptions(
        index=shown.index(places),
        budget_seconds=options.budget_seconds,
        settings=options.settings,
    )
    run = train(str(places.data), folder / "run", asked, progress)
    model = load(folder / "run" / "bundle")
    answered = model.predict(shown.asked(places), progress, folder=shown.answers(places))
    write_atomic(folder / "predictions.csv", answered.to_csv())
    files = tuple(file for answer in answered.answers for file in getattr(answer, "files", ()))
    return DemoResult(places.data, run, answered, files)


def _claim(places: Places, task: str, cohort: Options) -> None:
    """Note what is demonstrated, so that two cohorts never mix in one folder."""
    record = {"task": task, **cohort.model_dump(mode="json")}
    if places.record.exists() and json.loads(places.record.read_text("utf-8")) != record:
        raise InputError(
            "The folder holds another demonstration.",
            next="choose another folder with -o, or repeat the command of this one",
            where=places.folder,
        )
    write_json(places.record, record)
