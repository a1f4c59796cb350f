"""Transforms of colour and polarity: one grey channel, dark for bright."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from scanwright.base import ShapeError, option
from scanwright.image import Array, Image
from scanwright.transforms.transform import ValueTransform

LUMA_16BIT = (19595, 38470, 7471)
"""Weights .299, .587, .114 of ITU-R BT.601, section 2.5.1, in units of 1 / 65536."""


@dataclass(frozen=True, slots=True)
class Coloured:
    """How many channels the image had, and what they were called."""

    channels: tuple[str, ...]


class Grey(ValueTransform):
    """Turn red, green and blue into one channel of luma; one channel stays as it is.

    Integers keep their number type: (19595 R + 38470 G + 7471 B) >> 16, which truncates. A fourth
    channel (opacity) is dropped. Undoing repeats the grey values in every channel.
    """

    kind: ClassVar[str] = "grey"

    def learn(self, image: Image) -> Coloured:
        """Return what the channels were.

        Raises
        ------
        ShapeError
            There are neither 1, 3 nor 4 channels.
        """
        if len(image.channels) not in (1, 3, 4):
            raise ShapeError(
                "Only colour images can be made grey.",
                got=f"{len(image.channels)} channels",
                legal="1, 3 (RGB) or 4 (RGBA)",
            )
        return Coloured(image.channels)

    def forward(self, image: Image, facts: Coloured) -> Image:
        """Make one image grey."""
        if len(facts.channels) == 1:
            return image
        return image.with_array(luma(image.array[:3]))

    def backward(self, image: Image, facts: Coloured) -> Image:
        """Repeat the grey channel."""
        if not image.is_grey or len(facts.channels) == 1:
            return image
        return image.with_array(np.repeat(image.array, len(facts.channels), axis=0))


def luma(array: Array) -> Array:
    """Return luma, shape (1, *space), of red, green and blue, shape (3, *space)."""
    if array.dtype.kind == "f":
        weights = np.array(LUMA_16BIT, dtype=array.dtype) / 65536
        return np.tensordot(weights, array, axes=1)[None]
    wide = array.astype(np.int64)
    grey = sum(weight * channel for weight, channel in zip(LUMA_16BIT, wide, strict=True)) >> 16
    return np.asarray(grey)[None].astype(array.dtype)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A value v becomes `ends` - v."""

    ends: float


class Invert(ValueTransform):
    """Exchange dark and bright about the middle of the image's own range; its own undo."""

    kind: ClassVar[str] = "invert"

    full_range: bool = option(False, help="Whether integers use the whole range of their type.")

    def learn(self, image: Image) -> Mirrored:
        """Return the sum of the lowest and highest value."""
        array = image.array
        if array.dtype.kind == "b":
            return Mirrored(1)
        if self.full_range and array.dtype.kind in "ui":
            limits = np.iinfo(array.dtype)
            return Mirrored(limits.min + limits.max)
        return Mirrored(array.min().item() + array.max().item())

    def forward(self, image: Image, facts: Mirrored) -> Image:
        """Invert one image, keeping its number type."""
        array = image.array
        if array.dtype.kind == "f":
            return image.with_array((facts.ends - array).astype(array.dtype))
        return image.with_array((facts.ends - array.astype(np.int64)).astype(array.dtype))

    def backward(self, image: Image, facts: Mirrored) -> Image:
        """Invert one image again."""
        return self.forward(image, facts)
