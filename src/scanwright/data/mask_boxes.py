"""Boxes around the pieces of a mask that lies in files, unread."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from scanwright.data.mask_reference import Mask, MaskReference
from scanwright.image import Box, BoxesTarget, Image


@dataclass(frozen=True, slots=True)
class MaskBoxes:
    """The pieces of a mask as findings, unread: what touches, corners included, is one.

    Parameters
    ----------
    mask
        The mask.
    label
        What every piece is called; empty to call each by what is outlined. With one name for all
        values, those of a mask of instances are told apart where they touch. So are outlines of
        one name that are given by themselves, such as the segments of two lesions.
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
        boxes: list[Box] = []
        for name, inside in self._parts_on(image):
            boxes += _boxes_around(inside, self.label or name)
        return BoxesTarget(tuple(dict.fromkeys(boxes)))

    def _parts_on(self, image: Image) -> Iterator[tuple[str, Mask]]:
        """Give what is outlined by itself, or has one value, and where it is."""
        if self.mask.has_outlines:
            yield from self.mask.outlines_on(image)
            return
        target = self.mask.read_on(image)
        scheme, array = target.scheme, target.labels.array[0]
        for name, values in zip(scheme.names, scheme.values, strict=True):
            yield name, np.isin(array, values)


def _boxes_around(inside: Mask, label: str) -> list[Box]:
    pieces, _ = ndimage.label(inside, np.ones((3,) * inside.ndim))
    return [
        Box(
            tuple(float(one.start) - 0.5 for one in place),
            tuple(float(one.stop) - 0.5 for one in place),
            label,
        )
        for place in ndimage.find_objects(pieces)
    ]
