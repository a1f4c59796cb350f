"""The elements that features are measured on: grey values, a mask and a spacing, checked once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.base import LabelError, ShapeError
from scanwright.image import Array, Floats, Image

Mask = npt.NDArray[np.bool_]
"""True inside the region."""


@dataclass(frozen=True, slots=True)
class Region:
    """A grey image and the part of it that is looked at.

    Parameters
    ----------
    grey
        Shape (*space), slow → fast, finite inside the mask.
    mask
        The same shape.
    spacing_mm
        One length per axis; 1 where no physical size is known.
    has_mask
        Whether somebody drew the mask; without one the region is the whole image.
    """

    grey: Floats
    mask: Mask
    spacing_mm: tuple[float, ...]
    has_mask: bool = True

    @classmethod
    def of(cls, image: Image, mask: Array | None = None) -> "Region":
        """Make the region of an image: channels averaged, values that are not finite left out.

        Parameters
        ----------
        mask
            Shape (*space) or (1, *space); anything but 0 is inside. None takes the whole image.

        Raises
        ------
        ShapeError
            The mask has another size than the image.
        LabelError
            No finite element is inside.
        """
        grey = image.array.astype(np.float64).mean(axis=0)
        inside = np.isfinite(grey)
        if mask is not None:
            drawn = np.asarray(mask)
            drawn = drawn[0] if drawn.ndim == image.rank + 1 and len(drawn) == 1 else drawn
            if drawn.shape != grey.shape:
                raise ShapeError(
                    "The mask must have the size of the image.", got=drawn.shape, legal=grey.shape
                )
            inside &= drawn != 0
        if not inside.any():
            raise LabelError(
                "There is nothing to measure: the region is empty.",
                next="leave the mask out to measure the whole image",
            )
        grey[~np.isfinite(grey)] = grey[inside].min()
        return cls(grey, inside, image.geometry.spacing_mm, has_mask=mask is not None)

    @property
    def rank(self) -> int:
        """Number of axes."""
        return self.grey.ndim

    @property
    def values(self) -> Floats:
        """The grey values inside, shape (N,)."""
        return np.asarray(self.grey[self.mask])
