"""Progress bars with the time left, and errors in a reader's words; all on standard error."""

import json
import sys
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Progress as Bars,
)

from scanwright.base import ScanwrightError


class Screen:
    """Progress on standard error: a bar on a terminal, a line per stage elsewhere."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False)
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._open: list[TaskID] = []

    def __enter__(self) -> "Screen":
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def begin(self, stage: str, total: float, unit: str = "") -> None:
        """Open a stage."""
        if not self._console.is_terminal:
            self._console.print(f"{stage}: {total:g} {unit}".rstrip())
        self._open.append(self._bars.add_task(stage, total=total, note=""))

    def step(self, amount: float = 1, note: str = "") -> None:
        """Advance the innermost open stage."""
        if self._open:
            self._bars.update(self._open[-1], advance=amount, note=note)

    def end(self) -> None:
        """Close the innermost open stage."""
        if self._open:
            task = self._open.pop()
            self._bars.update(task, completed=self._bars.tasks[task].total)


def show_error(error: BaseException, *, as_json: bool, code: int) -> None:
    """Show an error as one message: what, got, legal, next, where."""
    what = error.what if isinstance(error, ScanwrightError) else _unexpected(error)
    details = error.details() if isinstance(error, ScanwrightError) else {}
    if as_json:
        print(json.dumps({"error": {"what": what, **details, "exit_code": code}}))
        return
    lines = [f"error: {what}"]
    lines += [f"  {name + ':':7}{value}" for name, value in details.items()]
    print("\n".join(lines), file=sys.stderr)


def _unexpected(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "Memory is full. Close other programs, or lower training.batch and network.size."
    return (
        f"Something went wrong inside scanwright ({type(error).__name__}: {error}). "
        "Run the command again with --debug and report what it prints."
    )
