"""A label map that is being changed, name by name, whether names exclude each other or overlap."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.base import RecipeError
from scanwright.image import Array, LabelScheme

Mask = npt.NDArray[np.bool_]
"""True inside."""

BACKGROUND = 0
"""Value of elements that have no name."""


@dataclass(frozen=True, slots=True)
class Outlines:
    """A label map to be changed in place; only one mask exists at a time.

    Parameters
    ----------
    labels
        Exclusive names: shape (1, *space), values of the scheme. Regions: (K, *space), 0 and 1.
    scheme
        What the values mean.
    element_mm
        Volume of an element in mm³; in a plane its area in mm².
    """

    labels: Array
    scheme: LabelScheme
    element_mm: float = 1.0

    def mask(self, name: str) -> Mask:
        """Return where a name is, shape (*space)."""
        place = self.scheme.names.index(name)
        if not self.scheme.is_exclusive:
            return np.asarray(self.labels[place] != 0)
        values = self.scheme.values[place]
        found = self.labels[0] == values[0]
        for value in values[1:]:
            found |= self.labels[0] == value
        return np.asarray(found)

    def drop(self, name: str, where: Mask) -> None:
        """Take elements, all of which have the name, away from it."""
        if self.scheme.is_exclusive:
            self.labels[0][where] = BACKGROUND
        else:
            self.labels[self.scheme.names.index(name)][where] = 0

    def fill(self, name: str, where: Mask) -> None:
        """Give elements to a name, but none that another name excludes."""
        place = self.scheme.names.index(name)
        if self.scheme.is_exclusive:
            free = where & (self.labels[0] == BACKGROUND)
            self.labels[0][free] = min(self.scheme.values[place])
        else:
            self.labels[place][where] = 1

    def chosen(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the names, or all where none is given.

        Raises
        ------
        RecipeError
            The scheme has no such name.
        """
        asked = tuple(names)
        for name in asked:
            if name not in self.scheme.names:
                raise RecipeError(f'Nothing is named "{name}".', legal=", ".join(self.scheme.names))
        return asked or self.scheme.names
