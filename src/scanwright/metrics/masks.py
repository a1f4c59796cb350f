"""All that is measured of the masks of one case, class by class."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from scanwright.base import Options, ShapeError, option
from scanwright.metrics.lesions import COVERED, Lesions, count_lesions
from scanwright.metrics.overlap import Box, Overlap, count_overlaps
from scanwright.metrics.surface import SURFACES, Mask, SurfaceDistances, SurfaceKind

ML_PER_MM3 = 1e-3


class MaskOptions(Options):
    """By which definitions masks are measured."""

    surface: SurfaceKind = option(
        "voxel centres",
        help="What a surface is made of: voxel centres, as MONAI takes it, or surface elements, "
        "as surface-distance does.",
    )
    tolerances_mm: tuple[float, ...] = option(
        (1.0, 2.0, 3.0), help="Distances within which surfaces count as equal; the first is `nsd`."
    )
    lesion_overlap: float = option(
        COVERED, low=0, high=1, help="Share of a lesion that must be covered for it to be found."
    )


@dataclass(frozen=True, slots=True)
class MaskScores:
    """What was measured of one class in one case.

    Parameters
    ----------
    overlap
        Elements in common and apart.
    lesions
        Separate lesions.
    values
        By name: dice, iou, sensitivity, precision, hd95, assd, nsd, volume_error, lesion_f1, and
        `nsd_…mm` of each tolerance but the first. NaN where not defined, infinite where a
        distance is measured to nothing.
    true_volume, guessed_volume
        In ml; in mm² for two axes.
    """

    overlap: Overlap
    lesions: Lesions
    values: Mapping[str, float]
    true_volume: float
    guessed_volume: float


def measure_masks(
    truth: Mask,
    guess: Mask,
    spacing_mm: tuple[float, ...],
    *,
    classes: int,
    options: MaskOptions | None = None,
) -> tuple[MaskScores, ...]:
    """Measure the masks of a case, in the order of its classes.

    Parameters
    ----------
    truth
        Encoded truth: shape (*space) of 0 … K, or (K, *space) of 0 and 1 where classes may
        overlap; -1 where it is unknown.
    guess
        Of the same shape and values, without -1.
    spacing_mm
        One length per axis of space, slow axis first.
    classes
        K, background not counted.

    Raises
    ------
    ShapeError
        The shapes do not fit each other, the spacing or the classes.
    LabelError
        A value is out of range.

    Examples
    --------
    >>> truth, guess = np.zeros((8, 8), np.int8), np.zeros((8, 8), np.int8)
    >>> truth[2:6, 2:6], guess[2:6, 3:7] = 1, 1
    >>> (scores,) = measure_masks(truth, guess, (0.5, 0.5), classes=1)
    >>> scores.values["dice"], scores.values["hd95"], scores.true_volume
    (0.75, 0.5, 4.0)
    """
    options = options or MaskOptions()
    rank = len(spacing_mm)
    truth, guess = np.asarray(truth), np.asarray(guess)
    if truth.ndim == rank:
        return _measure(truth, guess, spacing_mm, classes, options)
    if truth.ndim != rank + 1 or truth.shape != guess.shape or len(truth) != classes:
        raise ShapeError(
            "Truth and guess do not fit the classes and the spacing.",
            got=f"{truth.shape} and {guess.shape}, {classes} classes, spacing of {rank} axes",
            legal="both (*space), or both (K, *space)",
        )
    return tuple(
        _measure(true, guessed, spacing_mm, 1, options)[0]
        for true, guessed in zip(truth, guess, strict=True)
    )


def score_names(options: MaskOptions) -> tuple[str, ...]:
    """Return the names of the values that `measure_masks` gives, in the order of reports.

    Examples
    --------
    >>> score_names(MaskOptions(tolerances_mm=(1.0, 2.5)))[6:8]
    ('nsd', 'nsd_2.5mm')
    """
    return (
        *("dice", "iou", "sensitivity", "precision", "hd95", "assd", "nsd"),
        *(f"nsd_{tolerance:g}mm" for tolerance in options.tolerances_mm[1:]),
        *("volume_error", "lesion_f1"),
    )


def _measure(
    truth: Mask, guess: Mask, spacing_mm: tuple[float, ...], classes: int, options: MaskOptions
) -> tuple[MaskScores, ...]:
    overlaps, boxes = count_overlaps(truth, guess, classes)
    size = float(np.prod(spacing_mm)) * (ML_PER_MM3 if len(spacing_mm) == 3 else 1)
    found = []
    for index, (overlap, box) in enumerate(zip(overlaps, boxes, strict=True)):
        true, guessed, ignored = _cut(truth, guess, box, index + 1)
        distances = SURFACES[options.surface](true, guessed, spacing_mm, ignored)
        lesions = count_lesions(true, guessed, ignored, covered=options.lesion_overlap)
        values = _values(overlap, distances, lesions, options)
        volumes = (overlap.true_size * size, overlap.guessed_size * size)
        found.append(MaskScores(overlap, lesions, MappingProxyType(values), *volumes))
    return tuple(found)


def _cut(truth: Mask, guess: Mask, box: Box | None, value: int) -> tuple[Mask, Mask, Mask | None]:
    """Return one class inside its box, with a margin in which unknown elements are seen."""
    if box is None:
        nothing = np.zeros((1,) * truth.ndim, dtype=bool)
        return nothing, nothing, None
    wide = tuple(slice(max(0, part.start - 1), part.stop + 1) for part in box)
    true, guessed = truth[wide], guess[wide]
    ignored = true < 0
    return true == value, guessed == value, ignored if ignored.any() else None


def _values(
    overlap: Overlap, distances: SurfaceDistances, lesions: Lesions, options: MaskOptions
) -> dict[str, float]:
    numbers = (
        *(overlap.dice, overlap.iou, overlap.sensitivity, overlap.precision),
        *(distances.hausdorff(), distances.average()),
        *(distances.within(tolerance) for tolerance in options.tolerances_mm),
        *(overlap.volume_error, lesions.f1),
    )
    return dict(zip(score_names(options), (float(number) for number in numbers), strict=True))
