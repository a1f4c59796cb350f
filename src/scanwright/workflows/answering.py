"""How bundles answer: one row for each thing that a network may give its outputs for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanwright.base import Catalog, Progress, RecipeError, ScanwrightError
from scanwright.bundle import AnyPredictor
from scanwright.image import BoxPrediction, Image
from scanwright.inference import (
    DetectionPredictor,
    Predictor,
    RuntimeName,
    SegmentationPredictor,
)
from scanwright.workflows.answer_rows import OUTLINES, SCORES, Answered, AnswerRows
from scanwright.workflows.box_files import write_boxes
from scanwright.workflows.finding_rows import FINDINGS
from scanwright.workflows.findings import Findings
from scanwright.workflows.inputs import Asked, Inputs
from scanwright.workflows.outline_files import write_outlines


@dataclass(frozen=True, slots=True)
class Question:
    """What a bundle is asked about, and where files of answers go.

    Parameters
    ----------
    given
        Reads cases, and notes those that are refused.
    found
        The cases.
    folder, ending
        Where files are written, and how label maps of volumes end.
    """

    given: Inputs
    found: Sequence[Asked]
    folder: Path
    ending: str


Answer = Callable[[Any, Question, Progress], Iterator[Answered]]  # Any: a predictor of the kind
"""Answers about all cases of a question, one after the other."""
Write = Callable[[Any, Image, Path, str, str], Answered]  # Any: a prediction of the kind
"""(prediction, image, folder, stem, ending) → the answer, its files being written."""


@dataclass(frozen=True, slots=True)
class Answering:
    """How bundles of one kind answer.

    Parameters
    ----------
    does
        What such a bundle does, in words.
    rows
        How answers become rows of a table.
    folder
        Where files of answers are written, unless asked otherwise.
    answer
        (predictor, question, progress) → answers.
    made_ready
        (predictor, runtime) → what is done to a predictor once, before the first case.
    """

    does: str
    rows: AnswerRows
    folder: Path
    answer: Answer
    made_ready: Callable[[Any, RuntimeName], AnyPredictor]  # Any: a predictor of the kind


def _in_batches(predictor: Predictor, question: Question, progress: Progress) -> Iterator[Answered]:
    progress.begin("predicting", len(question.found), "cases")
    cases = question.given.read(question.found, progress)
    yield from predictor.predict(case for _, case in cases)
    progress.end()


def _one_by_one(stage: str, write: Write) -> Answer:
    """Return what answers a case at a time; one that cannot be answered about is refused."""

    def answer(predictor: Any, question: Question, progress: Progress) -> Iterator[Answered]:
        progress.begin(stage, len(question.found), "cases")
        for asked, case in question.given.read(question.found, progress):
            try:
                prediction = predictor.predict_one(case, progress)
            except ScanwrightError as error:
                question.given.refuse(asked.name, error)
                continue
            yield write(prediction, case.image, question.folder, asked.stem, question.ending)
        progress.end()

    return answer


def _as_it_is(predictor: Predictor, runtime: RuntimeName) -> Predictor:
    """Return the predictor: networks for whole cases are run by torch.

    Raises
    ------
    RecipeError
        Another runtime is asked for.
    """
    if runtime not in ("auto", "torch"):
        raise RecipeError(
            "This runtime runs networks that outline or find.",
            got=runtime,
            legal="auto or torch for a bundle that gives scores",
        )
    return predictor


def _write_boxes(
    prediction: BoxPrediction, image: Image, folder: Path, stem: str, _: str
) -> Findings:
    return write_boxes(prediction, image, folder, stem)


ANSWERS: Catalog[Answering] = Catalog(
    "answer",
    {
        "case": Answering("gives scores", SCORES, Path("scores"), _in_batches, _as_it_is),
        "element": Answering(
            "outlines", OUTLINES, Path("outlines"), _one_by_one("outlining", write_outlines),
            SegmentationPredictor.quickened,
        ),
        "box": Answering(
            "finds boxes", FINDINGS, Path("findings"), _one_by_one("finding", _write_boxes),
            DetectionPredictor.quickened,
        ),
    },
)  # fmt: skip
"""By what a network gives."""
