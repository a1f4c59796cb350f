"""Where the elements of a new axis lie on an old one."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Interpolation = Literal["nearest", "linear", "cubic"]
"""How a value between elements is made."""

LabelInterpolation = Literal["nearest", "vote"]
"""How a label between elements is chosen: the nearest one, or that of the largest share."""


@dataclass(frozen=True, slots=True)
class AxisMap:
    """Where the elements of a new axis lie on an old one: new index j at `start + j * step`."""

    old: int
    new: int
    start: float
    step: float

    @classmethod
    def centred(cls, old: int, new: int, step: float) -> "AxisMap":
        """Make the map that keeps the middle of the axis in its place."""
        return cls(old, new, (old - 1) / 2 - step * (new - 1) / 2, step)

    @property
    def is_identity(self) -> bool:
        """Whether every element stays where it is."""
        return self.old == self.new and abs(self.step - 1) * self.old < 1e-6

    @property
    def places(self) -> npt.NDArray[np.float64]:
        """Old index of each new element, kept inside the old axis."""
        return np.clip(self.start + np.arange(self.new) * self.step, 0, self.old - 1)
