"""What enhancement did to an image, in pictures and numbers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scanwright.image import Array, Case, Image
from scanwright.metrics import edge_sharpness, structural_similarity
from scanwright.report import BeforeAfter, Change, joint_histogram, picture_uri
from scanwright.transforms import GridTransform, Trace, noise_level

MOST_VOXELS = 2**23
"""Volumes beyond are measured on their middle slices."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What can be said of an image without knowing what is in it.

    Parameters
    ----------
    low, high
        Smallest and largest value.
    noise
        Standard deviation of the noise, in the image's unit.
    contrast_to_noise
        From the 5th to the 95th percentile, over the noise: a stand-in for the contrast of a lesion
        nobody has outlined; 0 where there is no noise to measure.
    sharpness
        Share of the range that one element's step covers at the steepest edges.
    """

    low: float
    high: float
    noise: float
    contrast_to_noise: float
    sharpness: float

    def to_plain(self) -> dict[str, float]:
        """Return the numbers for JSON."""
        return {name: float(f"{getattr(self, name):.6g}") for name in self.__slots__}


def measure(image: Image) -> Numbers:
    """Measure the first channel of an image."""
    values = _values(image)
    known = values[np.isfinite(values)]
    if known.size == 0:
        return Numbers(0, 0, 0, 0, 0)
    whole = np.where(np.isfinite(values), values, np.median(known)).astype(np.float32)
    noise = noise_level(whole)
    low, high = np.percentile(known, (5, 95)).tolist()
    return Numbers(
        low=float(known.min()),
        high=float(known.max()),
        noise=noise,
        contrast_to_noise=(high - low) / noise if noise > 0 else 0.0,
        sharpness=edge_sharpness(whole),
    )


def same_grid(image: Image, trace: Trace) -> Image:
    """Return the image before, moved by the crops and grid changes of a trace alone."""
    case = Case.of(image)
    for step, drawn in trace:
        if isinstance(step, GridTransform):
            case = step.apply(case, drawn)
    return case.image


def similarity(before: Image, after: Image) -> float:
    """Return the structural similarity of two images on one grid, each on its own scale."""
    return structural_similarity(_share(_values(before)), _share(_values(after)), 1.0)


def compare(name: str, before: Image, after: Image, moved: Image) -> BeforeAfter:
    """Return an image before and after as a part of a sheet; `moved` is before, on after's grid."""
    one, other = measure(moved), measure(after)
    difference = np.abs(_share(_values(after)) - _share(_values(moved)))
    pictures = {
        "before": picture_uri(before),
        "after": picture_uri(after),
        "difference": picture_uri(np.nan_to_num(difference)[None]),
    }
    alike = f"{similarity(moved, after):.3f}"
    shown = [Change(title, words(one), words(other)) for title, words in NUMBERS.items()]
    return BeforeAfter(
        name,
        pictures,
        joint_histogram(_values(moved), _values(after)),
        (*shown, Change("structural similarity to before", "1", alike)),
    )


NUMBERS: dict[str, Callable[[Numbers], str]] = {
    "range": lambda numbers: f"{numbers.low:.4g} to {numbers.high:.4g}",
    "noise (standard deviation)": lambda numbers: f"{numbers.noise:.3g}",
    "contrast over noise": lambda numbers: f"{numbers.contrast_to_noise:.1f}",
    "sharpness of edges": lambda numbers: f"{numbers.sharpness:.3f}",
}


def _values(image: Image) -> Array:
    values: Array = image.array[0]
    if image.rank == 3 and values.size > MOST_VOXELS:
        planes = max(3, MOST_VOXELS // (values[0].size or 1))
        first = max(0, len(values) // 2 - planes // 2)
        values = values[first : first + planes]
    return values


def _share(values: Array) -> Array:
    known = values[np.isfinite(values)]
    if known.size == 0:
        return np.zeros(values.shape)
    low, high = np.percentile(known, (0.5, 99.5)).tolist()
    width = high - low or 1.0
    share: Array = np.clip((values.astype(np.float64) - low) / width, 0, 1)
    return share
