"""Confident learning: which labels held-out predictions contradict.

Northcutt, Jiang & Chuang 2021, J. Artif. Intell. Res. 70:1373.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.base import ShapeError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Doubts:
    """Labels in doubt.

    Parameters
    ----------
    rows
        Cases whose label is contradicted, the surest first.
    suggested
        Class that the predictions hold for each of `rows`.
    margin
        Probability of that class less that of the given one, for each of `rows`; 0 to 1.
    joint
        Shape (K, K): estimated share of all cases with given label i and true label j
        (equation 3).
    """

    rows: Integers
    suggested: Integers
    margin: Floats
    joint: Floats

    @property
    def noise(self) -> float:
        """Estimated share of wrong labels."""
        return float(1 - np.trace(self.joint))


def find_doubts(probabilities: Floats, given: Integers) -> Doubts:
    """Find labels that held-out predictions contradict.

    A case counts towards the confident joint where the probability of a class reaches that
    class's mean among the cases so labelled (equations 1 and 2). From the joint, calibrated to
    the class counts, follows how many of each kind are wrong; those with the largest margin are
    taken ("prune by noise rate", section 3.2), and only where the confident joint, too, puts the
    case off its label, which is the cautious of the paper's five methods ("C+NR").

    Parameters
    ----------
    probabilities
        Shape (N, K): from a model that has not seen the case.
    given
        Shape (N,): label of each case, 0 to K - 1.

    Raises
    ------
    ShapeError
        The two do not fit each other.
    """
    if probabilities.ndim != 2 or given.shape != probabilities.shape[:1]:
        raise ShapeError(
            "Each case needs its label and one probability per class.",
            got=f"{probabilities.shape} probabilities, {given.shape} labels",
        )
    if given.size and not 0 <= int(given.min()) <= int(given.max()) < probabilities.shape[1]:
        raise ShapeError("A label names no column.", got=int(given.max()))
    believed = _believed(probabilities, given)
    joint = _joint(believed, given, probabilities.shape[1])
    rows, suggested = _pruned(probabilities, given, joint)
    is_off = believed[rows] == suggested
    rows, suggested = rows[is_off], suggested[is_off]
    margin = probabilities[rows, suggested] - probabilities[rows, given[rows]]
    order = np.argsort(-margin, kind="stable")
    return Doubts(rows[order], suggested[order], margin[order], joint)


def _believed(probabilities: Floats, given: Integers) -> Integers:
    """Return the class that each case is counted as, -1 where none is confident."""
    classes = probabilities.shape[1]
    thresholds = np.array(
        [
            probabilities[given == label, label].mean() if (given == label).any() else np.inf
            for label in range(classes)
        ]
    )
    is_confident = probabilities >= thresholds - 1e-12
    masked = np.where(is_confident, probabilities, -1)
    return np.where(is_confident.any(axis=1), masked.argmax(axis=1), -1)


def _joint(believed: Integers, given: Integers, classes: int) -> Floats:
    """Return the joint of given and true labels, rows scaled to the counts of given ones."""
    counts = np.zeros((classes, classes))
    known = believed >= 0
    np.add.at(counts, (given[known], believed[known]), 1)
    totals = np.bincount(given, minlength=classes).astype(np.float64)
    sums = counts.sum(axis=1, keepdims=True)
    # A label of which no case is confident is taken to be right.
    counts = np.where(sums > 0, counts, np.diag(totals))
    scaled = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12) * totals[:, None]
    return np.asarray(scaled / max(scaled.sum(), 1e-12))


def _pruned(probabilities: Floats, given: Integers, joint: Floats) -> tuple[Integers, Integers]:
    """Return, for each pair of classes, as many cases as the joint holds, by largest margin."""
    rows: dict[int, tuple[float, int]] = {}
    classes = probabilities.shape[1]
    for label in range(classes):
        members = np.flatnonzero(given == label)
        for other in range(classes):
            count = round(joint[label, other] * len(given)) if other != label else 0
            margin = probabilities[members, other] - probabilities[members, label]
            for place in np.argsort(-margin, kind="stable")[:count].tolist():
                row, gap = int(members[place]), float(margin[place])
                if gap > 0 and gap > rows.get(row, (0.0, -1))[0]:
                    rows[row] = (gap, other)
    ordered = sorted(rows)
    suggested = [rows[row][1] for row in ordered]
    return np.array(ordered, dtype=np.int64), np.array(suggested, dtype=np.int64)
