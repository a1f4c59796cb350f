"""Predictions as a file: a table, JSON or COCO results, by the ending of its name."""

from collections.abc import Callable
from pathlib import Path

from scanwright.base import Catalog, RecipeError, write_atomic
from scanwright.workflows import coco_results
from scanwright.workflows.coco_results import CocoResults
from scanwright.workflows.findings import Findings
from scanwright.workflows.predict import Model, Predictions

PLANE = 2


def check_output(output: Path, model: Model | None = None) -> None:
    """Refuse a file that could not be written, before anything is predicted.

    Parameters
    ----------
    model
        What is to answer, once it is loaded.

    Raises
    ------
    RecipeError
        The ending is not known, or the model's answers cannot be written like that.
    """
    ending = _ending(output)
    if model is None or ending != coco_results.ENDING:
        return
    if not (model.finds and model.predictor.limits.rank == PLANE):
        raise RecipeError(
            "COCO results are boxes in pictures.",
            got=f"a bundle that {model.answering.does}, in {model.predictor.limits.rank}-D",
            legal="a bundle that finds boxes, in 2-D",
            next="write .csv or .json",
            where=output.name,
        )


def write_predictions(predictions: Predictions, output: Path) -> tuple[Path, ...]:
    """Write predictions; return the files.

    Raises
    ------
    RecipeError
        The ending is not known.
    """
    return WRITERS[_ending(output)](predictions, output)


def _ending(output: Path) -> str:
    for ending in WRITERS.items():
        if output.name.lower().endswith(ending[0]):
            return ending[0]
    raise RecipeError(
        "The kind of output is not known.",
        got=output.name,
        legal=", ".join(WRITERS),
        next="pictures and outlines are written to --folder",
    )


def _write_csv(predictions: Predictions, output: Path) -> tuple[Path, ...]:
    write_atomic(output, predictions.to_csv())
    return (output,)


def _write_json(predictions: Predictions, output: Path) -> tuple[Path, ...]:
    write_atomic(output, predictions.to_json())
    return (output,)


def _write_coco(predictions: Predictions, output: Path) -> tuple[Path, ...]:
    answers = [answer for answer in predictions.answers if isinstance(answer, Findings)]
    return CocoResults(predictions.labels, answers).write(output)


WRITERS: Catalog[Callable[[Predictions, Path], tuple[Path, ...]]] = Catalog(
    "kind of output",
    {".csv": _write_csv, coco_results.ENDING: _write_coco, ".json": _write_json},
)
"""By ending."""
