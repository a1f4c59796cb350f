"""Transforms that give an image other elements over the same part of the world."""

from dataclasses import dataclass
from math import prod
from typing import Annotated, ClassVar, Literal, TypeVar

import numpy as np
from pydantic import Field

from scanwright.base import GeometryError, ResourceError, option, read_machine
from scanwright.image import Geometry, Image
from scanwright.transforms.axis_map import AxisMap, Interpolation, LabelInterpolation
from scanwright.transforms.kernels import resample, resample_labels
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

WORTH_ASKING = 2**28
"""Bytes above which the free memory is looked up first."""

SHARED = 0.99
"""Spacings that differ by less than this ratio count as one."""

Nearest = Literal["nearest"]
Kind = TypeVar("Kind", Interpolation, Literal["vote"])

Spacing = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""A step in mm; 0 for "as it is"."""


@dataclass(frozen=True, slots=True)
class Regridded:
    """The grid before and after, and the axis along which the nearest slice is taken, if any."""

    old_size: tuple[int, ...]
    old: Geometry
    size: tuple[int, ...]
    new: Geometry
    coarse_axis: int | None = None


class Resample(GridTransform):
    """Bring an image to a spacing in mm; its centre stays where it is.

    No grid has a given spacing and a given extent too. With `exact="spacing"` the outer edges move
    by less than half an element; with "extent" they stay, and the spacing is off by less than half
    an element over the whole axis (and is kept as it became). Axes that are oblique or sheared stay
    so. Images without a physical size are refused.

    Slices several times as thick as their elements are wide hold nothing that could be interpolated
    between them: beyond `coarse_above` the nearest slice is taken along that axis, there and back,
    for images and labels alike (F. Isensee et al., nnU-Net, Nature Methods 2021, whose limit is 3).
    Where two axes share the coarsest spacing, none is taken apart.
    """

    kind: ClassVar[str] = "resample"

    spacing_mm: tuple[Spacing, ...] = option(
        (1.0,), unit="mm", help="One length, or one per axis; 0 keeps an axis as it is."
    )
    interpolation: Interpolation = option("linear", help="How values between elements are made.")
    labels: LabelInterpolation = option("vote", help="How labels between elements are chosen.")
    exact: Literal["spacing", "extent"] = option("spacing", help="What is met exactly.")
    low_pass: bool = option(
        True, help="Whether detail too fine for a coarser grid is filtered away first."
    )
    coarse_above: float | None = option(
        None, low=1, help="Nearest slice along the axis this many times coarser than the finest."
    )

    @property
    def filling(self) -> Filling:
        """How new values of images are made."""
        return Filling(self.interpolation, low_pass=self.low_pass)

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
            The new grid would be absurdly large, or larger than the memory that is free.
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
        _check_memory(size, len(image.array), spacing)
        new = old.resized(image.size, size)
        if self.exact == "spacing":
            new = _about_centre(old, image.size, size, spacing)
        coarse = coarse_axis(old.spacing_mm, spacing, self.coarse_above)
        return Regridded(image.size, old, size, new, coarse)

    def forward(self, image: Image, facts: Regridded, filling: Filling) -> Image:
        """Resample one image."""
        return regrid(image, facts.size, facts.new, filling, facts.coarse_axis)

    def backward(self, image: Image, facts: Regridded, filling: Filling) -> Image:
        """Resample one image onto its old grid."""
        check_size(image, facts.size)
        return regrid(image, facts.old_size, facts.old, filling, facts.coarse_axis)


def coarse_axis(
    old_mm: tuple[float, ...], new_mm: tuple[float, ...], above: float | None
) -> int | None:
    """Return the one axis that is coarser than the finest by more than a ratio, or None.

    The old spacing is asked first, then the new one.

    >>> coarse_axis((6.0, 1.0, 1.0), (1.0, 1.0, 1.0), 3.0)
    0
    """
    if above is None:
        return None
    for spacing in (old_mm, new_mm):
        coarsest = max(spacing)
        if coarsest / min(spacing) > above:
            alike = [axis for axis, mm in enumerate(spacing) if mm > SHARED * coarsest]
            return alike[0] if len(alike) == 1 else None
    return None


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


def regrid(
    image: Image,
    size: tuple[int, ...],
    geometry: Geometry,
    filling: Filling,
    coarse: int | None = None,
) -> Image:
    """Give an image another grid that has the same centre and directions.

    Parameters
    ----------
    image
        Any image.
    size, geometry
        The new grid.
    filling
        How values or labels between elements are made.
    coarse
        Axis along which the nearest element is taken.
    """
    steps = (
        new / old for new, old in zip(geometry.spacing_mm, image.geometry.spacing_mm, strict=True)
    )
    maps = tuple(
        AxisMap.centred(old, new, step)
        for old, new, step in zip(image.size, size, steps, strict=True)
    )
    if filling.between == "vote":
        chosen = _with_nearest(filling.between, image.rank, coarse)
        return image.with_grid(resample_labels(image.array, maps, chosen), geometry)
    kinds = _with_nearest(filling.between, image.rank, coarse)
    return image.with_grid(resample(image.array, maps, kinds, low_pass=filling.low_pass), geometry)


def _with_nearest(kind: Kind, rank: int, coarse: int | None) -> tuple[Kind | Nearest, ...]:
    return tuple("nearest" if axis == coarse else kind for axis in range(rank))


def _about_centre(
    old: Geometry, old_size: tuple[int, ...], size: tuple[int, ...], spacing: tuple[float, ...]
) -> Geometry:
    index = [
        AxisMap.centred(length, count, new / kept).start
        for length, count, new, kept in zip(old_size, size, spacing, old.spacing_mm, strict=True)
    ]
    x, y, z = old.to_world(index).tolist()
    return Geometry(spacing, old.directions, (x, y, z), old.frame)


def _check_memory(size: tuple[int, ...], channels: int, spacing: tuple[float, ...]) -> None:
    count = prod(size)
    words = f"{' × '.join(map(str, size))} elements at {spacing} mm"
    if count > MOST_ELEMENTS:
        raise ResourceError(
            "The resampled image would be too large.",
            got=words,
            legal=f"at most {MOST_ELEMENTS} elements",
            next="choose a wider spacing",
        )
    needed = count * channels * 4
    if needed > WORTH_ASKING and needed > (free := read_machine().memory_bytes):
        raise ResourceError(
            "The resampled image does not fit the memory that is free.",
            got=f"{words}, {channels} channels: {needed / 2**30:.1f} GiB",
            legal=f"at most {free / 2**30:.1f} GiB",
            next="choose a wider spacing, or close other programs",
        )
