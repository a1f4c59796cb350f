"""What a filter is: values that change by their neighbours, on the scale they had."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from scanwright.base import GeometryError
from scanwright.image import Array, Image
from scanwright.transforms.polarity import luma
from scanwright.transforms.transform import ValueTransform

Values = npt.NDArray[np.floating[Any]]  # Any: single precision, but for numbers in between
"""Real numbers on a grid, shape (*space)."""

COLOURS = ("red", "green", "blue")
LAPLACE_TO_NOISE = 1.4826
"""Standard deviation over median absolute deviation of a normal distribution."""
MOST_SAMPLES = 2**18
"""About how many elements are enough to judge an image's noise."""


@dataclass(frozen=True, slots=True)
class Filtered:
    """What a filtered image was before: the unit that it gets back."""

    unit: str


class FilterTransform(ValueTransform):
    """A transform by a filter of the values, for 2-D and 3-D, that keeps their scale.

    What goes in at -1000..400 comes out there: a filter never leaves the range of the image, so it
    can stand before or after the step that maps values to 0..1. Elements that are no numbers are
    filtered as the image's median and stay no numbers. An image of one value only stays as it is.
    Colour images are filtered in their luma, and their colours follow it; other channels are
    filtered one by one. Undoing gives the unit back and leaves the values as they are.
    """

    kind: ClassVar[str]

    def learn(self, image: Image) -> Filtered:
        """Return the unit."""
        return Filtered(image.unit)

    def forward(self, image: Image, facts: Filtered) -> Image:
        """Filter one image."""
        del facts
        if image.channels == COLOURS:
            return image.with_array(self._coloured(image), unit=self.unit_after(image))
        changed = [self._guarded(channel, image) for channel in image.array]
        return image.with_array(np.stack(changed), unit=self.unit_after(image))

    def backward(self, image: Image, facts: Filtered) -> Image:
        """Give one image its unit back."""
        return image.with_array(image.array, unit=facts.unit)

    def unit_after(self, image: Image) -> str:
        """Return the unit of what comes out: the same, unless a filter says otherwise."""
        return image.unit

    @abstractmethod
    def filtered(self, values: Values, spacing: tuple[float, ...]) -> Values:
        """Filter finite single-precision values that are not all equal.

        Parameters
        ----------
        values
            Shape (*space).
        spacing
            Distance of neighbours along each axis, the smallest being 1.
        """

    def _coloured(self, image: Image) -> Array:
        array = image.array.astype(np.float32)
        grey = luma(array)[0]
        changed = array + (self._guarded(grey, image) - grey)
        clipped: Array = np.clip(changed, np.nanmin(array), np.nanmax(array))
        return clipped

    def _guarded(self, channel: Array, image: Image) -> Values:
        values = channel.astype(np.float32)
        is_number = np.isfinite(values)
        known = values[is_number]
        if known.size == 0 or known.min() == known.max():
            return values
        whole = values if known.size == values.size else np.where(is_number, values, _median(known))
        changed = self.filtered(whole, relative_spacing(image))
        changed = np.clip(changed, known.min(), known.max()).astype(np.float32, copy=False)
        return changed if known.size == values.size else np.where(is_number, changed, values)


def relative_spacing(image: Image) -> tuple[float, ...]:
    """Return the spacing as multiples of the smallest."""
    smallest = min(image.geometry.spacing_mm)
    return tuple(step / smallest for step in image.geometry.spacing_mm)


def smallest_spacing_mm(image: Image, where: str) -> float:
    """Return the smallest distance of neighbours in mm.

    Raises
    ------
    GeometryError
        The image has no physical size.
    """
    if not image.geometry.is_physical:
        raise GeometryError(
            "The image has no spacing in mm.",
            got=f"{image.geometry.frame.value} only",
            next="leave the length in mm out; the one in elements is used then",
            where=where,
        )
    return min(image.geometry.spacing_mm)


def noise_level(values: Values) -> float:
    """Return the standard deviation of the noise in an image.

    The median absolute value of second differences along each axis longer than two, after J.
    Immerkær, Fast noise variance estimation, CVIU 64:300, 1996, whose mean is replaced by a median
    so that edges count little; the axis of least noise decides. Elements that have all their
    neighbours equal are background without noise and do not count.

    Parameters
    ----------
    values
        Shape (*space), finite.

    Returns
    -------
    In the unit of the values; 0 where there is no noise.
    """
    levels = [_along(values, axis) for axis in range(values.ndim) if values.shape[axis] > 2]
    return min(levels, default=0.0)


def _along(values: Values, axis: int) -> float:
    moved = np.moveaxis(values, axis, -1)
    bent = moved[..., :-2] - 2 * moved[..., 1:-1] + moved[..., 2:]
    sample = bent.reshape(-1)[:: bent.size // MOST_SAMPLES | 1]
    sample = np.abs(sample[sample != 0])
    if sample.size == 0:
        return 0.0
    return float(LAPLACE_TO_NOISE * np.median(sample) / 6**0.5)  # variance 1 + 4 + 1


def _median(values: Values) -> float:
    return float(np.median(values[:: values.size // MOST_SAMPLES | 1]))
