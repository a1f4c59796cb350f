"""The command line: words in, workflow out; the only place that prints."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from scanwright import __version__
from scanwright.base import EXIT_CODES, ScanwrightError
from scanwright.cli.screen import Screen
from scanwright.cli.words import parse_seconds, parse_settings

app = typer.Typer(
    name="scanwright",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Point it at a folder of scans, get a convolutional network with the evidence to trust "
    "it and one sealed package to run it anywhere.",
    epilog="Exit codes: " + "; ".join(f"{code} {words}" for code, words in EXIT_CODES.items()),
)

Data = Annotated[
    str,
    typer.Argument(
        help="A folder of classes, a table (CSV, TSV, parquet), a MedMNIST .npz, medmnist:NAME, "
        "or a folder of DICOM files with --labels.",
        show_default=False,
    ),
]
Output = Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs, and nothing else.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show where in the code an error arose.")]
Labels = Annotated[
    Path | None, typer.Option("--labels", help="Table of labels that lies outside the folder.")
]
LabelColumn = Annotated[
    list[str] | None,
    typer.Option("--label-column", help="Column of the label; repeat it for several findings."),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="ROLE=NAME, where a column has an unusual name; roles: path, key, patient, site, "
        "split. Repeatable.",
    ),
]
TaskKind = Annotated[
    str, typer.Option("--task", help="What the label is: auto, classes, findings, grade, number.")
]
Order = Annotated[
    str,
    typer.Option("--order", help="Labels in order, with commas; of two, the positive one last."),
]
Modality = Annotated[
    str,
    typer.Option("--modality", help="x-ray, ct, mri, ultrasound or other, where files don't say."),
]
Network = Annotated[
    bool, typer.Option("--allow-network", help="Allow the download of a named data set.")
]
Budget = Annotated[str, typer.Option("--budget", help="Time for everything: 90s, 10m, 1.5h; kept.")]
RecipeFile = Annotated[
    Path | None, typer.Option("--recipe", help="A recipe to follow in place of the rules.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change a setting: --set training.batch=64. Repeatable."),
]
Folds = Annotated[
    int | None,
    typer.Option("--folds", min=0, max=20, help="Folds of cross-validation; 0 for none."),
]
Shared = Annotated[
    str | None,
    typer.Option(
        "--shared", help="An image or patient on two sides: error, or drop the training copies."
    ),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of split, weights, augmentation.")]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")]


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Hold what belongs to no single command."""
    if version:
        typer.echo(f"scanwright {__version__}")
        raise typer.Exit


