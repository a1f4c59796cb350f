"""How well two masks cover each other: Dice, IoU, sensitivity, precision, volume error.

One rule for what cannot be divided, here and in all metrics of masks: nothing of nothing (0 / 0) is
NaN, not defined; something of nothing is infinite. So where neither truth nor guess has an element,
no metric is defined; where only one has, Dice, IoU and surface Dice are 0 and distances infinite.
"""

from dataclasses import dataclass

import numpy as np

from scanwright.base import LabelError, ShapeError
from scanwright.metrics.statistic import Bools
from scanwright.metrics.surface import Mask
from scanwright.metrics.surface_kernels import kernel, tally

Box = tuple[slice, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Elements of one class, by what was true and what was guessed.

    Parameters
    ----------
    hits
        In both.
    missed
        In the truth alone.
    invented
        In the guess alone.
    """

    hits: int
    missed: int
    invented: int

    @property
    def true_size(self) -> int:
        """Elements of the truth."""
        return self.hits + self.missed

    @property
    def guessed_size(self) -> int:
        """Elements of the guess."""
        return self.hits + self.invented

    @property
    def dice(self) -> float:
        """Dice coefficient: twice the common part, of both together (Dice 1945)."""
        return ratio(2 * self.hits, self.true_size + self.guessed_size)

    @property
    def iou(self) -> float:
        """Intersection over union (Jaccard index)."""
        return ratio(self.hits, self.hits + self.missed + self.invented)

    @property
    def sensitivity(self) -> float:
        """Share of the truth that is found (recall)."""
        return ratio(self.hits, self.true_size)

    @property
    def precision(self) -> float:
        """Share of the guess that is true (positive predictive value)."""
        return ratio(self.hits, self.guessed_size)

    @property
    def volume_error(self) -> float:
        """Difference of guessed and true size as a share of the true one, without its sign."""
        return ratio(abs(self.guessed_size - self.true_size), self.true_size)


def ratio(part: float, whole: float) -> float:
    """Return part / whole; NaN for nothing of nothing, infinite for something of nothing.

    Examples
    --------
    >>> ratio(1, 2), ratio(0, 0), ratio(3, 0)
    (0.5, nan, inf)
    """
    if whole:
        return part / whole
    return np.inf if part else np.nan


def count_overlap(truth: Mask, guess: Mask, ignored: Bools | None = None) -> Overlap:
    """Count the elements of two masks.

    Parameters
    ----------
    truth, guess
        One shape, of two or three axes; True, or not 0, inside.
    ignored
        Same shape: True where the truth is unknown; these elements are left out.

    Raises
    ------
    ShapeError
        The shapes differ.

    Examples
    --------
    >>> count_overlap(np.array([[1, 1, 0]]), np.array([[0, 1, 1]])).dice
    0.5
    """
    true = (np.asarray(truth) != 0).astype(np.int8)
    if ignored is not None:
        true[np.asarray(ignored, dtype=bool)] = -1
    return count_overlaps(true, (np.asarray(guess) != 0).astype(np.int8), 1)[0][0]


def count_overlaps(
    truth: Mask, guess: Mask, classes: int
) -> tuple[tuple[Overlap, ...], tuple[Box | None, ...]]:
    """Count the elements of all classes in one pass, and find where each lies.

    Parameters
    ----------
    truth, guess
        One shape, of two or three axes: integers 0 … `classes`, 0 being background; in the truth
        -1 where it is unknown.

    Returns
    -------
    Of each class 1 … `classes` its elements, and the smallest box that holds truth and guess,
    None where there is neither.

    Raises
    ------
    ShapeError
        The shapes differ.
    LabelError
        A value is out of range, or no integer.
    """
    truth, guess = np.asarray(truth), np.asarray(guess)
    if truth.shape != guess.shape or truth.ndim not in (2, 3):
        raise ShapeError(
            "Truth and guess need one shape of two or three axes.",
            got=f"{truth.shape} and {guess.shape}",
        )
    counts = np.zeros((classes + 1, 3), dtype=np.int64)
    boxes = np.tile(np.array([2**62, -1] * 3), (classes + 1, 1))
    maps = [_whole_numbers(values) for values in (truth, guess)]
    if not kernel(tally)(*maps, counts, boxes):
        raise LabelError(
            "A value of a label map is out of range.",
            got=f"truth {truth.min()} to {truth.max()}, guess {guess.min()} to {guess.max()}",
            legal=f"0 to {classes}, and -1 in the truth where it is unknown",
        )
    overlaps = tuple(Overlap(*(int(count) for count in row)) for row in counts[1:])
    return overlaps, tuple(_slices(row, truth.ndim) for row in boxes[1:].tolist())


def _whole_numbers(values: Mask) -> Mask:
    """Return a contiguous map of three axes, of one of the few types kernels are compiled for."""
    if values.dtype.kind not in "bui":
        raise LabelError("A label map holds whole numbers.", got=values.dtype)
    if values.dtype.kind == "b":
        values = values.view(np.uint8)
    elif values.dtype not in (np.int8, np.uint8, np.int16):
        values = values.astype(np.int64)
    whole = values if values.ndim == 3 else values[None]
    return np.ascontiguousarray(whole)


def _slices(ends: list[int], rank: int) -> Box | None:
    if ends[1] < 0:
        return None
    pairs = zip(ends[0::2], ends[1::2], strict=True)
    return tuple(slice(first, last + 1) for first, last in pairs)[3 - rank :]
