"""How boxes that mean the same finding become one."""

from typing import Literal

from scanwright.base import Options, option


class FusionOptions(Options):
    """How proposals of windows, views and networks become findings."""

    method: Literal["cluster", "suppress"] = option(
        "cluster", help="Average boxes that mean the same, or keep the surest of them."
    )
    overlap: float = option(
        0.3, low=0.05, high=0.95, help="Intersection over union from which boxes are one finding."
    )
    least_score: float = option(
        0.02, low=0.0, high=0.9, help="Boxes below this score are dropped at once."
    )
    most: int = option(100, low=1, high=10_000, help="Findings kept of an image.")
    at_once: int = option(200, low=1, high=10_000, help="Proposals kept of a window.")
    border: float = option(
        0.5,
        low=0.0,
        high=1.0,
        help="How much less a box near a window's border counts than one in its middle.",
    )
