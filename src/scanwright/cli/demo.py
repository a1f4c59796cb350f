"""The command `scanwright demo`."""

from pathlib import Path
from typing import Annotated

import typer

from scanwright.cli.flags import Budget, Debug, Json, Output
from scanwright.cli.screen import Screen
from scanwright.cli.words import parse_seconds


def demo(
    output: Output = Path("demo"),
    modality: Annotated[
        str, typer.Option("--modality", help="x-ray, ct, mri or ultrasound.")
    ] = "x-ray",
    budget: Budget = "150s",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Simulate patients as DICOM, train on them, and write a report to look at."""
    from scanwright.cli.shown import show_demo
    from scanwright.workflows.demo import demo as run_demo

    with Screen(quiet=json) as screen:
        result = run_demo(
            output, modality=modality, budget_seconds=parse_seconds(budget), progress=screen
        )
    show_demo(result, as_json=json)
