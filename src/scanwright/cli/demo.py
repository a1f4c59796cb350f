"""The command `scanwright demo`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from scanwright.cli.flags import Budget, Debug, Json, Output, Settings
from scanwright.cli.screen import Screen
from scanwright.cli.words import parse_seconds, parse_settings

if TYPE_CHECKING:
    from scanwright.workflows.demo import DemoResult


def demo(
    output: Output = Path("demo"),
    task: Annotated[
        str,
        typer.Option(
            "--task",
            help="classification (is it there?), segmentation (its outline), detection (its box).",
        ),
    ] = "classification",
    modality: Annotated[
        str,
        typer.Option(
            "--modality",
            help="x-ray, ct, mri or ultrasound; empty for the task's usual.",
        ),
    ] = "",
    cases: Annotated[
        int, typer.Option("--cases", min=0, help="Images to simulate; 0 for the task's usual.")
    ] = 0,
    budget: Budget = "150s",
    settings: Settings = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Simulate patients as DICOM, train on them, and write a report to look at."""
    from scanwright.cli.shown import show_demo
    from scanwright.workflows.demo import DemoOptions
    from scanwright.workflows.demo import demo as run_demo

    values = {
        "task": task,
        "modality": modality,
        "cases": cases,
        "budget_seconds": parse_seconds(budget),
        "settings": parse_settings(settings or []),
    }
    options = cast("DemoOptions", DemoOptions.parse(values, "command line"))
    with Screen(quiet=json) as screen:
        result = run_demo(output, options, screen)
    show_demo(result, as_json=json)
    if not json:
        _show_files(result)


def _show_files(result: "DemoResult") -> None:
    """Show what was outlined or found in new cases, and in which files."""
    for answer in result.answered.answers if result.files else ():
        row = result.answered.rows.shown(answer, result.answered.labels)
        said = ", ".join(f"{label} {row[label]}" for label in result.answered.labels)
        typer.echo(f"{answer.case}: {said}")
    for file in result.files:
        typer.echo(f"{file}  (of a new case)")
