"""The command `scanwright predict`."""

from pathlib import Path
from typing import Annotated

import typer

from scanwright.cli.flags import Debug, Device, Json
from scanwright.cli.screen import Screen


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
