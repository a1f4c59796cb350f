"""The command `scanwright suggest`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scanwright.cli.flags import Data, Debug, Device, Json, Unlabelled, index_flags, takes
from scanwright.cli.screen import Screen

if TYPE_CHECKING:
    from scanwright.workflows.suggest import Suggestions

MOST_ROWS = 20
ENDINGS = (".csv", ".json")

BundlePath = Annotated[
    Path, typer.Option("--bundle", help="Folder or zip of a bundle.", show_default=False)
]
Count = Annotated[int, typer.Option("--count", "-n", min=1, help="How many images to suggest.")]
StrategyName = Annotated[
    str,
    typer.Option(
        "--strategy",
        help="mixed, uncertainty, margin, disagreement, diversity, expected_change or random.",
    ),
]
Lot = Annotated[int, typer.Option("--seed", min=0, help="Seed of strategies that draw.")]
Listed = Annotated[Path | None, typer.Option("--output", "-o", help="File: .csv or .json.")]


@takes(index=index_flags)
def suggest(
    data: Data,
    index: Any,  # Any: IndexOptions, whose room is loaded with the flags
    bundle: BundlePath,
    unlabelled: Unlabelled = None,
    count: Count = 50,
    strategy: StrategyName = "mixed",
    output: Listed = None,
    seed: Lot = 0,
    device: Device = "auto",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Rank images without labels by what to label next, each with the reason."""
    from scanwright.base import RecipeError, write_atomic
    from scanwright.workflows.suggest import SuggestOptions
    from scanwright.workflows.suggest import suggest as run_suggest

    if output is not None and output.suffix.lower() not in ENDINGS:
        raise RecipeError(
            "The kind of output is not known.", got=output.name, legal=" or ".join(ENDINGS)
        )
    values = {
        "index": index,
        "unlabelled": unlabelled,
        "choose": {"strategy": strategy, "count": count, "seed": seed},
        "device": device,
    }
    options = SuggestOptions.parse(values, "command line")
    assert isinstance(options, SuggestOptions)
    with Screen(quiet=json) as screen:
        found = run_suggest(data, bundle, options, screen)
    if output is not None:
        is_json = output.suffix.lower() == ".json"
        write_atomic(output, found.to_json() if is_json else found.to_csv())
    show_suggestions(found, output, as_json=json)


def show_suggestions(found: "Suggestions", output: Path | None, *, as_json: bool) -> None:
    """Show what to label next, and where the whole list lies."""
    from rich.console import Console
    from rich.table import Table

    if as_json:
        print(found.to_json(), end="")
        return
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("rank", justify="right")
    table.add_column("case", overflow="fold")
    table.add_column("why", overflow="fold")
    for rank, row in enumerate(found.rows[:MOST_ROWS], 1):
        table.add_row(str(rank), row.case, row.reason)
    console.print(table)
    if len(found.rows) > MOST_ROWS:
        console.print(f"and {len(found.rows) - MOST_ROWS} more; -o FILE.csv writes all")
    for note in found.notes:
        console.print(f"note: {note}", markup=False, soft_wrap=True)
    for refused in found.refused[:MOST_ROWS]:
        console.print(f"refused {refused.source}: {refused.reason}", markup=False, soft_wrap=True)
    console.print(
        f"{len(found.rows)} of {found.candidates} images without a label, by {found.strategy}, "
        f"compared with {found.labelled} labelled; {len(found.refused)} refused"
    )
    if output is not None:
        console.print(str(output), markup=False, soft_wrap=True)
