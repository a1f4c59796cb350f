"""Invented masks: balls, and what a model might have made of them."""

from functools import cache

import numpy as np
import numpy.typing as npt

from scanwright.image import Geometry, Image
from scanwright.report import (
    MaskPicture,
    Outcomes,
    SegmentationOutcomes,
    SegmentedCase,
    measure_case,
)

SIZE = (14, 24, 22)
GEOMETRY = Geometry.axial((3.0, 1.0, 1.0))
Labels = npt.NDArray[np.int8]


def invent_masks(number: int) -> tuple[Labels, Labels]:
    """Truth and guess of two balls; in case 3 the second is missed, in case 4 it is invented."""
    rng = np.random.default_rng(number)
    grid = np.indices(SIZE)
    truth, guess = np.zeros(SIZE, np.int8), np.zeros(SIZE, np.int8)
    for label, (centre, radius) in enumerate((((5, 7, 7), 5.0), ((8, 16, 15), 4.0)), 1):
        for mask, shift in ((truth, np.zeros(3)), (guess, rng.normal(0, 0.6, 3))):
            apart = np.array(centre)[:, None, None, None] + shift[:, None, None, None] - grid
            mask[(apart**2).sum(axis=0) <= radius**2] = label
    if number == 3:
        guess[guess == 2] = 0
    if number == 4:
        truth[truth == 2] = 0
    return truth, guess


@cache
def invent_segmentation(count: int = 12) -> SegmentationOutcomes:
    cases = []
    for number in range(count):
        found = measure_case(f"scan {number}", *invent_masks(number), GEOMETRY, classes=2)
        about = (("site", "AB"[number % 2]),)
        cases.append(SegmentedCase(found.name, found.scores, f"p{number // 2}", about))
    return SegmentationOutcomes(("liver", "spleen"), tuple(cases))


def mask_outcomes(count: int = 12) -> Outcomes:
    return invent_segmentation(count).outcomes


def mask_picture(number: int) -> MaskPicture:
    truth, guess = invent_masks(number)
    rng = np.random.default_rng(number)
    grey = 50.0 * truth + rng.normal(size=SIZE)
    return MaskPicture(Image(grey[None], GEOMETRY), truth, guess)
