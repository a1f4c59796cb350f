"""What a network outlines in a case: a label map on the case's own grid, and what it measures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from scanwright.base import LabelError, ShapeError
from scanwright.image.image import Image
from scanwright.image.label_scheme import LabelScheme


@dataclass(frozen=True, slots=True)
class MaskPrediction:
    """Outlines of one case.

    Parameters
    ----------
    case
        Name of the case.
    labels
        On the grid of the case's image. Exclusive names: one channel of whole numbers, the lowest
        of each name's values. Names that overlap: one channel of 0 and 1 for each.
    scheme
        What the values mean.
    volumes_ml
        Volume of each name; none where the grid has no three physical axes.
    areas_mm2
        Area of each name in a plane of known spacing; none elsewhere.
    diameters_mm
        Greatest distance between two elements of each name, centre to centre; 0 for a name that
        was not found; none where there is no physical size.
    warnings
        Why this prediction may be less trustworthy, in the reader's words.

    Raises
    ------
    ShapeError
        The number of channels does not fit the scheme.
    LabelError
        The map does not hold whole numbers.
    """

    case: str
    labels: Image
    scheme: LabelScheme
    volumes_ml: Mapping[str, float] = field(default_factory=dict)
    areas_mm2: Mapping[str, float] = field(default_factory=dict)
    diameters_mm: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        channels = 1 if self.scheme.is_exclusive else len(self.scheme.names)
        if len(self.labels.array) != channels:
            raise ShapeError(
                "A map of exclusive labels has one channel, one of regions a channel for each.",
                got=len(self.labels.array),
                legal=channels,
                where=self.case,
            )
        if self.labels.array.dtype.kind not in "bui":
            raise LabelError(
                "A label map holds whole numbers.", got=self.labels.array.dtype, where=self.case
            )
        for name in ("volumes_ml", "areas_mm2", "diameters_mm"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def mask(self, name: str) -> npt.NDArray[np.bool_]:
        """Return where a name is, shape (*space).

        Raises
        ------
        LabelError
            The scheme has no such name.
        """
        if name not in self.scheme.names:
            raise LabelError(
                "There is no such name in the label map.", got=name, legal=self.scheme.names
            )
        place = self.scheme.names.index(name)
        if not self.scheme.is_exclusive:
            return np.asarray(self.labels.array[place] != 0)
        values = np.array(self.scheme.values[place])
        if len(values) == 1:
            return np.asarray(self.labels.array[0] == values[0])
        return np.isin(self.labels.array[0], values)

    def as_values(self) -> Image:
        """Return one channel with the scheme's values, as a file of labels holds them.

        Where regions overlap, an element takes the value that belongs to just the regions in which
        it lies. Regions may be predicted in a way that no value has ("core" outside "whole"); then
        it takes the value that differs in the fewest regions, the lowest of equals.
        """
        if self.scheme.is_exclusive:
            return self.labels
        values = sorted(self.scheme.known - {self.scheme.ignore})
        groups = self.scheme.values
        owners = np.array([[value in group for group in groups] for value in values])  # (V, K)
        chosen = np.zeros(self.labels.size, dtype=np.uint16 if values[-1] > 255 else np.uint8)
        fewest = np.full(self.labels.size, len(groups) + 1, dtype=np.uint8)
        for value, inside in zip(values, owners, strict=True):
            wrong = np.zeros(self.labels.size, dtype=np.uint8)
            for region, is_inside in zip(self.labels.array, inside, strict=True):
                wrong += (region != 0) != is_inside
            is_better = wrong < fewest
            chosen[is_better] = value
            fewest[is_better] = wrong[is_better]
        return self.labels.with_array(chosen[None])

    def __reduce__(self) -> tuple[object, ...]:
        """Go between processes: read-only mappings do not pickle by themselves."""
        sizes = (dict(self.volumes_ml), dict(self.areas_mm2), dict(self.diameters_mm))
        return MaskPrediction, (self.case, self.labels, self.scheme, *sizes, self.warnings)
