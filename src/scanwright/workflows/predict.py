"""A bundle and some files in, predictions out; every input is answered, refused or skipped."""

import csv
import io as text
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from scanwright.base import SILENT, BundleError, InputError, Plain, Progress
from scanwright.bundle import (
    AnyPredictor,
    Bundle,
    bundle_digest,
    predictor_of,
    read_bundle,
    read_golden,
    run_golden_test,
)
from scanwright.image import BoxPrediction, Case, MaskPrediction
from scanwright.inference import (
    DetectionPredictor,
    Predictor,
    RuntimeName,
    SegmentationPredictor,
    choose_compute,
)
from scanwright.recipe import TASKS, Recipe
from scanwright.workflows.answer_rows import SCORES, Answered, AnswerRows
from scanwright.workflows.answering import ANSWERS, Answering, Question
from scanwright.workflows.inputs import Asked, Inputs, Refused


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a bundle says of some inputs.

    Parameters
    ----------
    labels
        What each score is for.
    answers
        In the order of the inputs.
    refused
        Images that the bundle does not fit, and files that cannot be read.
    skipped
        Files that are no images.
    bundle
        Hash of the bundle; empty for a zip.
    rows
        How answers become rows of a table.
    """

    labels: tuple[str, ...]
    answers: tuple[Answered, ...]
    refused: tuple[Refused, ...] = ()
    skipped: tuple[Refused, ...] = ()
    bundle: str = ""
    rows: AnswerRows = SCORES

    def to_plain(self) -> dict[str, Plain]:
        """Return everything for JSON."""
        return {
            "bundle": self.bundle,
            "labels": list(self.labels),
            "predictions": [self.rows.plain(answer) for answer in self.answers],
            "refused": [{"source": r.source, "reason": r.reason} for r in self.refused],
            "skipped": [{"source": s.source, "reason": s.reason} for s in self.skipped],
        }

    def to_json(self) -> str:
        """Return everything as JSON."""
        return json.dumps(self.to_plain(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def to_csv(self) -> str:
        """Return a table: the rows of each answer, then one for each input that was refused."""
        stream = text.StringIO()
        table = csv.writer(stream, lineterminator="\n")
        head = self.rows.head(self.labels)
        table.writerow([*head, "refused"])
        for answer in self.answers:
            for row in self.rows.cells(answer, self.labels):
                table.writerow([*row, ""])
        for refused in self.refused:
            table.writerow([refused.source, *[""] * (len(head) - 1), refused.reason])
        return stream.getvalue()


P = TypeVar("P")
"""A kind of predictor."""


@dataclass(slots=True)
class Model:
    """A bundle, loaded and self-tested, ready to answer."""

    bundle: Bundle
    predictor: AnyPredictor
    digest: str = ""

    @property
    def answering(self) -> Answering:
        """How it answers."""
        return answering_of(self.bundle.recipe)

    @property
    def outlines(self) -> bool:
        """Whether it answers with outlines, which are written to files."""
        return self.answering is ANSWERS["element"]

    @property
    def finds(self) -> bool:
        """Whether it answers with boxes."""
        return self.answering is ANSWERS["box"]

    @property
    def scorer(self) -> Predictor:
        """What gives scores for a whole case.

        Raises
        ------
        BundleError
            The bundle does something else.
        """
        return self._predictor(Predictor, "a bundle of classes, findings, grades or numbers")

    def predict(
        self,
        inputs: str | Path | Sequence[str | Path],
        progress: Progress = SILENT,
        *,
        folder: Path | None = None,
        ending: str = ".nii.gz",
    ) -> Predictions:
        """Answer about files and folders.

        A folder is searched: its DICOM series are put together where the bundle takes volumes,
        every other file is one image.

        Parameters
        ----------
        folder
            Where outlines, or pictures of findings, are written; "outlines" or "findings" unless
            asked otherwise.
        ending
            How label maps of volumes end: ".nii.gz" or ".nrrd".

        Raises
        ------
        InputError
            An input does not exist, or there is no image in any of them.
        """
        given, found = self._found(inputs)
        answering = self.answering
        question = Question(given, found, folder or answering.folder, ending)
        answers = tuple(answering.answer(self.predictor, question, progress))
        if not answers and not given.refused:
            raise InputError(
                "There is no image here.",
                got=f"{len(given.skipped)} files that are no images",
                where=", ".join(str(path) for path in _paths(inputs)),
            )
        return Predictions(
            labels=self.bundle.recipe.task.labels,
            answers=answers,
            refused=tuple(given.refused),
            skipped=tuple(given.skipped),
            bundle=self.digest,
            rows=answering.rows,
        )

    def outline(
        self, inputs: str | Path | Sequence[str | Path], progress: Progress = SILENT
    ) -> Iterator[MaskPrediction]:
        """Outline cases one at a time, nothing being written.

        Raises
        ------
        BundleError
            The bundle does not outline.
        """
        predictor = self._predictor(SegmentationPredictor, "a bundle of masks")
        yield from predictor.predict(self._cases(inputs), progress)

    def find(
        self, inputs: str | Path | Sequence[str | Path], progress: Progress = SILENT
    ) -> Iterator[BoxPrediction]:
        """Find boxes in cases one at a time, nothing being written.

        Raises
        ------
        BundleError
            The bundle does not find boxes.
        """
        predictor = self._predictor(DetectionPredictor, "a bundle of boxes")
        yield from predictor.predict(self._cases(inputs), progress)

    def _predictor(self, kind: type[P], legal: str) -> P:
        if not isinstance(self.predictor, kind):
            raise BundleError(
                "The bundle gives no answers of the kind that is asked for.",
                got=f"a bundle that {self.answering.does}",
                legal=legal,
            )
        return self.predictor

    def _found(self, inputs: str | Path | Sequence[str | Path]) -> tuple[Inputs, list[Asked]]:
        given = Inputs(self.predictor.limits)
        return given, given.find(_paths(inputs))

    def _cases(self, inputs: str | Path | Sequence[str | Path]) -> Iterator[Case]:
        given, found = self._found(inputs)
        return (case for _, case in given.read(found))


def load(path: str | Path, device: str = "auto", runtime: RuntimeName = "auto") -> Model:
    """Load a bundle and repeat its self-test on this machine.

    Parameters
    ----------
    runtime
        What runs networks that look at windows; by rule unless asked.

    Raises
    ------
    BundleError
        It is damaged, or its self-test fails here.
    RecipeError, ResourceError
        The runtime does not suit the bundle, or cannot be had here.
    """
    place = Path(path)
    bundle = read_bundle(place)
    recipe = bundle.recipe
    compute = choose_compute(device, recipe.training.precision)
    ensemble = bundle.ensemble(compute)
    run_golden_test(ensemble, read_golden(place))
    predictor = answering_of(recipe).made_ready(predictor_of(ensemble), runtime)
    digest = bundle_digest(place) if place.is_dir() else ""
    return Model(bundle, predictor, digest)


def answering_of(recipe: Recipe) -> Answering:
    """Return how bundles of a recipe answer."""
    return ANSWERS[TASKS[recipe.task.kind].answer]


def _paths(inputs: str | Path | Sequence[str | Path]) -> list[Path]:
    paths = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    return [Path(path) for path in paths]
