"""One row of a table of metrics."""

from collections.abc import Callable
from dataclasses import dataclass

from scanwright.metrics import Statistic
from scanwright.report.outcomes import Outcomes

Bind = Callable[[Outcomes], Statistic]
"""Makes a statistic from outcomes."""

Support = Callable[[Outcomes], int]
"""Number of independent observations that a rate rests on."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the table of metrics.

    Parameters
    ----------
    support
        Given for metrics between 0 and 1: their interval must keep a width at the ends.
    best
        The value that a perfect model has.
    is_inflated
        Whether drawing with replacement makes it larger, so that its interval is centred.
    """

    name: str
    title: str
    definition: str
    bind: Bind
    support: Support | None = None
    best: float = 1.0
    is_inflated: bool = False
