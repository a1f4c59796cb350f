"""The command `scanwright audit`."""

import json as plain_json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from scanwright.cli.flags import Data, Debug, Json, Output, index_flags, takes
from scanwright.cli.screen import Screen

if TYPE_CHECKING:
    from scanwright.workflows.audit import AuditResult

Without = Annotated[
    list[str] | None,
    typer.Option("--without", help="A check to leave out, such as lettering. Repeatable."),
]
COLOURS = {"alarm": "bold red", "warning": "yellow", "note": "cyan"}


@takes(options=index_flags)
def audit(
    data: Data,
    options: Any,  # Any: IndexOptions, whose room is loaded when it is needed
    output: Output = Path("audit"),
    without: Without = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Find what is wrong with a data set before it is learnt from; nothing is changed."""
    from scanwright.workflows.audit import AuditOptions
    from scanwright.workflows.audit import audit as run_audit

    asked = AuditOptions(index=options, without=tuple(without or ()))
    with Screen(quiet=json) as screen:
        result = run_audit(data, asked, screen)
        files = result.write(output, screen)
    if json:
        print(plain_json.dumps(result.to_plain(), indent=2, ensure_ascii=False))
        return
    show_audit(result, files)


def show_audit(result: "AuditResult", files: tuple[Path, ...]) -> None:
    """Show the findings, the worst first, and where the rest lies."""
    console = Console(highlight=False)
    console.print(result.index.described, markup=False)
    console.print(result.audit.headline, markup=False)
    for finding in result.audit.findings:
        tone = finding.severity.value
        console.print(f"{tone:>8}", style=COLOURS[tone], end="  ")
        console.print(finding.what, markup=False, soft_wrap=True)
    for reason in sorted({one.reason for one in result.audit.passed if one.reason}):
        titles = [one.title for one in result.audit.passed if one.reason == reason]
        console.print(f"not checked ({reason}): {', '.join(titles)}", markup=False, soft_wrap=True)
    for sentence in result.advice(files[0].parent):
        console.print(f"next: {sentence}", markup=False, soft_wrap=True)
    for file, words in zip(files, ("to read", "for programs", "to train on"), strict=True):
        console.print(f"{file}  ({words})", markup=False, soft_wrap=True)
