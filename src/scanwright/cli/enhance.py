"""The command `scanwright enhance`."""

import json as text
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from scanwright.cli.flags import Debug, Json, Modality
from scanwright.cli.screen import Screen
from scanwright.cli.words import parse_settings

if TYPE_CHECKING:
    from scanwright.workflows.enhance import EnhanceResult

MOST_ROWS = 20


def enhance(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="File or folder of images.", show_default=False)
    ],
    target: Annotated[
        Path, typer.Argument(metavar="OUT", help="File or folder to write.", show_default=False)
    ],
    steps: Annotated[
        str,
        typer.Option("--steps", help="Steps with commas, such as clahe,unsharp; else by modality."),
    ] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a step: --set clahe.clip=0.02. Repeatable."),
    ] = None,
    modality: Modality = "",
    reference: Annotated[
        Path | None, typer.Option("--reference", help="Image that match_histogram matches.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files of the same name.")
    ] = False,
    shown: Annotated[
        int, typer.Option("--shown", min=0, max=1000, help="Most images on the sheet.")
    ] = 24,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Enhance images by steps that fit the modality; a sheet shows them before and after."""
    from scanwright.workflows.enhance import EnhanceOptions
    from scanwright.workflows.enhance import enhance as run_enhance

    values = {
        "steps": tuple(part.strip() for part in steps.split(",") if part.strip()),
        "settings": parse_settings(settings or []),
        "modality": modality,
        "reference": reference,
        "overwrite": overwrite,
        "shown": shown,
    }
    options = EnhanceOptions.parse(values, "command line")
    assert isinstance(options, EnhanceOptions)
    with Screen(quiet=json) as screen:
        result = run_enhance(source, target, options, screen)
    show_enhanced(result, as_json=json)
    if result.refused and not result.images:
        raise typer.Exit(3)


def show_enhanced(result: "EnhanceResult", *, as_json: bool) -> None:
    """Show what became of every file."""
    if as_json:
        print(text.dumps(result.to_plain(), indent=2, ensure_ascii=False, allow_nan=False))
        return
    console = Console(highlight=False)
    groups = Counter((one.modality.value, one.steps.explained()) for one in result.images)
    for (modality, explained), count in groups.items():
        console.print(f"{modality}, {count} image{'s' if count > 1 else ''}:", markup=False)
        for step, reason in explained:
            name, _, options = step.partition(" ")
            console.print(f"  {name}: {reason}", markup=False, soft_wrap=True)
            if options:
                console.print(f"    {options}", markup=False, style="dim", soft_wrap=True)
    notes = Counter(note for one in result.images for note in one.notes)
    for note, count in notes.most_common(MOST_ROWS):
        console.print(f"note: {note}" + (f" ({count} images)" if count > 1 else ""), markup=False)
    for word, files in (("refused", result.refused), ("skipped", result.skipped)):
        for path, why in list(files.items())[:MOST_ROWS]:
            console.print(f"{word} {path}: {why}", markup=False, soft_wrap=True)
        if len(files) > MOST_ROWS:
            console.print(f"and {len(files) - MOST_ROWS} more {word}; --json lists all")
    counts = result.counts
    console.print(
        f"{len(result.images)} images written; {counts['files']} files: {counts['used']} used, "
        f"{counts['skipped']} skipped, {counts['refused']} refused"
    )
    console.print(f"{result.sheet}  (before and after)", markup=False, soft_wrap=True)
