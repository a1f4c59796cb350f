"""The command `scanwright compare`."""

from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from scanwright.cli.flags import Data, Debug, Json, Output, run_flags, takes
from scanwright.cli.screen import Screen
from scanwright.cli.words import parse_seconds

if TYPE_CHECKING:
    from scanwright.report import MeasureOptions
    from scanwright.workflows.compare import Compared


@takes(options=run_flags)
def compare(
    data: Data,
    options: Any,  # Any: RunOptions, whose room is loaded later
    other: Annotated[
        Path | None,
        typer.Argument(
            help="A second run folder, where DATA is one too: the two runs are compared.",
            show_default=False,
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            "--run", help="Finished run to take the network from; without it one is trained."
        ),
    ] = None,
    curve_budget: Annotated[
        str | None,
        typer.Option(
            "--curve-budget",
            help="Time, beyond --budget, to train the network on parts of the cases for a learning "
            "curve: 10m; without it none is trained.",
            show_default=False,
        ),
    ] = None,
    output: Output = Path("comparison"),
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Say whether the network is worth it: compare it with the best classical model."""
    from scanwright.base import InputError
    from scanwright.workflows.compare import CompareOptions
    from scanwright.workflows.compare import compare as run_compare
    from scanwright.workflows.compare_output import write_comparison
    from scanwright.workflows.compare_runs import compare_runs

    seconds = parse_seconds(curve_budget, "--curve-budget") if curve_budget else 0.0
    asked = CompareOptions(run=options, finished=run, curve_seconds=seconds)
    if other is not None and seconds:
        raise InputError(
            "Two runs are compared from what they answered; no learning curve is trained.",
            got="--curve-budget with a second run",
            next="scanwright compare DATA --run RUN --curve-budget 10m, for each run",
        )
    with Screen(quiet=json) as screen:
        if other is not None:
            compared = compare_runs(Path(data), other, asked.measure, options.seed)
        else:
            compared = run_compare(data, output, asked, screen)
    plain = write_comparison(compared, output, asked.measure)
    if json:
        typer.echo(dumps(plain, indent=2, ensure_ascii=False, allow_nan=False))
        return
    show_comparison(compared, output, asked.measure)


def show_comparison(compared: "Compared", output: Path, measure: "MeasureOptions") -> None:
    """Print the verdict, the scores that it rests on, what each costs, and where the report is."""
    from scanwright.report import score_grid

    console = Console(highlight=False)
    console.print(compared.verdict.sentence, markup=False, style="bold")
    for match in compared.matches:
        grid = score_grid(match.contenders, match.split, measure)
        table = Table(title=grid.caption, title_justify="left", box=None, pad_edge=False)
        for place, word in enumerate(grid.head):
            table.add_column(
                word, justify="right" if place in grid.numbers else "left", no_wrap=True
            )
        for row in grid.rows:
            table.add_row(*row)
        console.print(table)
    for name, cost in compared.seconds.items():
        known = f"{cost.training:.3g} s" if cost.training is not None else "not known"
        each = f", {1000 * cost.per_image:.3g} ms an image" if cost.per_image is not None else ""
        console.print(f"{name}: learning {known}{each}", markup=False)
    if compared.chosen:
        console.print(f"classical model: {compared.chosen}", markup=False)
    if compared.learning.growth is not None:
        console.print(compared.learning.growth.sentence, markup=False)
    for note in compared.notes:
        console.print(f"note: {note}", markup=False)
    console.print(f"report: {output / 'report.html'}", markup=False, soft_wrap=True)
