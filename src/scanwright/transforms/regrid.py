"""Transforms that give an image other elements over the same part of the world."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from scanwright.base import GeometryError, ResourceError, option
from scanwright.image import Geometry, Image
from scanwright.transforms.kernels import (
    AxisMap,
    Interpolation,
    LabelInterpolation,
    resample,
    resample_labels,
)
from scanwright.transforms.place import Box, place
from scanwright.transforms.transform import (
    Fill,
    Filling,
    GridTransform,
    Length,
    check_size,
    per_axis,
)

MOST_ELEMENTS = 2**31
"""A larger grid is taken for a mistake in the spacing."""

Spacing = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""A step in mm; 0 for "as it is"."""


@dataclass(frozen=True, slots=True)
class Regridded:
    """The grid before and after."""

    old_size: tuple[int, ...]
    old: Geometry
    size: tuple[int, ...]
    new: Geometry


class Resample(GridTransform):
    """Bring an image to a spacing in mm; its centre stays where it is.

    The spacing is met exactly, so the extent changes by less than one element per axis. Images
    without a physical size are refused.
    """

    kind: ClassVar[str] = "resample"

    spacing_mm: tuple[Spacing, ...] = option(
        (1.0,), unit="mm", help="One length, or one per axis; 0 keeps an axis as it is."
    )
    interpolation: Interpolation = option("linear", help="How values between elements are made.")
    labels: LabelInterpolation = option("vote", help="How labels between elements are chosen.")

    @property
    def filling(self) -> Filling:
        """How new values of images are made."""
        return Filling(self.interpolation)

    @property
    def label_filling(self) -> Filling:
        """How new labels are chosen."""
        return Filling(self.labels)

    def learn(self, image: Image) -> Regridded:
        """Return the grid before and after.

        Raises
        ------
        GeometryError
            The image has no physical size.
        ResourceError
            The new grid would be absurdly large.
        """
        old = image.geometry
        if not old.is_physical:
            raise GeometryError(
                "The image has no spacing in mm.",
                got=f"{image.geometry.frame.value} only",
                next='use "resize", which asks for a size in elements',
            )
        asked = per_axis(self.spacing_mm, image.rank, "resample.spacing_mm")
        spacing = tuple(new or kept for new, kept in zip(asked, old.spacing_mm, strict=True))
        lengths = np.array(image.size) * np.array(old.spacing_mm) / np.array(spacing)
        size = tuple(max(1, round(length)) for length in lengths.tolist())
        _check_memory(size, spacing)
        index = [
            AxisMap.centred(length, count, new / kept).start
            for length, count, new, kept in zip(
                image.size, size, spacing, old.spacing_mm, strict=True
            )
        ]
        x, y, z = old.to_world(index).tolist()
        new = Geometry(spacing, old.directions, (x, y, z), old.frame)
        return Regridded(image.size, old, size, new)

    def forward(self, image: Image, facts: Regridded, filling: Filling) -> Image:
        """Resample one image."""
        return regrid(image, facts.size, facts.new, filling)

    def backward(self, image: Image, facts: Regridded, filling: Filling) -> Image:
        """Resample one image onto its old grid."""
        check_size(image, facts.size)
        return regrid(image, facts.old_size, facts.old, filling)


@dataclass(frozen=True, slots=True)
class Fitted:
    """How an image was brought to a size: this window of it fills that window of the new one."""

    old_size: tuple[int, ...]
    old: Geometry
    source: Box
    inner: Box
    size: tuple[int, ...]


class Resize(GridTransform):
    """Bring an image to a size in elements.

    "stretch" fills the size, whatever happens to proportions; "pad" keeps them and adds what is
    missing; "crop" keeps them and cuts what is too much. Proportions are those of elements.
    """

    kind: ClassVar[str] = "resize"

    size: tuple[Length, ...] = option(..., help="Edge in elements: one, or one per axis.")
    fit: Literal["stretch", "pad", "crop"] = option("stretch", help="What gives way.")
    interpolation: Interpolation = option("linear", help="How values between elements are made.")
    labels: LabelInterpolation = option("vote", help="How labels between elements are chosen.")
    fill: Fill = option("minimum", help='Value of padding: a number, "minimum" or "edge".')

    @property
    def filling(self) -> Filling:
        """How new values of images are made."""
        return Filling(self.interpolation, self.fill)

    @property
    def label_filling(self) -> Filling:
        """How new labels are chosen."""
        return Filling(self.labels)

    def learn(self, image: Image) -> Fitted:
        """Return which window of the image fills which window of the new size."""
        size = per_axis(self.size, image.rank, "resize.size")
        whole, full = Box.whole(image.size), Box.whole(size)
        if self.fit == "stretch":
            return Fitted(image.size, image.geometry, whole, full, size)
        ratios = [new / old for new, old in zip(size, image.size, strict=True)]
        if self.fit == "pad":
            inner = tuple(max(1, round(old * min(ratios))) for old in image.size)
            return Fitted(image.size, image.geometry, whole, Box.centred(inner, size), size)
        window = tuple(
            min(old, max(1, round(new / max(ratios))))
            for new, old in zip(size, image.size, strict=True)
        )
        return Fitted(image.size, image.geometry, Box.centred(window, image.size), full, size)

    def forward(self, image: Image, facts: Fitted, filling: Filling) -> Image:
        """Cut, stretch and pad one image."""
        window = place(image, facts.source, filling.outside)
        stretched = window.geometry.resized(facts.source.size, facts.inner.size)
        inner = regrid(window, facts.inner.size, stretched, filling)
        return place(inner, facts.inner.inverted(facts.size), filling.outside)

    def backward(self, image: Image, facts: Fitted, filling: Filling) -> Image:
        """Undo padding, stretching and cutting; what was cut is filled."""
        check_size(image, facts.size)
        inner = place(image, facts.inner, filling.outside)
        window = facts.old.cropped(facts.source.start)
        stretched = regrid(inner, facts.source.size, window, filling)
        back = place(stretched, facts.source.inverted(facts.old_size), filling.outside)
        return back.with_grid(back.array, facts.old)


def regrid(image: Image, size: tuple[int, ...], geometry: Geometry, filling: Filling) -> Image:
    """Give an image another grid that has the same centre and directions."""
    steps = (
        new / old for new, old in zip(geometry.spacing_mm, image.geometry.spacing_mm, strict=True)
    )
    maps = tuple(
        AxisMap.centred(old, new, step)
        for old, new, step in zip(image.size, size, steps, strict=True)
    )
    if filling.between == "vote":
        return image.with_grid(resample_labels(image.array, maps, "vote"), geometry)
    return image.with_grid(resample(image.array, maps, filling.between), geometry)


def _check_memory(size: tuple[int, ...], spacing: tuple[float, ...]) -> None:
    count = float(np.prod(np.array(size, dtype=np.float64)))
    if count > MOST_ELEMENTS:
        raise ResourceError(
            "The resampled image would be too large.",
            got=f"{' × '.join(map(str, size))} elements at {spacing} mm",
            legal=f"at most {MOST_ELEMENTS} elements",
            next="choose a wider spacing",
        )
