"""What a run may use, and how many networks fill it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from scanwright.recipe.recipe import Recipe

MEMBERS = (5, 3, 1)
"""Networks of an ensemble, as many as the time allows; rounded up to fill every round."""
MOST_SIDE_BY_SIDE = 8

Cost = Callable[[Recipe], float]
"""Expected seconds that one image takes in training, on this machine."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What a run may use.

    Parameters
    ----------
    seconds
        Time for training; infinity without a budget.
    cost
        Expected seconds per image in training, all networks that train side by side together.
    workers
        Networks that train side by side.
    memory_bytes
        Memory that is free where training computes.
    """

    seconds: float
    cost: Cost
    workers: int = 1
    memory_bytes: float = 8e9


def network_counts(folds: int, workers: int) -> list[int]:
    """Return the numbers of networks that share the folds evenly or leave some out."""
    counts = sorted({filled(count, workers) for count in MEMBERS}, reverse=True)
    if not folds:
        return counts
    # Fewer folds than fill one round get a network each.
    return [count for count in counts if count <= folds] or [folds]


def filled(members: int, workers: int) -> int:
    """Return at least so many members as fill every round; beyond eight side by side, no more."""
    workers = min(workers, MOST_SIDE_BY_SIDE)
    return math.ceil(members / workers) * workers
