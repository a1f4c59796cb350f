"""Whether each separate lesion is found, however large it is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError, ShapeError
from scanwright.metrics.overlap import ratio
from scanwright.metrics.statistic import Bools
from scanwright.metrics.surface import Mask

COVERED = 0.1
"""Share of a lesion that must be covered by the other mask for it to count as found."""


@dataclass(frozen=True, slots=True)
class Lesions:
    """Separate lesions of one class.

    Parameters
    ----------
    true, found
        Lesions of the truth, and those of them that the guess covers.
    guessed, confirmed
        Lesions of the guess, and those of them that the truth covers.
    """

    true: int
    found: int
    guessed: int
    confirmed: int

    @property
    def sensitivity(self) -> float:
        """Share of the true lesions that are found."""
        return ratio(self.found, self.true)

    @property
    def precision(self) -> float:
        """Share of the guessed lesions that are true."""
        return ratio(self.confirmed, self.guessed)

    @property
    def f1(self) -> float:
        """Harmonic mean of sensitivity and precision over lesions.

        NaN where there is no lesion at all, 0 where only truth or guess has one. Commowick et al.
        2018, Sci. Rep. 8:13650.
        """
        if not self.true or not self.guessed:
            return 0.0 if self.true or self.guessed else np.nan
        sensitivity, precision = self.sensitivity, self.precision
        both = sensitivity + precision
        return 2 * sensitivity * precision / both if both else 0.0


def count_lesions(
    truth: Mask, guess: Mask, ignored: Bools | None = None, *, covered: float = COVERED
) -> Lesions:
    """Count the lesions of two masks and those that each finds of the other.

    A lesion is a set of elements that touch by a face, an edge or a corner. It is found when at
    least the share `covered` of its elements, and at least one, lies in the other mask: so one
    guess may find several lesions, and several guesses one.

    Parameters
    ----------
    truth, guess
        One shape, of two or three axes; True, or not 0, inside.
    ignored
        Same shape: True where the truth is unknown; these elements are cut out of both.

    Raises
    ------
    ShapeError
        The shapes differ.
    InputError
        `covered` is not between 0 and 1.

    Examples
    --------
    >>> truth = np.array([[1, 1, 0, 0, 1, 0, 0]])
    >>> count_lesions(truth, np.array([[0, 1, 0, 0, 0, 0, 1]]))
    Lesions(true=2, found=1, guessed=2, confirmed=1)
    """
    if truth.shape != guess.shape:
        raise ShapeError("Truth and guess differ in shape.", got=f"{truth.shape} and {guess.shape}")
    if not 0 <= covered <= 1:
        raise InputError("A share lies between 0 and 1.", got=covered, legal="0.1, say")
    true, guessed = truth != 0, guess != 0
    if ignored is not None:
        true, guessed = true & ~ignored, guessed & ~ignored
    common = true & guessed
    true_sizes, true_shared = _sizes(true, common)
    guessed_sizes, guessed_shared = _sizes(guessed, common)
    return Lesions(
        len(true_sizes),
        _covered(true_sizes, true_shared, covered),
        len(guessed_sizes),
        _covered(guessed_sizes, guessed_shared, covered),
    )


def _sizes(mask: Bools, common: Bools) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return how many elements each lesion has, and how many of them are in `common`."""
    from scipy.ndimage import label

    if not mask.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    lesions, count = label(mask, structure=np.ones((3,) * mask.ndim, dtype=bool))
    sizes = np.bincount(lesions[mask], minlength=count + 1)[1:]
    shared = np.bincount(lesions[common], minlength=count + 1)[1:]
    return sizes, shared


def _covered(sizes: npt.NDArray[np.int64], shared: npt.NDArray[np.int64], covered: float) -> int:
    return int(np.count_nonzero((shared > 0) & (shared >= covered * sizes)))
