"""The command `scanwright predict`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scanwright.cli.flags import Debug, Device, Json
from scanwright.cli.screen import Screen


class Volumes(StrEnum):
    """Kinds of file for label maps of volumes."""

    NIFTI = "nifti"
    NRRD = "nrrd"


class Runtime(StrEnum):
    """What runs networks on a processor."""

    AUTO = "auto"
    TORCH = "torch"
    OPENVINO = "openvino"


ENDINGS = {Volumes.NIFTI: ".nii.gz", Volumes.NRRD: ".nrrd"}


def predict(
    bundle: Annotated[Path, typer.Argument(help="Folder or zip of a bundle.", show_default=False)],
    inputs: Annotated[
        list[Path], typer.Argument(help="Files and folders: pictures, volumes, DICOM.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write: .csv, .json; boxes also .coco.json."),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            help="Where outlines, or pictures of boxes, are written; unless given: outlines, "
            "or findings.",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        Volumes, typer.Option("--to", help="Kind of file for the label maps of volumes.")
    ] = Volumes.NIFTI,
    device: Device = "auto",
    runtime: Annotated[
        Runtime,
        typer.Option("--runtime", help="What runs networks that outline or find; auto: by rule."),
    ] = Runtime.AUTO,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Answer about new images; each is answered, or refused with a reason."""
    from scanwright.cli.shown import show_predictions
    from scanwright.workflows.predict import load
    from scanwright.workflows.prediction_files import check_output, write_predictions

    if output is not None:
        check_output(output)
    with Screen(quiet=json) as screen:
        model = load(bundle, device, runtime.value)
        if output is not None:
            check_output(output, model)
        predictions = model.predict(list(inputs), screen, folder=folder, ending=ENDINGS[to])
    files = () if output is None else write_predictions(predictions, output)
    show_predictions(predictions, files, as_json=json)
    if predictions.refused:
        raise typer.Exit(3 if not predictions.answers else 0)
