"""The command line: words in, workflow out; the only place that prints."""

import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from scanwright import __version__
from scanwright.base import EXIT_CODES, ScanwrightError
from scanwright.cli.audit import audit
from scanwright.cli.compare import compare
from scanwright.cli.demo import demo
from scanwright.cli.enhance import enhance
from scanwright.cli.index import index
from scanwright.cli.plan import plan
from scanwright.cli.predict import predict
from scanwright.cli.suggest import suggest
from scanwright.cli.train import train
from scanwright.cli.tune import tune

EXAMPLES: dict[Callable[..., None], str] = {
    index: "scanwright index my_scans",
    audit: "scanwright audit my_scans -o audit",
    plan: "scanwright plan my_scans --budget 10m > recipe.toml",
    train: "scanwright train my_scans -o run --budget 20m",
    tune: "scanwright tune my_scans -o tuned --budget 1h",
    compare: "scanwright compare my_scans --run run -o comparison",
    predict: "scanwright predict run/bundle new_scans -o predictions.csv",
    suggest: "scanwright suggest my_scans --bundle run/bundle -n 50 -o suggestions.csv",
    enhance: "scanwright enhance my_scans better_scans --modality x-ray",
    demo: "scanwright demo -o demo --modality ultrasound",
}
"""Every command, in the order of the help page, with its example."""

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

for _command, _example in EXAMPLES.items():
    app.command(epilog=f"Example: {_example}")(_command)


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Hold what belongs to no single command."""
    if version:
        typer.echo(f"scanwright {__version__}")
        raise typer.Exit


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
