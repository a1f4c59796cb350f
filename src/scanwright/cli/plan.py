"""The command `scanwright plan`."""

from typing import Any

from scanwright.cli.flags import Data, Debug, Json, run_flags, takes
from scanwright.cli.screen import Screen


@takes(options=run_flags)
def plan(data: Data, options: Any, json: Json = False, debug: Debug = False) -> None:
    """Print the recipe that train would follow, with a reason for each decision."""
    from scanwright.cli.shown import show_plan
    from scanwright.workflows.plan import plan as run_plan

    with Screen(quiet=json) as screen:
        result = run_plan(data, options, screen)
    show_plan(result, as_json=json)
