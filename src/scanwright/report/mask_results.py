"""What was measured of the masks of N cases, and what each figure means."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from scanwright.base import ShapeError
from scanwright.image import Floats
from scanwright.metrics import MaskOptions


@dataclass(frozen=True, slots=True)
class MaskResults:
    """Metrics of masks, one number for each case and class.

    Parameters
    ----------
    values
        Shape (N, K) by name of the metric: NaN where it is not defined, infinite where a distance
        is measured to nothing.
    options
        By which definitions they were measured.
    unit
        Of volumes: "ml", or of areas "mm²".
    length_unit
        Of distances: "mm", or "pixels" where no physical size is known.
    """

    values: Mapping[str, Floats] = field(repr=False)
    options: MaskOptions = field(default_factory=MaskOptions)
    unit: str = "ml"
    length_unit: str = "mm"

    def __post_init__(self) -> None:
        tables = {}
        for name, values in self.values.items():
            table = np.array(values, dtype=np.float64)
            table.setflags(write=False)
            tables[name] = table
        if len({table.shape for table in tables.values()}) > 1 or any(
            table.ndim != 2 for table in tables.values()
        ):
            raise ShapeError(
                "Each metric has one number for each case and class.",
                got={name: table.shape for name, table in tables.items()},
                legal="(N, K)",
            )
        object.__setattr__(self, "values", MappingProxyType(tables))

    def subset(self, index: npt.NDArray[np.int64]) -> "MaskResults":
        """Return the cases of these places."""
        return self._changed({name: table[index] for name, table in self.values.items()})

    def alone(self, label: int) -> "MaskResults":
        """Return one class."""
        chosen = slice(label, label + 1)
        return self._changed({name: table[:, chosen] for name, table in self.values.items()})

    def _changed(self, values: Mapping[str, Floats]) -> "MaskResults":
        return replace(self, values=values)
