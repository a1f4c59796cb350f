"""The command `scanwright tune`."""

import json as writer
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scanwright.cli.flags import Data, Debug, Json, Output, run_flags, takes
from scanwright.cli.screen import Screen
from scanwright.cli.words import parse_seconds

if TYPE_CHECKING:
    from scanwright.workflows.tune import TuneResult

Trials = Annotated[
    int, typer.Option("--trials", min=0, help="Number of trials; 0: as many as fit into the time.")
]
Share = Annotated[
    float,
    typer.Option(
        "--trial-length",
        min=0.0,
        max=1.0,
        help="Longest schedule of a trial, as a share of the final one; 0: by the time.",
    ),
]
Vary = Annotated[
    list[str] | None,
    typer.Option("--vary", help="Vary only this setting: --vary optimiser.rate. Repeatable."),
]
Storage = Annotated[
    str,
    typer.Option(
        "--storage",
        help="postgresql://USER@HOST:PORT/DATABASE, to share a search among machines; a file in "
        "the output when not given. Keep the password in PGPASSWORD or ~/.pgpass.",
        show_default=False,
    ),
]
Study = Annotated[str, typer.Option("--study", help="Name of the search in its database.")]
Helper = Annotated[
    bool, typer.Option("--helper", help="Run trials only; another machine proves and trains.")
]
Grace = Annotated[
    str,
    typer.Option("--grace", help="Silence after which a machine's trial is run by another."),
]


@takes(run=run_flags)
def tune(
    data: Data,
    run: Any,  # Any: RunOptions, whose room is loaded with the flags
    output: Output = Path("tuned"),
    trials: Trials = 0,
    trial_length: Share = 0.0,
    vary: Vary = None,
    storage: Storage = "",
    study: Study = "tune",
    helper: Helper = False,
    grace: Grace = "60s",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Search better settings than the rules', prove them, and train; run again to go on."""
    from scanwright.workflows.tune import TuneOptions
    from scanwright.workflows.tune import tune as run_tune

    values = {
        "run": run,
        "trials": trials,
        "share": trial_length,
        "vary": tuple(vary or ()),
        "storage": storage,
        "study": study,
        "helps": helper,
        "grace_seconds": max(round(parse_seconds(grace)), 2),
    }
    options = TuneOptions.parse(values, "command line")
    assert isinstance(options, TuneOptions)
    with Screen(quiet=json) as screen:
        result = run_tune(data, output, options, screen)
    show_tuned(result, as_json=json)


def show_tuned(result: "TuneResult", *, as_json: bool) -> None:
    """Show what the search found, and the run that it ended in."""
    from rich.console import Console

    from scanwright.cli.shown import show_run

    if as_json:
        print(writer.dumps(_plain(result), indent=2, ensure_ascii=False, allow_nan=False))
        return
    console = Console(highlight=False)
    if result.run is None:
        console.print(f"{result.summary['ran']} trials were run for the study")
        return
    show_run(result.run, as_json=False)
    console.print(str(result.summary["sentence"]), markup=False, soft_wrap=True)
    where = result.folder / "tune" / "trials.csv"
    console.print(f"{where}  (all trials)", markup=False, soft_wrap=True)


def _plain(result: "TuneResult") -> dict[str, object]:
    plain: dict[str, object] = {"folder": str(result.folder), "search": result.summary}
    if result.run is not None:
        plain["bundle"] = result.run.digest
        plain["seconds"] = round(result.run.seconds, 1)
        plain["scores"] = result.run.scores
        plain["notes"] = list(result.run.notes)
    return plain
