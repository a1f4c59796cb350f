"""Filters of contrast: adaptive equalisation of the histogram, and the unsharp mask."""

from typing import Any, ClassVar

import numpy as np

from scanwright.base import option
from scanwright.image import Image
from scanwright.transforms.filter import (
    Filtered,
    FilterTransform,
    Values,
    smallest_spacing_mm,
)

LEAST_TILE = 8
"""Elements along a tile's edge below which its histogram says nothing."""


class Clahe(FilterTransform):
    """Equalise the histogram tile by tile, with limited contrast (CLAHE).

    Values keep their range but lose their meaning: HU are no HU any more. About 0.15 s per
    megapixel and 0.5 s per megavoxel on one core.

    Method: K. Zuiderveld, Contrast limited adaptive histogram equalization, Graphics Gems IV, 1994,
    as scikit-image has it.
    """

    kind: ClassVar[str] = "clahe"

    clip: float = option(
        0.01, low=0.0001, high=0.9, help="Largest share of a tile's elements in one bin."
    )
    tiles: int = option(8, low=1, high=64, help="Tiles along each axis.")
    bins: int = option(256, low=16, high=4096, help="Grey levels told apart.")

    def unit_after(self, image: Image) -> str:
        """Return no unit: equal numbers no longer mean equal things."""
        del image
        return ""

    def filtered(self, values: Values, spacing: tuple[float, ...]) -> Values:
        """Equalise one channel."""
        from skimage.exposure import equalize_adapthist

        del spacing
        low, high = float(values.min()), float(values.max())
        share = (values - low) / (high - low)
        tile = [min(size, max(LEAST_TILE, round(size / self.tiles))) for size in values.shape]
        # An axis of 3 or 4 at the end would be taken for colours; one of 1 there never is.
        level = equalize_adapthist(share[..., None], [*tile, 1], self.clip, self.bins)[..., 0]
        return low + (high - low) * np.asarray(level, dtype=np.float32)


class Unsharp(FilterTransform):
    """Raise fine detail: add a share of what a Gaussian takes away.

    Halos are cut at the image's range. About 0.02 s per megapixel and 0.2 s per megavoxel.
    """

    kind: ClassVar[str] = "unsharp"

    amount: float = option(0.8, low=0, high=10, help="Share of the detail that is added.")
    radius: float = option(
        2.0, low=0.2, high=200, help="Width of the Gaussian, in elements of the finest axis."
    )
    radius_mm: float | None = option(
        None, low=0.001, high=200, unit="mm", help="The same in mm; takes the place of radius."
    )
    threshold: float = option(
        0.0, low=0, high=1, help="Detail smaller than this share of the image's range is left."
    )

    def learn(self, image: Image) -> Any:  # Any: the unit, and the radius where it is physical
        """Return the unit, and the radius in elements.

        Raises
        ------
        GeometryError
            The radius is given in mm, and the image has no physical size.
        """
        if self.radius_mm is not None:
            smallest_spacing_mm(image, "unsharp.radius_mm")
        return super().learn(image)

    def forward(self, image: Image, facts: Filtered) -> Image:
        """Sharpen one image."""
        if self.radius_mm is None:
            return super().forward(image, facts)
        elements = self.radius_mm / smallest_spacing_mm(image, "unsharp.radius_mm")
        return self.model_copy(update={"radius": elements, "radius_mm": None}).forward(image, facts)

    def filtered(self, values: Values, spacing: tuple[float, ...]) -> Values:
        """Sharpen one channel."""
        from scipy.ndimage import gaussian_filter

        width = [self.radius / step for step in spacing]
        detail = values - gaussian_filter(values, width, mode="nearest")
        if self.threshold > 0:
            least = self.threshold * float(values.max() - values.min())
            detail[np.abs(detail) < least] = 0
        sharpened: Values = values + np.float32(self.amount) * detail
        return sharpened
