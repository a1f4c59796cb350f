"""What is asked of a simulation, and what comes of it: an order and a picture."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from numpy.random import Generator, default_rng

from scanwright.image import Box, Image

Labels = npt.NDArray[np.uint8]
"""A label map on an image's own grid; 0 is background."""

STREAMS = ("person", "class", "anatomy", "finding", "place", "pose", "texture", "noise", "look")
"""Independent sources of randomness, so that one choice never shifts another."""

PER_PERSON = frozenset({"person", "class", "anatomy", "finding", "place"})
"""Streams that all images of one patient share."""


@dataclass(frozen=True, slots=True)
class Lesion:
    """One finding that an image is asked to show.

    Parameters
    ----------
    name
        What is found.
    diameter_mm
        About; outlines are uneven.
    """

    name: str
    diameter_mm: float


@dataclass(frozen=True, slots=True)
class Order:
    """One image to simulate.

    Parameters
    ----------
    finding
        Name of the class.
    size
        Elements along each edge of a slice or picture.
    slices
        Number of slices of a volume; 0 for a picture of rank 2.
    seed, patient, image, site
        Numbers that decide every random choice.
    sex, age_years
        Of the patient.
    protocol
        Which of a modality's ways of looking, for example "flair"; empty for the first.
    lesions
        What there is to find, nothing included; None leaves number and sizes to the class.
    """

    finding: str
    size: int
    slices: int
    seed: int
    patient: int
    image: int
    site: int
    sex: str
    age_years: float
    protocol: str = ""
    lesions: tuple[Lesion, ...] | None = None

    def rng(self, stream: str) -> Generator:
        """Return the generator of one of `STREAMS`, at its beginning."""
        shot = 0 if stream in PER_PERSON else self.image + 1
        return default_rng([self.seed, self.patient, shot, STREAMS.index(stream)])

    def site_rng(self) -> Generator:
        """Return the generator from which this site's scanner is drawn."""
        return default_rng([self.seed, self.site, 10_007])


@dataclass(frozen=True, slots=True)
class Picture:
    """One simulated image with the truth on its own grid.

    Parameters
    ----------
    image
        What the machine shows.
    labels
        Same spatial size: 0, or 1 + the index of a name.
    names
        Of the label values, the finding itself first.
    boxes
        One around each finding, not around what goes with it, such as oedema.
    body_part, view
        DICOM's words for Body Part Examined and View Position.
    laterality
        "L" or "R" where the finding, or the breast, lies on one side; else empty.
    """

    image: Image
    labels: Labels = field(repr=False)
    names: tuple[str, ...]
    boxes: tuple[Box, ...]
    body_part: str
    view: str = ""
    laterality: str = ""


def bounding_box(inside: npt.NDArray[np.bool_], name: str) -> tuple[Box, ...]:
    """Return the tightest box around the true elements of an array, none where there is none."""
    places = np.nonzero(inside)
    if len(places[0]) == 0:
        return ()
    low = tuple(float(place.min()) - 0.5 for place in places)
    high = tuple(float(place.max()) + 0.5 for place in places)
    return (Box(low, high, name),)