@app.command(epilog="Example: scanwright index my_scans")
def index(
    data: Data,
    labels: Labels = None,
    label_column: LabelColumn = None,
    column: Columns = None,
    task: TaskKind = "auto",
    order: Order = "",
    modality: Modality = "",
    allow_network: Network = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Say what is in a data set: counts, sizes, spacing, labels, and what cannot be read."""
    from scanwright.cli.shown import show_index
    from scanwright.workflows.index import index as run_index

    options = _index_options(labels, label_column, column, task, order, modality, allow_network)
    with Screen(quiet=json) as screen:
        summary = run_index(data, options, screen)
    show_index(summary, as_json=json)


@app.command(epilog="Example: scanwright plan my_scans --budget 10m > recipe.toml")
def plan(
    data: Data,
    budget: Budget = "20m",
    recipe: RecipeFile = None,
    settings: Settings = None,
    folds: Folds = None,
    shared: Shared = None,
    seed: Seed = 0,
    device: Device = "auto",
    labels: Labels = None,
    label_column: LabelColumn = None,
    column: Columns = None,
    task: TaskKind = "auto",
    order: Order = "",
    modality: Modality = "",
    allow_network: Network = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Print the recipe that train would follow, with a reason for each decision."""
    from scanwright.cli.shown import show_plan
    from scanwright.workflows.plan import plan as run_plan

    options = _run_options(
        _index_options(labels, label_column, column, task, order, modality, allow_network),
        {
            "budget": budget,
            "recipe": recipe,
            "settings": settings,
            "folds": folds,
            "shared": shared,
        },
        seed,
        device,
    )
    with Screen(quiet=json) as screen:
        result = run_plan(data, options, screen)
    show_plan(result, as_json=json)


@app.command(epilog="Example: scanwright train my_scans -o run --budget 20m")
def train(
    data: Data,
    output: Output = Path("run"),
    budget: Budget = "20m",
    recipe: RecipeFile = None,
    settings: Settings = None,
    folds: Folds = None,
    shared: Shared = None,
    seed: Seed = 0,
    device: Device = "auto",
    labels: Labels = None,
    label_column: LabelColumn = None,
    column: Columns = None,
    task: TaskKind = "auto",
    order: Order = "",
    modality: Modality = "",
    allow_network: Network = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Train, evaluate and seal a classifier; run it again to go on after a stop."""
    from scanwright.cli.shown import show_run
    from scanwright.workflows.train import train as run_train

    options = _run_options(
        _index_options(labels, label_column, column, task, order, modality, allow_network),
        {
            "budget": budget,
            "recipe": recipe,
            "settings": settings,
            "folds": folds,
            "shared": shared,
        },
        seed,
        device,
    )
    with Screen(quiet=json) as screen:
        result = run_train(data, output, options, screen)
    show_run(result, as_json=json)


@app.command(epilog="Example: scanwright predict run/bundle new_scans -o predictions.csv")
def predict(
    bundle: Annotated[Path, typer.Argument(help="Folder or zip of a bundle.", show_default=False)],
    inputs: Annotated[
        list[Path], typer.Argument(help="Files and folders: pictures, volumes, DICOM.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write: .csv or .json.")
    ] = None,
    device: Device = "auto",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Answer about new images; each is answered, or refused with a reason."""
    from scanwright.cli.shown import show_predictions
    from scanwright.workflows.predict import load

    with Screen(quiet=json) as screen:
        predictions = load(bundle, device).predict(list(inputs), screen)
    show_predictions(predictions, output, as_json=json)
    if predictions.refused:
        raise typer.Exit(3 if not predictions.answers else 0)


@app.command(epilog="Example: scanwright demo -o demo --modality ultrasound")
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


def run() -> None:
    """Run the command line; every error ends in one message and a code from the table."""
    # Threads that spin while they wait slow each other down tenfold on a machine that is shared.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        app(standalone_mode=True)
    except ScanwrightError as error:
        _fail(error, error.exit_code)
    except MemoryError as error:
        _fail(error, 6)
    except Exception as error:  # noqa: BLE001  (no stack trace reaches a user who did not ask)
        _fail(error, 1)


def _fail(error: BaseException, code: int) -> None:
    if "--debug" in sys.argv:
        raise error
    from scanwright.cli.screen import show_error

    show_error(error, as_json="--json" in sys.argv, code=code)
    sys.exit(code)


def _index_options(
    labels: Path | None,
    label_column: list[str] | None,
    columns: list[str] | None,
    task: str,
    order: str,
    modality: str,
    allow_network: bool,
) -> Any:  # Any: IndexOptions, whose room is loaded here and not before
    from scanwright.cli.words import parse_columns
    from scanwright.data import IndexOptions

    values: dict[str, Any] = {
        "label_column": tuple(label_column or ()),
        "task": task,
        "order": tuple(part.strip() for part in order.split(",") if part.strip()),
        "modality": modality,
        "allow_network": allow_network,
        **parse_columns(columns or []),
    }
    if labels is not None:
        values["labels"] = labels
    return IndexOptions.parse(values, "command line")


def _run_options(
    index_options: Any,  # Any: as above
    asked: dict[str, Any],
    seed: int,
    device: str,
) -> Any:  # Any: RunOptions
    from scanwright.workflows.prepare import RunOptions

    settings = parse_settings(asked["settings"] or [])
    if asked["folds"] is not None:
        settings["split.folds"] = asked["folds"]
    if asked["shared"] is not None:
        settings["split.shared"] = asked["shared"]
    values: dict[str, Any] = {
        "index": index_options,
        "settings": settings,
        "seed": seed,
        "device": device,
        "budget_seconds": parse_seconds(asked["budget"]),
        "recipe": asked["recipe"],
    }
    return RunOptions.parse(values, "command line")
