"""How often decisions are right: rates from counts of truth against decision."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from scanwright.base import ShapeError
from scanwright.image import Floats
from scanwright.metrics.statistic import (
    Integers,
    Statistic,
    case_mean,
    check_classes,
    check_indices,
    check_labels,
)

Rate = Callable[[Floats], Floats]
"""Maps counts, shape (..., 2, 2) as [truth, decision], to a rate, shape (...); NaN for 0 / 0."""


def sensitivity_of(counts: Floats) -> Floats:
    """Return the share of positive cases that are called positive (recall)."""
    return _ratio(counts[..., 1, 1], counts[..., 1, :].sum(axis=-1))


def specificity_of(counts: Floats) -> Floats:
    """Return the share of negative cases that are called negative."""
    return _ratio(counts[..., 0, 0], counts[..., 0, :].sum(axis=-1))


def positive_predictive_value_of(counts: Floats) -> Floats:
    """Return the share of positive calls that are right (precision)."""
    return _ratio(counts[..., 1, 1], counts[..., :, 1].sum(axis=-1))


def negative_predictive_value_of(counts: Floats) -> Floats:
    """Return the share of negative calls that are right."""
    return _ratio(counts[..., 0, 0], counts[..., :, 0].sum(axis=-1))


def f1_of(counts: Floats) -> Floats:
    """Return the harmonic mean of precision and recall."""
    right = 2 * counts[..., 1, 1]
    return _ratio(right, right + counts[..., 0, 1] + counts[..., 1, 0])


def balanced_accuracy_of(counts: Floats) -> Floats:
    """Return the mean of sensitivity and specificity."""
    return (sensitivity_of(counts) + specificity_of(counts)) / 2


def confusion_matrix(
    truth: npt.ArrayLike,
    decided: npt.ArrayLike,
    classes: int,
    weights: npt.ArrayLike | None = None,
) -> Floats:
    """Count truth against decision.

    Parameters
    ----------
    truth, decided
        Shape (N,): class indices.
    classes
        Number of classes K.
    weights
        Shape (N,): how often each case counts.

    Returns
    -------
    Shape (K, K): rows are the truth, columns the decision.

    Examples
    --------
    >>> confusion_matrix([0, 0, 1], [0, 1, 1], 2).astype(int).tolist()
    [[1, 1], [0, 1]]
    """
    true, chosen = _decisions(truth, decided, classes)
    rows = None if weights is None else np.asarray(weights, dtype=np.float64)
    counts = np.bincount(true * classes + chosen, rows, minlength=classes**2)
    return counts.reshape(classes, classes).astype(np.float64)


def one_against_rest(counts: Floats) -> Floats:
    """Return the counts of each class against the rest: (..., K, K) to (..., K, 2, 2)."""
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    missed = counts.sum(axis=-1) - right
    false = counts.sum(axis=-2) - right
    rest = counts.sum(axis=(-2, -1))[..., None] - right - missed - false
    return np.stack([np.stack([rest, false], -1), np.stack([missed, right], -1)], -2)


def bind_confusion(
    truth: npt.ArrayLike, decided: npt.ArrayLike, classes: int
) -> Callable[[Floats], Floats]:
    """Return the function from weights, shape (R, N), to confusion counts, shape (R, K, K)."""
    true, chosen = _decisions(truth, decided, classes)
    cells, cell_of_case = np.unique(true * classes + chosen, return_inverse=True)
    table = np.zeros((len(true), len(cells)))
    table[np.arange(len(true)), cell_of_case] = 1

    def of(weights: Floats) -> Floats:
        counts = np.zeros((len(weights), classes**2))
        counts[:, cells] = weights @ table
        return counts.reshape(-1, classes, classes)

    return of


def bind_binary_rate(truth: npt.ArrayLike, decided: npt.ArrayLike, rate: Rate) -> Statistic:
    """Return a rate of yes-or-no decisions, both shape (N,) of 0 and 1, as a statistic."""
    counts = bind_confusion(truth, decided, 2)
    return Statistic(np.size(truth), lambda weights: rate(counts(weights)), _reason(rate))


def bind_macro_rate(
    truth: npt.ArrayLike, decided: npt.ArrayLike, classes: int, rate: Rate
) -> Statistic:
    """Return the plain mean over classes of a rate, each class against the rest."""
    counts = bind_confusion(truth, decided, classes)

    def of(weights: Floats) -> Floats:
        means: Floats = rate(one_against_rest(counts(weights))).mean(axis=-1)
        return means

    return Statistic(np.size(truth), of, _reason(rate))


def bind_labels_rate(truth: npt.ArrayLike, decided: npt.ArrayLike, rate: Rate) -> Statistic:
    """Return the mean over labels of a rate; truth and decisions are 0 and 1, both (N, K)."""
    claims, chosen = check_labels(truth, decided)
    tables = [
        bind_confusion(claims[:, k].astype(int), chosen[:, k].astype(int), 2)
        for k in range(claims.shape[1])
    ]

    def of(weights: Floats) -> Floats:
        means: Floats = np.mean([rate(counts(weights)) for counts in tables], axis=0)
        return means

    return Statistic(len(claims), of, _reason(rate))


def bind_accuracy(truth: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return accuracy as MedMNIST's evaluator defines it: the class of the highest score.

    Of two classes the second is decided for where its probability exceeds 0.5, which for
    probabilities that add up to 1 is the same. Yang et al. 2023, Sci. Data 10:41.
    """
    indices, values = check_classes(truth, scores)
    return case_mean(most_probable(values) == indices)


