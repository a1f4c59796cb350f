"""A metric bound to its cases, so that any weighting of them is one cheap call."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scanwright.base import LabelError, ShapeError
from scanwright.image import Floats

Bools = npt.NDArray[np.bool_]
"""Claims, one per case."""

Integers = npt.NDArray[np.int64]
"""Class or grade indices, one per case."""


class UndefinedMetric(LabelError):  # noqa: N818  (the reader's word; it is no fault of the program)
    """The metric has no value on these cases, for example an AUC where one class is absent."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """A metric with its cases inside and only their weights open.

    A bootstrap replicate is a vector of weights, and a weight of 2 is the same as having the
    case twice. What does not depend on the weights (sorting, binning) is done once.

    Parameters
    ----------
    cases
        Number of cases N.
    of
        Maps weights, shape (R, N), to values, shape (R,); NaN where the metric has no value.
    reason
        Why it may have none, in the reader's words.
    """

    cases: int
    of: Callable[[Floats], Floats] = field(repr=False)
    reason: str = "the metric has no value on these cases"

    def __call__(self, weights: Floats) -> Floats:
        """Return one value per row of `weights`, shape (R, N); NaN where undefined."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.of(weights)

    def value(self, weights: npt.ArrayLike | None = None) -> float:
        """Return the metric, each case counting `weights`, shape (N,), times (once by default).

        Raises
        ------
        UndefinedMetric
            The metric has no value on these cases.
        ShapeError
            There is not one weight, zero or more, per case.
        """
        row = check_weights(weights, self.cases)
        value = float(self(row[None, :])[0])
        if not np.isfinite(value):
            raise UndefinedMetric("The metric is not defined here.", got=self.reason)
        return value


def mean_statistic(parts: list[Statistic]) -> Statistic:
    """Return the plain mean of several statistics of the same cases."""

    def of(weights: Floats) -> Floats:
        values: Floats = np.mean([part(weights) for part in parts], axis=0)
        return values

    return Statistic(parts[0].cases, of, parts[0].reason)


def case_mean(values: npt.ArrayLike, reason: str = "there is no case") -> Statistic:
    """Return the mean of one number per case as a statistic."""
    numbers = np.asarray(values, dtype=np.float64)

    def of(weights: Floats) -> Floats:
        means: Floats = (weights @ numbers) / weights.sum(axis=1)
        return means

    return Statistic(len(numbers), of, reason)


def check_weights(weights: npt.ArrayLike | None, cases: int) -> Floats:
    """Return weights as shape (N,), ones when not given."""
    if weights is None:
        return np.ones(cases)
    row = np.asarray(weights, dtype=np.float64)
    if row.shape != (cases,) or not np.all(row >= 0):
        raise ShapeError(
            "Each case needs one weight of zero or more.", got=row.shape, legal=(cases,)
        )
    return row


def check_claims(truth: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[Bools, Floats]:
    """Return a yes-or-no truth and its scores, both shape (N,), after checking them."""
    claims = np.asarray(truth)
    numbers = np.asarray(scores, dtype=np.float64)
    if claims.ndim != 1 or claims.shape != numbers.shape:
        raise ShapeError(
            "Truth and scores need one value per case.", got=(claims.shape, numbers.shape)
        )
    if not np.all((claims == 0) | (claims == 1)):
        raise LabelError("A yes-or-no truth holds 0 and 1.", got=np.unique(claims)[:5].tolist())
    _check_finite(numbers)
    return claims.astype(bool), numbers


def check_classes(truth: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[Integers, Floats]:
    """Return class indices (N,) and scores (N, K) after checking them."""
    numbers = np.asarray(scores, dtype=np.float64)
    if numbers.ndim != 2 or numbers.shape[1] < 2:
        raise ShapeError(
            "Scores of classes have one column per class.",
            got=numbers.shape,
            legal="(N, K), K at least 2",
        )
    indices = check_indices(truth, numbers.shape[1])
    if len(indices) != len(numbers):
        raise ShapeError("Truth and scores differ in length.", got=(len(indices), len(numbers)))
    _check_finite(numbers)
    return indices, numbers


def check_labels(truth: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[Bools, Floats]:
    """Return truth and scores of several labels, both (N, K), after checking them."""
    claims = np.asarray(truth)
    numbers = np.asarray(scores, dtype=np.float64)
    if claims.ndim != 2 or claims.shape != numbers.shape or claims.shape[1] == 0:
        raise ShapeError(
            "Truth and scores of several labels have one column per label.",
            got=(claims.shape, numbers.shape),
            legal="both (N, K)",
        )
    if not np.all((claims == 0) | (claims == 1)):
        raise LabelError("The truth of a label is 0 or 1.", got=np.unique(claims)[:5].tolist())
    _check_finite(numbers)
    return claims.astype(bool), numbers


def check_indices(values: npt.ArrayLike, classes: int) -> Integers:
    """Return class indices, shape (N,), after checking that they lie in 0 … `classes` - 1."""
    indices = np.asarray(values)
    if indices.ndim != 1:
        raise ShapeError("Class indices have one value per case.", got=indices.shape, legal="(N,)")
    if indices.size and (
        indices.dtype.kind not in "bui" or indices.min() < 0 or indices.max() >= classes
    ):
        raise LabelError(
            "A class index is out of its range.",
            got=f"{indices.dtype}, {indices.min()} to {indices.max()}",
            legal=f"integers 0 to {classes - 1}",
        )
    return indices.astype(np.int64)


def check_numbers(truth: npt.ArrayLike, guess: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return true and guessed numbers, both shape (N,), after checking them."""
    true = np.asarray(truth, dtype=np.float64)
    guessed = np.asarray(guess, dtype=np.float64)
    if guessed.ndim == 2 and guessed.shape[1] == 1:
        guessed = guessed[:, 0]
    if true.ndim != 1 or true.shape != guessed.shape:
        raise ShapeError(
            "Truth and guess need one number per case.", got=(true.shape, guessed.shape)
        )
    _check_finite(true)
    _check_finite(guessed)
    return true, guessed


def _check_finite(numbers: Floats) -> None:
    bad = int(np.count_nonzero(~np.isfinite(numbers)))
    if bad:
        raise LabelError(
            "Scores and numbers must be finite.", got=f"{bad} of {numbers.size} are NaN or infinite"
        )
