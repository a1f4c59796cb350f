"""What makes chances of the scores of boxes, and from which on they are reported."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from scanwright.base import BundleError, ShapeError
from scanwright.image import Floats
from scanwright.inference.decision import Decision
from scanwright.inference.proposals import Ints

EDGE = 1e-7
"""Least distance of a score from 0 and 1 before its log-odds are taken."""

SLOPES = (0.1, 10.0)
"""Least and largest factor of log-odds."""

SHIFTS = (-15.0, 15.0)
"""Least and largest shift of log-odds."""

FURTHEST = 500.0
"""Log-odds beyond which chances are 0 and 1."""

UNKNOWN = 0.5
"""Threshold of a label of which no box is right."""


def calibrated(scores: Floats, classes: Ints, decision: Decision) -> Floats:
    """Return calibrated chances: log-odds over the temperature, plus the label's shift.

    Raises
    ------
    BundleError
        The decision has shifts, but not for each label found.
    """
    odds = _log_odds(scores) / decision.temperature
    if decision.shift:
        labels = int(classes.max(initial=-1)) + 1
        if labels > len(decision.shift):
            raise BundleError("A label has no shift.", got=len(decision.shift), legal=labels)
        odds = odds + np.array(decision.shift)[classes]
    return _chances(odds)


def fit_calibration(scores: npt.ArrayLike, is_true: npt.ArrayLike) -> tuple[float, float]:
    """Fit temperature and shift for boxes of one label, or of labels taken for one.

    See `fit_calibrations`.
    """
    temperature, (shift,) = fit_calibrations(scores, is_true, None, 1)
    return temperature, shift


def fit_calibrations(
    scores: npt.ArrayLike, is_true: npt.ArrayLike, classes: npt.ArrayLike | None, labels: int
) -> tuple[float, tuple[float, ...]]:
    """Fit what turns scores of boxes into chances that they are findings.

    chance = 1 / (1 + exp(-(logit(score) / temperature + shift))): one temperature for all labels,
    one shift for each.

    Parameters
    ----------
    scores, is_true
        Shape (N,): boxes of cases that the networks did not see, and whether each is a finding.
    classes
        Shape (N,): label of each; None where there is one label.
    labels
        K.

    Returns
    -------
    Temperature, from 0.1 to 10, and K shifts, from -15 to 15. A label without boxes has shift 0;
    where no label has both right and wrong boxes, the temperature is 1.

    Raises
    ------
    ShapeError
        There is not one number for each box.

    Notes
    -----
    J. C. Platt, Probabilistic outputs for support vector machines (1999), section 2.2: maximum
    likelihood with targets (N₊ + 1) / (N₊ + 2) and 1 / (N₋ + 2), by label, so that a label of few
    boxes is never certain.
    """
    score, truth, group = _columns(scores, is_true, classes)
    odds = _log_odds(score)
    right = np.bincount(group[truth], minlength=labels)
    wrong = np.bincount(group[~truth], minlength=labels)
    targets = np.where(truth, ((right + 1) / (right + 2))[group], (1 / (wrong + 2))[group])
    has_both = bool(((right > 0) & (wrong > 0)).any())
    slopes = SLOPES if has_both else (1.0, 1.0)

    def cost(values: Floats) -> tuple[float, Floats]:
        """Return the negative log-likelihood of a slope and shifts, and its slope in them."""
        line = values[0] * odds + values[1:][group]
        losses = np.logaddexp(0.0, line) - targets * line
        apart = _chances(line) - targets
        steps = np.bincount(group, weights=apart, minlength=labels)
        return float(losses.sum()), np.concatenate([[apart @ odds], steps])

    first = np.concatenate([[1.0], np.zeros(labels)])
    if not len(score):
        return 1.0, (0.0,) * labels
    limits = [slopes, *([SHIFTS] * labels)]
    found = minimize(cost, first, jac=True, method="L-BFGS-B", bounds=limits).x
    return float(1 / found[0]), tuple(float(shift) for shift in found[1:])


def choose_threshold(scores: npt.ArrayLike, is_true: npt.ArrayLike, truths: int) -> float:
    """Choose the score from which boxes of a label are reported: where F1 is highest.

    F1 = 2 · hits / (boxes reported + true boxes).

    Parameters
    ----------
    scores, is_true
        Shape (N,): boxes of cases that the networks did not see, and whether each is the match of a
        true one.
    truths
        True boxes of the label in those cases, found or not.

    Returns
    -------
    The middle between the last score that is reported and the next; of equal F1 the highest. 0.5
    where no box is right.

    Raises
    ------
    ShapeError
        There is not one number for each box.
    """
    score, truth, _ = _columns(scores, is_true, None)
    if not truth.any():
        return UNKNOWN
    levels, place = np.unique(-score, return_inverse=True)  # the highest score first
    hits = np.bincount(place, weights=truth).cumsum()
    boxes = np.bincount(place).cumsum()
    best = int(np.argmax(2 * hits / (boxes + truths)))
    here = -levels[best]
    after = -levels[best + 1] if best + 1 < len(levels) else here
    return float((here + after) / 2)


def _log_odds(scores: Floats) -> Floats:
    clipped = np.clip(scores, EDGE, 1 - EDGE)
    odds: Floats = np.log(clipped / (1 - clipped))
    return odds


def _chances(odds: Floats) -> Floats:
    """Return the inverse; log-odds are within limits that do not overflow."""
    chances: Floats = 1 / (1 + np.exp(-np.clip(odds, -FURTHEST, FURTHEST)))
    return chances


def _columns(
    scores: npt.ArrayLike, is_true: npt.ArrayLike, classes: npt.ArrayLike | None
) -> tuple[Floats, npt.NDArray[np.bool_], Ints]:
    score = np.asarray(scores, dtype=np.float64)
    truth = np.asarray(is_true, dtype=bool)
    group = np.zeros(score.shape, dtype=np.int64) if classes is None else np.asarray(classes)
    if score.ndim != 1 or truth.shape != score.shape or group.shape != score.shape:
        raise ShapeError("Each box has a score, a truth and a class.", got=score.shape)
    return score, truth, group.astype(np.int64)
