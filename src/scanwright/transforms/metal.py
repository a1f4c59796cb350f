"""Metal and padding of CT cut at the HU that tissue can have."""

from typing import ClassVar

import numpy as np
from pydantic import model_validator

from scanwright.base import InputError, option
from scanwright.image import Image
from scanwright.transforms.filter import Filtered
from scanwright.transforms.transform import ValueTransform

AIR_HU = -1024.0
"""Nothing is less dense than air; what lies below is padding outside the scanned circle."""
DENSEST_HU = 2000.0
"""About dense cortical bone; enamel and contrast reach a little higher, metal starts near 2500."""


class ClipMetal(ValueTransform):
    """Cut HU of metal and of padding to the range of air and bone; streaks are left.

    A screw of 20,000 HU otherwise takes nearly all of a scale from the lowest to the highest value.
    Elements that are no numbers become air. About 0.01 s per megavoxel.
    """

    kind: ClassVar[str] = "clip_metal"

    low: float = option(AIR_HU, unit="HU", help="What lies below becomes this.")
    high: float = option(DENSEST_HU, unit="HU", help="What lies above becomes this.")

    @model_validator(mode="after")
    def _check(self) -> "ClipMetal":
        if self.low >= self.high:
            raise ValueError("low < high")
        return self

    def learn(self, image: Image) -> Filtered:
        """Return the unit.

        Raises
        ------
        InputError
            The values cannot be HU.
        """
        if image.unit not in ("", "HU"):
            raise InputError(
                "Metal is known by its HU.",
                got=f"{image.array.dtype} in {image.unit}",
                next='put "clip_metal" before what changes the scale; it is for CT only',
            )
        return Filtered(image.unit)

    def forward(self, image: Image, facts: Filtered) -> Image:
        """Cut one image."""
        del facts
        array = np.clip(image.array.astype(np.float32), self.low, self.high)
        return image.with_array(np.nan_to_num(array, copy=False, nan=self.low))

    def backward(self, image: Image, facts: Filtered) -> Image:
        """Return one image as it is: what was cut is not known."""
        return image.with_array(image.array, unit=facts.unit)
