"""Flags that several commands share: each is declared once, and groups become one value."""

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from scanwright.cli.words import parse_columns, parse_seconds, parse_settings

Values = dict[str, Any]  # Any: flags hold words, paths, numbers and lists of them

Data = Annotated[
    str,
    typer.Argument(
        help="A folder of classes, of images with masks or boxes (COCO, VOC, YOLO), or of the "
        "Decathlon or nnU-Net; a table (CSV, TSV, parquet), a MedMNIST .npz, medmnist:NAME, or "
        "DICOM files with --labels.",
        show_default=False,
    ),
]
Output = Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs, and nothing else.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show where in the code an error arose.")]
Labels = Annotated[
    Path | None, typer.Option("--labels", help="Table of labels, or COCO file, outside the folder.")
]
LabelColumn = Annotated[
    list[str] | None,
    typer.Option("--label-column", help="Column of the label; repeat it for several findings."),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="ROLE=NAME, where a column has an unusual name; roles: path, mask, key, patient, "
        "site, split. Repeatable; several masks each outline one structure.",
    ),
]
TaskKind = Annotated[
    str,
    typer.Option(
        "--task",
        help="What the label is: auto, classes, findings, grade, number, segmentation, detection.",
    ),
]
BoxFormat = Annotated[
    str,
    typer.Option(
        "--boxes", help="How a table gives boxes: xyxy (edges), xywh (corner, size) or cxcywh."
    ),
]
BoxUnit = Annotated[
    str, typer.Option("--box-unit", help="Unit of a table's boxes: pixels, shares or mm (LPS).")
]
Order = Annotated[
    str,
    typer.Option("--order", help="Labels in order, with commas; of two, the positive one last."),
]
Modality = Annotated[
    str,
    typer.Option("--modality", help="x-ray, ct, mri, ultrasound or other, where files don't say."),
]
ResampleMasks = Annotated[
    bool,
    typer.Option(
        "--resample-masks", help="Bring masks on another grid onto the grid of their image."
    ),
]
SplitFile = Annotated[
    Path | None,
    typer.Option(
        "--split-file",
        help="Folds to follow: nnU-Net's splits_final.json, or a table with case and fold.",
    ),
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
Audit = Annotated[
    bool,
    typer.Option(
        "--audit/--no-audit", help="Audit the data first, and keep near duplicates together."
    ),
]
Unlabelled = Annotated[
    Path | None, typer.Option("--unlabelled", help="Another folder of images without labels.")
]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")]


def takes(**groups: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the flags of groups; it gets the value of each group as one argument.

    Parameters
    ----------
    groups
        Name of the command's argument → function whose parameters are the flags, and which
        returns the argument. Groups may take groups.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        own = [
            parameter
            for name, parameter in inspect.signature(command).parameters.items()
            if name not in groups
        ]
        members = {name: inspect.signature(group).parameters for name, group in groups.items()}

        @functools.wraps(command)
        def with_groups(**flags: Any) -> Any:
            values = {
                name: groups[name](**{flag: flags.pop(flag) for flag in parameters})
                for name, parameters in members.items()
            }
            return command(**flags, **values)

        shared = [flag for parameters in members.values() for flag in parameters.values()]
        merged = _in_order([*own, *shared])
        with_groups.__signature__ = inspect.Signature(merged)  # type: ignore[attr-defined]
        with_groups.__annotations__ = {flag.name: flag.annotation for flag in merged}
        return with_groups

    return decorate


def _in_order(parameters: list[inspect.Parameter]) -> list[inspect.Parameter]:
    """Put --json and --debug last, where every help page has them."""
    common = ("json", "debug")
    parameters = sorted(
        parameters, key=lambda one: common.index(one.name) + 1 if one.name in common else 0
    )
    return [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]


def index_flags(
    labels: Labels = None,
    label_column: LabelColumn = None,
    column: Columns = None,
    task: TaskKind = "auto",
    boxes: BoxFormat = "auto",
    box_unit: BoxUnit = "auto",
    order: Order = "",
    modality: Modality = "",
    resample_masks: ResampleMasks = False,
    split_file: SplitFile = None,
    allow_network: Network = False,
) -> Any:  # Any: IndexOptions, whose room is loaded here and not before
    """How the data set is recognised."""
    from scanwright.data import IndexOptions

    values: Values = {
        "label_column": tuple(label_column or ()),
        "task": task,
        "box_format": boxes,
        "box_unit": box_unit,
        "order": tuple(part.strip() for part in order.split(",") if part.strip()),
        "modality": modality,
        "resample_masks": resample_masks,
        "allow_network": allow_network,
        **parse_columns(column or []),
    }
    for name, path in (("labels", labels), ("split_file", split_file)):
        if path is not None:
            values[name] = path
    return IndexOptions.parse(values, "command line")


@takes(index=index_flags)
def run_flags(
    index: Any,  # Any: IndexOptions, as above
    budget: Budget = "20m",
    recipe: RecipeFile = None,
    settings: Settings = None,
    folds: Folds = None,
    shared: Shared = None,
    seed: Seed = 0,
    device: Device = "auto",
    audit: Audit = True,
    unlabelled: Unlabelled = None,
) -> Any:  # Any: RunOptions
    """How a network is trained."""
    from scanwright.workflows.prepare import RunOptions

    changed = parse_settings(settings or [])
    if folds is not None:
        changed["split.folds"] = folds
    if shared is not None:
        changed["split.shared"] = shared
    values: Values = {
        "index": index,
        "settings": changed,
        "seed": seed,
        "device": device,
        "budget_seconds": parse_seconds(budget),
        "recipe": recipe,
        "audit": audit,
        "unlabelled": unlabelled,
    }
    return RunOptions.parse(values, "command line")
