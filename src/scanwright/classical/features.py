"""All families of features by name, and the measurement of one image."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from scanwright.base import Catalog
from scanwright.classical.intensity import histogram_features, intensity_features
from scanwright.classical.levels import LevelGrid, Levels, cut_by_number, cut_by_width
from scanwright.classical.options import FeatureOptions
from scanwright.classical.planes import gradient_features, pattern_features, thumbnail_features
from scanwright.classical.region import Region
from scanwright.classical.shape import shape_features
from scanwright.classical.texture import (
    cooccurrence,
    dependences,
    run_lengths,
    tone_differences,
    zone_sizes,
)
from scanwright.classical.texture_features import (
    cooccurrence_features,
    dependence_energy,
    emphasis_features,
    tone_difference_features,
)
from scanwright.classical.wavelet import wavelet_features
from scanwright.image import Array, Floats, Image

Named = dict[str, float]
"""Name → value."""


@dataclass(frozen=True, slots=True)
class Features:
    """What was measured on one image.

    Parameters
    ----------
    names
        F names, "family.feature".
    values
        Shape (F,), finite.
    """

    names: tuple[str, ...]
    values: Floats = field(repr=False)


@dataclass(frozen=True, slots=True)
class Levelled:
    """A region with its grey levels, cut once for all texture families."""

    region: Region
    levels: Levels
    grid: LevelGrid

    @classmethod
    def of(cls, region: Region, options: FeatureOptions) -> "Levelled":
        """Cut the grey values of a region into levels."""
        if options.width:
            levels = cut_by_width(region.grey, region.mask, options.width)
        else:
            levels = cut_by_number(region.grey, region.mask, options.bins)
        return cls(region, levels, LevelGrid.of(levels))


def _intensity(image: Levelled) -> Named:
    return {**intensity_features(image.region.values), **histogram_features(image.levels)}


def _shape(image: Levelled) -> Named:
    return shape_features(image.region.mask, image.region.spacing_mm)


def _cooccurrence(image: Levelled) -> Named:
    return cooccurrence_features(cooccurrence(image.grid))


def _run_length(image: Levelled) -> Named:
    directions = (3**image.region.rank - 1) // 2
    words = ("short_run", "long_run", "run_length")
    return emphasis_features(run_lengths(image.grid), image.grid.elements * directions, words)


def _size_zone(image: Levelled) -> Named:
    words = ("small_zone", "large_zone", "zone_size")
    return emphasis_features(zone_sizes(image.levels), image.grid.elements, words)


def _tone_difference(image: Levelled) -> Named:
    return tone_difference_features(*tone_differences(image.grid))


def _dependence(image: Levelled) -> Named:
    matrix = dependences(image.grid)
    words = ("low_dependence", "high_dependence", "dependence_count")
    found = emphasis_features(matrix, image.grid.elements, words)
    return {**found, "dependence_count_energy": dependence_energy(matrix)}


FEATURES: Catalog[Callable[[Levelled], Named]] = Catalog(
    "family of features",
    {
        "intensity": _intensity,
        "shape": _shape,
        "cooccurrence": _cooccurrence,
        "run_length": _run_length,
        "size_zone": _size_zone,
        "tone_difference": _tone_difference,
        "dependence": _dependence,
        "gradient": lambda image: gradient_features(image.region),
        "pattern": lambda image: pattern_features(image.region),
        "wavelet": lambda image: wavelet_features(image.region),
        "thumbnail": lambda image: thumbnail_features(image.region),
    },
    group="scanwright.features",
)
"""Families of features by name."""


def extract_features(
    image: Image, mask: Array | None = None, options: FeatureOptions | None = None
) -> Features:
    """Measure an image as it is; bring images to one sampling first (`Sampling.apply`).

    Parameters
    ----------
    image
        Channels are averaged.
    mask
        Shape (*space): anything but 0 is measured; None measures the whole image.

    Raises
    ------
    ShapeError
        The mask has another size than the image.
    LabelError
        The region is empty.
    """
    options = options or FeatureOptions()
    region = Region.of(image, mask)
    levelled = Levelled.of(region, options)
    found: Named = {}
    for family in options.families:
        if family == "shape" and not (region.has_mask and region.rank > 1):
            continue
        measured = FEATURES[family](levelled)
        found.update({f"{family}.{name}": value for name, value in measured.items()})
    values = np.nan_to_num(np.array(list(found.values())), posinf=0.0, neginf=0.0)
    return Features(tuple(found), values)
