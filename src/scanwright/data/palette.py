"""Masks saved as pictures with a palette: the number of the colour is the class, not the colour."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scanwright.base import FileError
from scanwright.data.reference import FileReference, OneFile, Reference
from scanwright.image import Image
from scanwright.io import Header

PALETTE = "P"


@dataclass(frozen=True, slots=True)
class PaletteReference(OneFile):
    """The numbers of the colours of a picture, as annotation tools save classes."""

    def read(self) -> Image:
        """Read the numbers, not the colours."""
        from PIL import Image as Picture

        try:
            with Picture.open(self.path) as picture:
                return Image.from_array(np.array(picture)[None])
        except (OSError, SyntaxError, ValueError) as error:
            raise FileError("The picture cannot be read.", got=error, where=self.path) from error


def plain_reference(path: Path, header: Header) -> Reference:
    """Return where a mask is: a picture in colours by its palette, where it has one.

    Parameters
    ----------
    header
        What the file says of itself.
    """
    if header.channels == 3 and path.suffix.lower() in (".png", ".bmp") and _has_palette(path):
        return PaletteReference(path)
    return FileReference(path)


def _has_palette(path: Path) -> bool:
    from PIL import Image as Picture

    try:
        with Picture.open(path) as picture:
            return picture.mode == PALETTE
    except (OSError, SyntaxError, ValueError):
        return False