def bind_labels_accuracy(truth: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return MedMNIST's accuracy of several labels: mean over labels, decided above 0.5."""
    claims, values = check_labels(truth, scores)
    return case_mean(((values > 0.5) == claims).mean(axis=1))


def bind_balanced_accuracy(truth: npt.ArrayLike, decided: npt.ArrayLike, classes: int) -> Statistic:
    """Return the plain mean over classes of the share decided rightly."""
    return bind_macro_rate(truth, decided, classes, sensitivity_of)


def bind_quadratic_kappa(truth: npt.ArrayLike, decided: npt.ArrayLike, grades: int) -> Statistic:
    """Return the agreement of ordered grades beyond chance, weighted by squared distance.

    Cohen 1968, Psychol. Bull. 70:213; 1 is perfect, 0 is chance.
    """
    counts = bind_confusion(truth, decided, grades)
    step = np.subtract.outer(np.arange(grades), np.arange(grades)).astype(np.float64) ** 2

    def of(weights: Floats) -> Floats:
        table = counts(weights)
        chance = table.sum(axis=2)[:, :, None] * table.sum(axis=1)[:, None, :]
        expected = (chance * step).sum(axis=(1, 2)) / table.sum(axis=(1, 2))
        kappa: Floats = 1 - (table * step).sum(axis=(1, 2)) / expected
        return np.where(expected > 0, kappa, np.nan)

    return Statistic(np.size(truth), of, "kappa needs more than one grade")


def accuracy(
    truth: npt.ArrayLike, scores: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> float:
    """Return MedMNIST's accuracy of class indices, shape (N,), and scores, shape (N, K).

    Examples
    --------
    >>> accuracy([0, 1], [[0.8, 0.2], [0.6, 0.4]])
    0.5
    """
    return bind_accuracy(truth, scores).value(weights)


def labels_accuracy(
    truth: npt.ArrayLike, scores: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> float:
    """Return MedMNIST's accuracy of several labels; truth and scores are both (N, K)."""
    return bind_labels_accuracy(truth, scores).value(weights)


def balanced_accuracy(truth: npt.ArrayLike, decided: npt.ArrayLike, classes: int) -> float:
    """Return the mean over classes of the share decided rightly; both shape (N,)."""
    return bind_balanced_accuracy(truth, decided, classes).value()


def macro_f1(truth: npt.ArrayLike, decided: npt.ArrayLike, classes: int) -> float:
    """Return the plain mean over classes of the F1 score; both shape (N,)."""
    return bind_macro_rate(truth, decided, classes, f1_of).value()


def quadratic_kappa(truth: npt.ArrayLike, decided: npt.ArrayLike, grades: int) -> float:
    """Return the quadratic-weighted kappa of ordered grades; both shape (N,)."""
    return bind_quadratic_kappa(truth, decided, grades).value()


def most_probable(scores: npt.ArrayLike) -> Integers:
    """Return the class of the highest score, the first among equals; (N, K) to (N,)."""
    chosen: Integers = np.argmax(np.asarray(scores), axis=1).astype(np.int64)
    return chosen


def _decisions(
    truth: npt.ArrayLike, decided: npt.ArrayLike, classes: int
) -> tuple[Integers, Integers]:
    true, chosen = check_indices(truth, classes), check_indices(decided, classes)
    if true.shape != chosen.shape:
        raise ShapeError("Truth and decisions differ in length.", got=(len(true), len(chosen)))
    return true, chosen


def _ratio(top: Floats, bottom: Floats) -> Floats:
    share: Floats = np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom > 0)
    return share


_REASONS: dict[Rate, str] = {
    sensitivity_of: "a class has no case",
    specificity_of: "every case is of one class",
    positive_predictive_value_of: "a class was never decided for",
    negative_predictive_value_of: "a class was always decided for",
    f1_of: "a class has no case and was never decided for",
    balanced_accuracy_of: "a class has no case",
}


def _reason(rate: Rate) -> str:
    return _REASONS.get(rate, "a count is zero")
