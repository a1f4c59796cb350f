"""One case of a data set as the index knows it: where it is and what is true of it, unread."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from scanwright.image import Case, Image, Modality, Target
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
class FileReference:
    """An image in one file."""

    path: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)

    @property
    def source(self) -> str:
        """The file's path."""
        return shown(self.path)

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
class Entry:
    """One case, unread.

    Parameters
    ----------
    name
        Unique in the index.
    reference
        Where the image is and how it is read.
    target
        What is true of it; None where nothing is known.
    patient
        Whom it belongs to; empty when unknown, and then the case stands for itself.
    site
        Where it was made.
    split
        "train", "validation", "test" where the data set says so, else empty.
    fold
        Fold of cross-validation where the data set says so, else empty.
    subgroups
        Further columns by which results are broken down.
    size
        Elements along each spatial axis, slow → fast; empty when the header does not say.
    channels, dtype
        Channels and number type as stored.
    spacing_mm
        One length per axis, slow → fast; None when unknown.
    modality
        How the image was made.
    """

    name: str
    reference: Reference
    target: Target | None = None
    patient: str = ""
    site: str = ""
    split: str = ""
    fold: str = ""
    subgroups: Mapping[str, str] = field(default_factory=dict)
    size: tuple[int, ...] = ()
    channels: int = 1
    dtype: str = ""
    spacing_mm: tuple[float, ...] | None = None
    modality: Modality = Modality.UNKNOWN

    def __post_init__(self) -> None:
        object.__setattr__(self, "subgroups", MappingProxyType(dict(self.subgroups)))

    @property
    def source(self) -> str:
        """The place in words: a path, or a member and row of an archive."""
        return self.reference.source


def read_case(entry: Entry) -> Case:
    """Read the image of an entry.

    Raises
    ------
    InputError
        The file cannot be read; the message says why.
    """
    image = entry.reference.read()
    if entry.modality not in (Modality.UNKNOWN, image.modality):
        image = replace(image, modality=entry.modality)
    return Case(
        entry.name,
        {"image": image},
        target=entry.target,
        patient=entry.patient,
        site=entry.site,
        subgroups=entry.subgroups,
        source=entry.source,
    )


def shown(path: Path) -> str:
    """Return a path as text that can be printed, whatever bytes its name holds."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")
