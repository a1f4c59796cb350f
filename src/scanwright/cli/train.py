"""The command `scanwright train`."""

from pathlib import Path
from typing import Any

from scanwright.cli.flags import Data, Debug, Json, Output, run_flags, takes
from scanwright.cli.screen import Screen


@takes(options=run_flags)
def train(
    data: Data,
    options: Any,
    output: Output = Path("run"),
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Train, evaluate and seal networks; run it again to go on after a stop."""
    from scanwright.cli.shown import show_run
    from scanwright.workflows.train import train as run_train

    with Screen(quiet=json) as screen:
        result = run_train(data, output, options, screen)
    show_run(result, as_json=json)
