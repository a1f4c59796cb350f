"""One case of images and masks as it was found, and what a layout knows of all of them."""

from dataclasses import dataclass
from pathlib import Path

from scanwright.data.mask_reference import MaskPart
from scanwright.data.probing import Found
from scanwright.image import LabelScheme, Modality
from scanwright.io import Header


@dataclass(frozen=True, slots=True)
class MaskFile:
    """One mask that was found.

    Parameters
    ----------
    part
        Where it is, and what it outlines.
    header
        What it says of itself; None where its grid is known only once read.
    """

    part: MaskPart
    header: Header | None = None


@dataclass(frozen=True, slots=True)
class MaskCase:
    """One case that was found, before its mask is understood.

    Parameters
    ----------
    name
        Unique.
    images
        Its image, or one for each channel.
    masks
        At least one.
    split
        "train", "validation", "test", or empty.
    annotated
        Names of what was looked for in it; None where that is everything.
    """

    name: str
    images: tuple[Found, ...]
    masks: tuple[MaskFile, ...]
    split: str = ""
    annotated: tuple[str, ...] | None = None

    @property
    def image_files(self) -> tuple[Path, ...]:
        """The files of its image."""
        return tuple(file for one in self.images for file in one.reference.files)

    @property
    def mask_files(self) -> tuple[Path, ...]:
        """The files of its mask."""
        return tuple(file for one in self.masks for file in one.part.reference.files)


@dataclass(frozen=True, slots=True)
class MaskPlan:
    """What a layout knows of all its cases.

    Parameters
    ----------
    scheme
        What the values of label maps mean; None where nothing says it.
    names
        What masks that each outline something by themselves are called; empty for label maps.
    channels
        What the channels of each image show; empty where nothing says it.
    modality
        How the images were made.
    """

    scheme: LabelScheme | None = None
    names: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    modality: Modality = Modality.UNKNOWN
