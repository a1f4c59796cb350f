"""Invented masks and boxes, and what a model might have made of them."""

from functools import cache

import numpy as np
import numpy.typing as npt

from scanwright.image import Geometry, Image
from scanwright.metrics import CaseBoxes
from scanwright.report import (
    DetectedCase,
    DetectionOutcomes,
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


@cache
def invent_detection(count: int = 40, rank: int = 2) -> DetectionOutcomes:
    """Findings of two classes, most found a little off; false boxes; some cases without any."""
    rng = np.random.default_rng(rank)
    size = (20, 64, 72)[-rank:]
    geometry = Geometry.axial((2.0, 0.8, 0.8)) if rank == 3 else Geometry.pixels(2)
    cases = []
    for number in range(count):
        truth, labels, guess, guess_labels, scores = [], [], [], [], []
        for _ in range(number % 3):
            low = rng.uniform(0, 0.7, rank) * size
            side = rng.uniform(0.12, 0.25, rank) * size
            truth.append(np.stack([low, low + side], axis=1) - 0.5)
            labels.append(int(rng.random() < 0.3))
            if rng.random() < 0.85:
                off = rng.normal(0, 0.05, (rank, 2)) * side[:, None]
                guess.append(truth[-1] + off)
                guess_labels.append(labels[-1])
                scores.append(rng.beta(6, 2))
        for _ in range(rng.poisson(1.2)):
            low = rng.uniform(0, 0.8, rank) * size
            guess.append(np.stack([low, low + 0.15 * np.array(size)], axis=1) - 0.5)
            guess_labels.append(int(rng.random() < 0.3))
            scores.append(rng.beta(2, 5))
        boxes = CaseBoxes(
            np.array(truth).reshape(-1, rank, 2),
            np.array(labels, int),
            np.array(guess).reshape(-1, rank, 2),
            np.array(guess_labels, int),
            np.array(scores),
        )
        about = (("site", "AB"[number % 2]),)
        name = f"scan {number}"
        cases.append(DetectedCase(name, boxes, geometry, size, f"p{number // 2}", about))
    return DetectionOutcomes(("nodule", "cyst"), tuple(cases), (0.4, 0.45), "by decree")


def box_outcomes(count: int = 40, rank: int = 2) -> Outcomes:
    return invent_detection(count, rank).outcomes


def box_image(index: int, rank: int = 2) -> Image:
    """Return the image of a case: noise, its findings brighter."""
    case = invent_detection(40, rank).cases[index]
    values = np.random.default_rng(index).normal(50, 8, case.size)
    for edges in case.boxes.truth:
        inside = tuple(slice(int(np.ceil(low)), int(high) + 1) for low, high in edges)
        values[inside] += 60
    return Image(values[None].astype(np.float32), case.geometry)
