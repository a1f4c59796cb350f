"""What the values of a label map mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from scanwright.base import LabelError

HIGHEST_VALUE = 65535


@dataclass(frozen=True, slots=True)
class LabelScheme:
    """The names of what is outlined, and the values of a label map that make up each.

    A name with several values is a region: "whole tumour" may be the values 1, 2 and 3, and
    "core" 2 and 3, so that regions overlap though each element has one value only. Value 0 is
    background unless a name claims it.

    Parameters
    ----------
    names
        The K classes or regions, in the order of results.
    values
        For each name the values that belong to it.
    ignore
        Value of elements about which nothing is known; they count neither for nor against.

    Raises
    ------
    LabelError
        A name is missing or doubled, has no value or an impossible one, or claims what is to be
        ignored.
    """

    names: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]
    ignore: int | None = None

    def __post_init__(self) -> None:
        if not self.names or len(set(self.names)) != len(self.names) or "" in self.names:
            raise LabelError("Names of a label map differ, and there is one.", got=self.names)
        if len(self.values) != len(self.names) or not all(self.values):
            raise LabelError("Each name needs a value of the label map.", got=self.values)
        known = {value for group in self.values for value in group}
        if not all(0 <= value <= HIGHEST_VALUE for value in known):
            raise LabelError(
                "Values of a label map are whole numbers.",
                got=sorted(known),
                legal=f"0 to {HIGHEST_VALUE}",
            )
        if self.ignore in known:
            raise LabelError("The value to ignore has a name.", got=self.ignore)

    @classmethod
    def of_classes(cls, names: Sequence[str]) -> Self:
        """Return the plain scheme: value i + 1 is names[i]."""
        return cls(tuple(names), tuple((value + 1,) for value in range(len(names))))

    @property
    def is_exclusive(self) -> bool:
        """Whether no element belongs to two names."""
        count = sum(len(set(group)) for group in self.values)
        return count == len({value for group in self.values for value in group})

    @property
    def known(self) -> frozenset[int]:
        """All values that a label map may hold."""
        ignored = () if self.ignore is None else (self.ignore,)
        return frozenset((0, *ignored, *(value for group in self.values for value in group)))
