"""What was wrong with a box as it was given, and what became of it."""

from dataclasses import dataclass
from enum import Enum


class BoxFault(Enum):
    """Why a box is not taken as it was given."""

    CUT = "reaches beyond its image and is cut to it"
    OUTSIDE = "lies outside its image and is left out"
    EMPTY = "has no area and is left out"
    NOT_A_NUMBER = "has an edge that is no number and is left out"
    CROWD = "stands for a crowd and is left out"
    TWICE = "is in only one of the two lists of its image"

    @property
    def is_lost(self) -> bool:
        """Whether the box is left out."""
        return self not in (BoxFault.CUT, BoxFault.TWICE)


@dataclass(frozen=True, slots=True)
class BoxFlaw:
    """One box with a fault.

    Parameters
    ----------
    case
        Name of the case.
    label
        What was found.
    fault
        What is wrong with it.
    """

    case: str
    label: str
    fault: BoxFault
