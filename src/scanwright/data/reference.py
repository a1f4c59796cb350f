"""Where an image is and how it is read: one file, a DICOM series, or several as channels."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from scanwright.base import GeometryError, ShapeError
from scanwright.data.mask_grid import grid_words, lie_alike
from scanwright.image import Image
from scanwright.io import read, read_series


class Reference(Protocol):
    """Where an image is, and how it is read."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that hold it."""

    @property
    def source(self) -> str:
        """The place in words: a path, or a member and row of an archive."""

    def read(self) -> Image:
        """Read the image."""


@dataclass(frozen=True, slots=True)
class OneFile:
    """What a reference to something in one file says of itself."""

    path: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)

    @property
    def source(self) -> str:
        """The file's path."""
        return shown(self.path)


@dataclass(frozen=True, slots=True)
class FileReference(OneFile):
    """An image in one file."""

    def read(self) -> Image:
        """Read the file."""
        return read(self.path)


@dataclass(frozen=True, slots=True)
class SeriesReference:
    """A volume in the files of a DICOM series."""

    files: tuple[Path, ...]

    @property
    def source(self) -> str:
        """The folder and the number of files."""
        return f"{shown(self.files[0].parent)} ({len(self.files)} files)"

    def read(self) -> Image:
        """Read and stack the files."""
        return read_series(self.files)


@dataclass(frozen=True, slots=True)
class ChannelsReference:
    """An image whose channels are named, or lie in several places.

    Parameters
    ----------
    parts
        Where the channels are, in their order.
    names
        What each channel shows.
    """

    parts: tuple[Reference, ...]
    names: tuple[str, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """All files."""
        return tuple(file for part in self.parts for file in part.files)

    @property
    def source(self) -> str:
        """The first place, and how many there are."""
        more = f" and {len(self.parts) - 1} more" if len(self.parts) > 1 else ""
        return f"{self.parts[0].source}{more}"

    def read(self) -> Image:
        """Read the channels and put them together.

        Raises
        ------
        GeometryError
            They do not lie on one grid.
        ShapeError
            There are more or fewer channels than names.
        """
        images = [part.read() for part in self.parts]
        first = images[0]
        for part, image in zip(self.parts[1:], images[1:], strict=True):
            if image.size != first.size or not lie_alike(
                image.geometry, first.geometry, first.size
            ):
                raise GeometryError(
                    "The channels of a case do not lie on one grid.",
                    got=grid_words(image.size, image.geometry),
                    legal=f"{grid_words(first.size, first.geometry)}, as the first channel",
                    next="register and resample the channels onto one of them",
                    where=part.source,
                )
        array = np.concatenate([image.array for image in images])
        if len(array) != len(self.names):
            raise ShapeError(
                "There are more or fewer channels than names.",
                got=f"{len(array)} channels",
                legal=", ".join(self.names),
                where=self.source,
            )
        return Image(array, first.geometry, first.modality, first.unit, self.names, first.about)


def shown(path: Path) -> str:
    """Return a path as text that can be printed, whatever bytes its name holds."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")
