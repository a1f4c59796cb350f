"""The command `scanwright index`."""

from typing import Any

from scanwright.cli.flags import Data, Debug, Json, index_flags, takes
from scanwright.cli.screen import Screen


@takes(options=index_flags)
def index(data: Data, options: Any, json: Json = False, debug: Debug = False) -> None:
    """Say what is in a data set: counts, sizes, spacing, labels, and what cannot be read."""
    from scanwright.cli.shown import show_index
    from scanwright.workflows.index import index as run_index

    with Screen(quiet=json) as screen:
        summary = run_index(data, options, screen)
    show_index(summary, as_json=json)
