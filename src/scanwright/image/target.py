"""What is known to be true of a case: a class, several, an order, a number, a mask or boxes."""

from dataclasses import dataclass

from scanwright.base import GeometryError, LabelError
from scanwright.image.image import Image
from scanwright.image.label_scheme import LabelScheme


@dataclass(frozen=True, slots=True)
class ClassTarget:
    """One of K classes."""

    label: str


@dataclass(frozen=True, slots=True)
class LabelsTarget:
    """Any number of K findings, none included."""

    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class GradeTarget:
    """One of K ordered grades, 0 the lowest."""

    grade: int

    def __post_init__(self) -> None:
        if self.grade < 0:
            raise LabelError("A grade counts from 0.", got=self.grade)


@dataclass(frozen=True, slots=True)
class NumberTarget:
    """A number, with its unit."""

    value: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class MaskTarget:
    """A label map: one channel of integers, and what they mean."""

    labels: Image
    scheme: LabelScheme

    def __post_init__(self) -> None:
        if not self.labels.is_grey or self.labels.array.dtype.kind not in "bui":
            raise LabelError(
                "A label map has one channel of integers.",
                got=f"{self.labels.array.shape[0]} channels of {self.labels.array.dtype}",
            )


@dataclass(frozen=True, slots=True)
class Box:
    """A box around one finding.

    Parameters
    ----------
    low, high
        Edges in index units of the image, slow → fast; an element with index i covers
        [i - 0.5, i + 0.5], so a box around the single element 3 is (2.5, 3.5).
    label
        What was found.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    label: str

    def __post_init__(self) -> None:
        if len(self.low) != len(self.high):
            raise GeometryError("A box has as many low as high edges.", got=(self.low, self.high))
        if not all(a < b for a, b in zip(self.low, self.high, strict=True)):
            raise GeometryError(
                "A box has a positive size.", got=(self.low, self.high), legal="low < high"
            )


@dataclass(frozen=True, slots=True)
class BoxesTarget:
    """All findings of one image, none included, each as a box."""

    boxes: tuple[Box, ...]


Target = ClassTarget | LabelsTarget | GradeTarget | NumberTarget | MaskTarget | BoxesTarget
"""Any truth about a case."""
