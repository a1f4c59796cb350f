"""Transforms of values to a common scale: windows, percentiles, z-scores, fixed numbers.

All give float32. What is not a number becomes 0, which stands for the low edge or the mean.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal

import numpy as np
from pydantic import model_validator

from scanwright.base import InputError, ShapeError, option
from scanwright.image import Array, Floats, Image
from scanwright.transforms.transform import ValueTransform

WindowName = Literal["lung", "mediastinum", "soft_tissue", "brain", "subdural", "bone", "liver"]
"""A reader's CT window."""

CT_WINDOWS: Mapping[WindowName, tuple[float, float]] = MappingProxyType(
    {
        "lung": (-1350.0, 150.0),
        "mediastinum": (-125.0, 225.0),
        "soft_tissue": (-150.0, 250.0),
        "brain": (0.0, 80.0),
        "subdural": (-25.0, 175.0),
        "bone": (-500.0, 1300.0),
        "liver": (-45.0, 105.0),
    }
)
"""Low and high edge in HU. Widths and levels (1500/-600, 350/50, 400/50, 80/40, 200/75, 1800/400,
150/30) as listed by Radiopaedia, "Windowing (CT)", rID 52108."""


SLAB = 2**22
"""Elements that are read at a time."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """value = stored * scale + shift; one number each, or one per channel."""

    shift: Floats
    scale: Floats
    unit: str

    @classmethod
    def between(cls, low: float, high: float, unit: str) -> "Scaled":
        """Make the scale that puts `low` at 0 and `high` at 1."""
        return cls(np.array([low]), np.array([high - low]), unit)


class Window(ValueTransform):
    """Map a range of HU, given by its edges or by name, to 0..1; what lies outside is clipped."""

    kind: ClassVar[str] = "window"

    preset: WindowName | None = option(None, help="A reader's window by name.")
    low: float | None = option(None, unit="HU", help="Lower edge, where no name is given.")
    high: float | None = option(None, unit="HU", help="Upper edge, where no name is given.")

    @model_validator(mode="after")
    def _check_edges(self) -> "Window":
        by_name = self.preset is not None
        edges = [edge for edge in (self.low, self.high) if edge is not None]
        if by_name == bool(edges) or (not by_name and len(edges) != 2):
            raise ValueError("either a preset, or both low and high")
        if self.edges[0] >= self.edges[1]:
            raise ValueError("low < high")
        return self

    @property
    def edges(self) -> tuple[float, float]:
        """The two edges in HU."""
        if self.preset is not None:
            return CT_WINDOWS[self.preset]
        assert self.low is not None
        assert self.high is not None
        return self.low, self.high

    def learn(self, image: Image) -> Scaled:
        """Return the scale.

        Raises
        ------
        InputError
            A named window meets values that cannot be HU.
        """
        cannot_be_hu = image.unit not in ("", "HU") or image.array.dtype.itemsize == 1
        if self.preset is not None and cannot_be_hu:
            raise InputError(
                "A CT window by name needs values in HU.",
                got=f"{image.array.dtype} in {image.unit or 'no unit'}",
                next="read the original DICOM files, or give low and high in the image's own unit",
            )
        return Scaled.between(*self.edges, image.unit)

    def forward(self, image: Image, facts: Scaled) -> Image:
        """Map one image to 0..1."""
        return _to_unit_range(image, facts)

    def backward(self, image: Image, facts: Scaled) -> Image:
        """Map one image back; clipped values stay at the edge."""
        return _unscaled(image, facts)


class Range(ValueTransform):
    """Map a fixed range of any unit to 0..1."""

    kind: ClassVar[str] = "range"

    low: float = option(0.0, help="Becomes 0.")
    high: float = option(255.0, help="Becomes 1.")
    clip: bool = option(True, help="Whether values outside are moved to the edge.")

    @model_validator(mode="after")
    def _check_edges(self) -> "Range":
        if self.low >= self.high:
            raise ValueError("low < high")
        return self

    def learn(self, image: Image) -> Scaled:
        """Return the scale."""
        return Scaled.between(self.low, self.high, image.unit)

    def forward(self, image: Image, facts: Scaled) -> Image:
        """Map one image to 0..1."""
        return _to_unit_range(image, facts) if self.clip else _scaled(image, facts)

    def backward(self, image: Image, facts: Scaled) -> Image:
        """Map one image back; clipped values stay at the edge."""
        return _unscaled(image, facts)


Part = Literal["all", "nonzero"]
"""Which elements a statistic is taken of."""


class Percentile(ValueTransform):
    """Map the range between two percentiles of the image itself to 0..1, clipping outside.

    An image of one value only becomes 0 everywhere.
    """

    kind: ClassVar[str] = "percentile"

    low: float = option(0.5, low=0, high=100, unit="%", help="Becomes 0.")
    high: float = option(99.5, low=0, high=100, unit="%", help="Becomes 1.")
    inside: Part = option("all", help="Elements that are counted.")

    @model_validator(mode="after")
    def _check_edges(self) -> "Percentile":
        if self.low >= self.high:
            raise ValueError("low < high")
        return self

    def learn(self, image: Image) -> Scaled:
        """Return the scale between the two percentiles, all channels together."""
        values = _counted(image.array, self.inside)
        low, high = np.percentile(values, (self.low, self.high)).tolist()
        return Scaled.between(low, high, image.unit)

    def forward(self, image: Image, facts: Scaled) -> Image:
        """Map one image to 0..1."""
        return _to_unit_range(image, facts)

    def backward(self, image: Image, facts: Scaled) -> Image:
        """Map one image back; clipped values stay at the edge."""
        return _unscaled(image, facts)


class ZScore(ValueTransform):
    """Shift and scale each channel to mean 0 and standard deviation 1.

    A channel of one value only becomes 0 everywhere.
    """

    kind: ClassVar[str] = "zscore"

    inside: Part = option("all", help="Elements that are counted.")
    background: Literal["scaled", "zero"] = option(
        "scaled", help='"zero": elements that are 0 in every channel stay 0, the new mean.'
    )

    def learn(self, image: Image) -> Scaled:
        """Return mean and standard deviation of each channel."""
        moments = [_moments(channel, self.inside) for channel in image.array]
        means, deviations = np.array(moments).T
        flat = deviations <= 1e-7 * np.abs(means)  # below single precision: one value only
        return Scaled(means, np.where(flat, 0.0, deviations), image.unit)

    def forward(self, image: Image, facts: Scaled) -> Image:
        """Standardise one image."""
        array = _stretch(image.array, facts)
        if self.background == "zero":
            for made, stored in zip(array.swapaxes(0, 1), image.array.swapaxes(0, 1), strict=True):
                made[:, ~stored.any(axis=0)] = 0  # plane by plane: a truth value each is much
        return image.with_array(array, unit="")

    def backward(self, image: Image, facts: Scaled) -> Image:
        """Give one image its mean and deviation back; background kept at 0 becomes the mean."""
        return _unscaled(image, facts)


class Standardise(ValueTransform):
    """Clip values to a fixed range, then shift and scale them by a fixed mean and deviation.

    Where values have a meaning of their own, as HU have, the numbers are those of what is outlined
    in the training set: clipped to the 0.5 and 99.5 percentile, with mean and standard deviation
    (F. Isensee et al., nnU-Net, Nature Methods 2021, its rule for CT).
    """

    kind: ClassVar[str] = "standardise"

    mean: tuple[float, ...] = option(..., help="Becomes 0: one number, or one per channel.")
    deviation: tuple[float, ...] = option(..., help="Becomes 1: one number, or one per channel.")
    low: tuple[float, ...] = option((), help="Values below are moved here first; none: no edge.")
    high: tuple[float, ...] = option((), help="Values above are moved here first; none: no edge.")

    @model_validator(mode="after")
    def _check_numbers(self) -> "Standardise":
        if not self.mean or not self.deviation:
            raise ValueError("a mean and a deviation")
        if min(self.deviation) <= 0:
            raise ValueError("deviation > 0")
        if self.low and self.high and np.any(np.array(self.low) >= np.array(self.high)):
            raise ValueError("low < high")
        return self

    def learn(self, image: Image) -> Scaled:
        """Return the scale."""
        return Scaled(np.array(self.mean), np.array(self.deviation), image.unit)

    def forward(self, image: Image, facts: Scaled) -> Image:
        """Clip and standardise one image."""
        array = image.array.astype(np.float32)
        for edge, limit in ((self.low, np.maximum), (self.high, np.minimum)):
            if edge:
                limit(array, _column(np.array(edge), array), out=array)
        return image.with_array(_stretch_in_place(array, facts), unit="")

    def backward(self, image: Image, facts: Scaled) -> Image:
        """Map one image back; clipped values stay at the edge."""
        return _unscaled(image, facts)


def _scaled(image: Image, facts: Scaled) -> Image:
    return image.with_array(_stretch(image.array, facts), unit="")


def _to_unit_range(image: Image, facts: Scaled) -> Image:
    array = _stretch(image.array, facts)
    return image.with_array(np.clip(array, 0, 1, out=array), unit="")


def _stretch(stored: Array, facts: Scaled) -> Array:
    return _stretch_in_place(stored.astype(np.float32), facts)


def _stretch_in_place(array: Array, facts: Scaled) -> Array:
    # A scale of 0 stands for "one value only", which becomes 0.
    factor = np.divide(1.0, facts.scale, out=np.zeros_like(facts.scale), where=facts.scale != 0)
    array -= _column(facts.shift, array)
    array *= _column(factor, array)
    if not np.isfinite(array.sum()):
        np.nan_to_num(array, copy=False, nan=0.0, posinf=np.inf, neginf=-np.inf)
    return array


def _unscaled(image: Image, facts: Scaled) -> Image:
    array = image.array.astype(np.float32)
    array *= _column(facts.scale, array)
    array += _column(facts.shift, array)
    return image.with_array(array, unit=facts.unit)


def _column(values: Floats, array: Array) -> Array:
    if len(values) not in (1, len(array)):
        raise ShapeError(
            "The image has another number of channels than the one the scale was learnt from.",
            got=len(array),
            legal=len(values),
        )
    return values.astype(np.float32).reshape(-1, *(1,) * (array.ndim - 1))


def _counted(array: Array, part: Part) -> Array:
    values = _chosen(array.reshape(-1), part)
    return values if values.size else np.zeros(1, dtype=np.float32)


def _chosen(values: Array, part: Part) -> Array:
    if values.dtype.kind == "f" and not np.isfinite(values.sum()):
        values = values[np.isfinite(values)]
    return values[values != 0] if part == "nonzero" else values


def _moments(channel: Array, part: Part) -> tuple[float, float]:
    """Return mean and standard deviation, read slab by slab: squares of a volume are much."""
    planes = max(1, SLAB * len(channel) // channel.size)
    starts = range(0, len(channel), planes)

    def slabs() -> Iterator[Floats]:
        for start in starts:
            values = channel[start : start + planes].reshape(-1)
            yield _chosen(values, part).astype(np.float64)

    sums = [(slab.size, slab.sum()) for slab in slabs()]
    count = max(1, sum(size for size, _ in sums))
    mean = float(sum(total for _, total in sums)) / count
    squares = float(sum(((slab - mean) ** 2).sum() for slab in slabs()))
    return mean, float(np.sqrt(squares / count))
