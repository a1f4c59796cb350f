"""What a search for near duplicates finds: pairs of cases, and the groups that they form."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Kind = Literal["copy", "recompressed", "brightness", "rescaled", "cropped", "mirrored", "rotated"]
"""How one image of a pair was made from the other, the greatest change naming it:

copy (every value equal) · recompressed (same size, small differences) · brightness (other
brightness, contrast or gamma) · rescaled (other size) · cropped (cut or shifted, too) · mirrored ·
rotated (by 90, 180 or 270 degrees, perhaps mirrored too).
"""


@dataclass(frozen=True, slots=True, order=True)
class NearPair:
    """Two cases that show the same image.

    Parameters
    ----------
    first, second
        Places in the sequence that was searched; first < second.
    similarity
        0 to 1: correlation of the details after the two were laid over each other; 1 for copies.
    kind
        How one was made from the other.
    """

    first: int
    second: int
    similarity: float
    kind: Kind

    def __post_init__(self) -> None:
        assert self.first < self.second, "a pair is ordered"


@dataclass(frozen=True)
class NearDuplicates:
    """All near duplicates among some cases.

    Parameters
    ----------
    pairs
        Ordered by first and second.
    constant
        Cases in which nothing can be seen: all pixels alike. They are never part of a pair.
    missing
        Cases without a picture, which could not be compared.
    """

    pairs: tuple[NearPair, ...]
    constant: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Cases that hang together through pairs; each in order, by their first case."""
        return connected((pair.first, pair.second) for pair in self.pairs)


def connected(pairs: Iterable[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """Put together what hangs together.

    >>> connected([(1, 4), (0, 2), (4, 7)])
    ((0, 2), (1, 4, 7))
    """
    leader: dict[int, int] = {}

    def lead(one: int) -> int:
        while leader.setdefault(one, one) != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for first, second in pairs:
        low, high = sorted((lead(first), lead(second)))
        leader[high] = low
    groups: dict[int, list[int]] = {}
    for one in sorted(leader):
        groups.setdefault(lead(one), []).append(one)
    return tuple(tuple(group) for group in groups.values())
