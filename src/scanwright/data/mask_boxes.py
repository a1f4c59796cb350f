"""Boxes around the pieces of a mask that lies in files, unread."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from scanwright.data.mask_reference import MaskReference
from scanwright.image import Array, Box, BoxesTarget, Image


@dataclass(frozen=True, slots=True)
class MaskBoxes:
    """The pieces of a mask as findings, unread: what touches, corners included, is one.

    Parameters
    ----------
    mask
        The mask.
    label
        What every piece is called; empty to call each by what is outlined. With one name for all
        values, those of a mask of instances are told apart where they touch.
    """

    mask: MaskReference
    label: str = ""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that hold the mask."""
        return self.mask.files

    @property
    def source(self) -> str:
        """Where the mask is."""
        return self.mask.source

    @property
    def present(self) -> tuple[str, ...] | None:
        """Labels that occur in it, where it has been looked through; None where it has not."""
        present = self.mask.present
        return (self.label,) if present and self.label else present

    def read_on(self, image: Image) -> BoxesTarget:
        """Read the mask on the grid of its image and put a box around each of its pieces.

        Raises
        ------
        InputError
            As the mask's own reading does.
        """
        target = self.mask.read_on(image)
        scheme, array = target.scheme, target.labels.array[0]
        boxes: list[Box] = []
        for name, values in zip(scheme.names, scheme.values, strict=True):
            boxes += _boxes_around(np.isin(array, values), self.label or name)
        return BoxesTarget(tuple(boxes))


def _boxes_around(inside: Array, label: str) -> list[Box]:
    pieces, _ = ndimage.label(inside, np.ones((3,) * inside.ndim))
    return [
        Box(
            tuple(float(one.start) - 0.5 for one in place),
            tuple(float(one.stop) - 0.5 for one in place),
            label,
        )
        for place in ndimage.find_objects(pieces)
    ]
