"""An array of shape (C, *space) and its geometry, as one immutable value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from scanwright.base import GeometryError, ShapeError
from scanwright.image.geometry import Frame, Geometry

Array = npt.NDArray[Any]  # Any: images keep the number type of their file
"""Any array of numbers."""


class Modality(Enum):
    """How an image was made; decides the preprocessing defaults."""

    XRAY = "x-ray"
    CT = "ct"
    MRI = "mri"
    ULTRASOUND = "ultrasound"
    OTHER = "other"
    UNKNOWN = "unknown"


DICOM_MODALITIES: Mapping[str, Modality] = MappingProxyType(
    {
        **dict.fromkeys(("CR", "DX", "MG", "RG", "RF", "XA", "PX", "IO"), Modality.XRAY),
        "CT": Modality.CT,
        "MR": Modality.MRI,
        "US": Modality.ULTRASOUND,
        "IVUS": Modality.ULTRASOUND,
    }
)
"""Modality (0008,0060), PS3.3 C.7.3.1.1.1, to ours; codes not listed are OTHER."""


@dataclass(frozen=True, slots=True)
class Image:
    """Pixels or voxels with their place in the world.

    Parameters
    ----------
    array
        Shape (C, *space) with 1 to 3 spatial axes, slow → fast: (C, X), (C, Y, X), (C, Z, Y, X).
        Booleans, integers or floats. Kept as a read-only view.
    geometry
        Rank equal to the number of spatial axes; unit pixels when not given.
    modality
        How the image was made.
    unit
        Unit of the values ("HU", "SUV"), empty when arbitrary.
    channels
        One name per channel, for example ("grey",) or ("red", "green", "blue").
    about
        Further facts of acquisition that steer preprocessing, never a patient's name or
        identifier: for example {"laterality": "L", "window_center": 40.0}.

    Raises
    ------
    ShapeError
        The array has no spatial axis, more than three, no element, or no numbers.
    GeometryError
        The geometry has another rank.
    """

    array: Array = field(repr=False)
    geometry: Geometry
    modality: Modality = Modality.UNKNOWN
    unit: str = ""
    channels: tuple[str, ...] = ()
    about: Mapping[str, str | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        array = np.asarray(self.array)
        if not 2 <= array.ndim <= 4 or array.size == 0:
            raise ShapeError(
                "An image needs an array of channels and 1 to 3 spatial axes.",
                got=array.shape,
                legal="(C, X), (C, Y, X) or (C, Z, Y, X), none of them empty",
            )
        if array.dtype.kind not in "buif":
            raise ShapeError("An image holds numbers.", got=array.dtype, legal="bool, int, float")
        if self.geometry.rank != array.ndim - 1:
            raise GeometryError(
                "Array and geometry have different ranks.",
                got=f"array {array.shape}, geometry of rank {self.geometry.rank}",
            )
        channels = tuple(self.channels) or _channel_names(array.shape[0])
        if len(channels) != array.shape[0]:
            raise ShapeError(
                "Each channel needs one name.", got=channels, legal=f"{array.shape[0]} names"
            )
        view = array.view()
        view.setflags(write=False)
        object.__setattr__(self, "array", view)
        object.__setattr__(self, "channels", channels)
        object.__setattr__(self, "about", MappingProxyType(dict(self.about)))

    @classmethod
    def from_array(cls, array: Array, modality: Modality = Modality.UNKNOWN) -> "Image":
        """Make an image of unit pixels from an array of shape (C, *space)."""
        return cls(array, Geometry.pixels(np.ndim(array) - 1), modality)

    @property
    def rank(self) -> int:
        """Number of spatial axes."""
        return self.array.ndim - 1

    @property
    def size(self) -> tuple[int, ...]:
        """Number of elements along each spatial axis, slow → fast."""
        return tuple(self.array.shape[1:])

    @property
    def is_grey(self) -> bool:
        """Whether there is one channel."""
        return len(self.array) == 1

    def with_array(self, array: Array, *, unit: str | None = None) -> "Image":
        """Return the same image with other values on the same grid.

        Raises
        ------
        ShapeError
            The spatial size differs.
        """
        if array.shape[1:] != self.size:
            raise ShapeError(
                "New values must lie on the same grid.", got=array.shape[1:], legal=self.size
            )
        channels = self.channels if len(self.channels) == array.shape[0] else ()
        return replace(
            self, array=array, channels=channels, unit=self.unit if unit is None else unit
        )

    def with_grid(self, array: Array, geometry: Geometry) -> "Image":
        """Return the same image with other values on another grid."""
        channels = self.channels if len(self.channels) == array.shape[0] else ()
        return replace(self, array=array, geometry=geometry, channels=channels)

    def flipped(self, axis: int) -> "Image":
        """Return the image with an axis reversed; each value keeps its place in the world."""
        array = np.flip(self.array, axis + 1)
        return self.with_grid(array, self.geometry.flipped(axis, self.size[axis]))

    def cropped(self, start: tuple[int, ...], size: tuple[int, ...]) -> "Image":
        """Return the box from index `start`, of `size` elements, which must lie inside.

        Raises
        ------
        ShapeError
            The box reaches outside.
        """
        for first, length, whole in zip(start, size, self.size, strict=True):
            if first < 0 or length < 1 or first + length > whole:
                raise ShapeError(
                    "The crop reaches outside the image.",
                    got=f"start {start}, size {size}",
                    legal=f"inside {self.size}",
                )
        box = tuple(slice(a, a + n) for a, n in zip(start, size, strict=True))
        return self.with_grid(self.array[(slice(None), *box)], self.geometry.cropped(start))

    def is_equal(self, other: "Image") -> bool:
        """Whether values, number type, geometry, modality and unit are all equal."""
        return bool(
            self.array.dtype == other.array.dtype
            and np.array_equal(self.array, other.array, equal_nan=self.array.dtype.kind == "f")
            and self.geometry == other.geometry
            and self.modality is other.modality
            and self.unit == other.unit
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Go between processes: read-only mappings do not pickle by themselves."""
        about = dict(self.about)
        return Image, (
            self.array, self.geometry, self.modality, self.unit, self.channels, about
        )  # fmt: skip

    def __repr__(self) -> str:
        size = " × ".join(str(length) for length in self.size)
        parts = [size, str(self.array.dtype), self.modality.value]
        if self.array.shape[0] > 1:
            parts.insert(1, f"{self.array.shape[0]} channels")
        if self.geometry.is_physical:
            parts.append(" × ".join(f"{mm:.4g}" for mm in self.geometry.spacing_mm) + " mm")
        if self.geometry.frame is Frame.PATIENT:
            parts.append(self.geometry.axes)
        if self.unit:
            parts.append(self.unit)
        return f"Image({', '.join(parts)})"


def _channel_names(count: int) -> tuple[str, ...]:
    if count == 1:
        return ("grey",)
    if count == 3:
        return ("red", "green", "blue")
    return tuple(f"channel {index}" for index in range(count))
