"""The command `scanwright predict`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scanwright.base import RecipeError
from scanwright.cli.flags import Debug, Device, Json
from scanwright.cli.screen import Screen


class Volumes(StrEnum):
    """Kinds of file for label maps of volumes."""

    NIFTI = "nifti"
    NRRD = "nrrd"


ENDINGS = {Volumes.NIFTI: ".nii.gz", Volumes.NRRD: ".nrrd"}


def predict(
    bundle: Annotated[Path, typer.Argument(help="Folder or zip of a bundle.", show_default=False)],
    inputs: Annotated[
        list[Path], typer.Argument(help="Files and folders: pictures, volumes, DICOM.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Table to write: .csv or .json."),
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", help="Where outlines are written, for a bundle of masks.")
    ] = Path("outlines"),
    to: Annotated[
        Volumes, typer.Option("--to", help="Kind of file for the label maps of volumes.")
    ] = Volumes.NIFTI,
    device: Device = "auto",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Answer about new images; each is answered, or refused with a reason."""
    from scanwright.cli.shown import show_predictions
    from scanwright.workflows.predict import load

    if output is not None and output.suffix.lower() not in (".csv", ".json"):
        raise RecipeError(
            "The kind of output is not known.",
            got=output.name,
            legal=".csv or .json",
            next="outlines are written to --folder",
        )
    with Screen(quiet=json) as screen:
        model = load(bundle, device)
        predictions = model.predict(list(inputs), screen, folder=folder, ending=ENDINGS[to])
    show_predictions(predictions, output, as_json=json)
    if predictions.refused:
        raise typer.Exit(3 if not predictions.answers else 0)
