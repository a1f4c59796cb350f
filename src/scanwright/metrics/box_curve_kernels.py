"""Compiled: precision over recall, and sensitivity over false boxes, for every weighing of cases.

Importing this file loads numba: import it where it is used.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from scanwright.base import compiled
from scanwright.metrics.box_kernels import FALSE, HIT, IGNORED

EPSILON = float(np.spacing(1))
"""As pycocotools adds it, so that nothing of nothing is 0."""

RECALLS = 101
"""Places of recall, 0, 0.01 … 1, whose precision is averaged."""

Array = npt.NDArray[Any]  # Any: kernels are compiled for the number type at hand
Ranked = tuple[Array, Array]
"""Of one class, the surest box first: its case (N,), and what became of it (N, T)."""
Curves = tuple[Array, Array, Array]
"""Recall and precision at each hit, (T, P); how many hits there are, (T,)."""


@compiled
def _walk(weights: Array, total: float, ranked: Ranked, curves: Curves) -> None:
    """Fill recall and precision at every hit, of one weighing."""
    case, state = ranked
    recall, precision, count = curves
    true, false = np.zeros(len(count)), np.zeros(len(count))
    count[:] = 0
    for d in range(len(case)):
        weight = weights[case[d]]
        if weight == 0:
            continue
        for t in range(len(count)):
            if state[d, t] == HIT:
                true[t] += weight
                recall[t, count[t]] = true[t] / total
                precision[t, count[t]] = true[t] / (false[t] + true[t] + EPSILON)
                count[t] += 1
            elif state[d, t] != IGNORED:
                false[t] += weight


@compiled
def _mean_precision(recall: Array, precision: Array) -> float:
    """Return the mean, over 101 recalls, of the highest precision at no less recall."""
    for place in range(len(precision) - 2, -1, -1):
        precision[place] = max(precision[place], precision[place + 1])
    total, place = 0.0, 0
    for step in range(RECALLS):
        # As numpy's linspace rounds it, on which ties with a recall rest.
        wanted = step * 0.01 if step < RECALLS - 1 else 1.0
        while place < len(recall) and recall[place] < wanted:
            place += 1
        if place == len(recall):
            break
        total += precision[place]
    return total / RECALLS


@compiled
def precision_means(
    weights: Array, totals: Array, ranked: Ranked, found: Array, recalls: Array
) -> None:
    """Fill the mean interpolated precision of one class, and the highest recall.

    Parameters
    ----------
    weights
        Shape (R, C): how often each case counts.
    totals
        Shape (R,): true boxes; above 0.
    found, recalls
        Shape (R, T), filled.
    """
    width = state_width(ranked[1])
    count = np.zeros(ranked[1].shape[1], np.int64)
    recall, precision = np.empty((len(count), width)), np.empty((len(count), width))
    for r in range(len(weights)):
        if not totals[r] > 0:
            found[r], recalls[r] = np.nan, np.nan
            continue
        _walk(weights[r], totals[r], ranked, (recall, precision, count))
        for t in range(len(count)):
            hits = count[t]
            recalls[r, t] = recall[t, hits - 1] if hits else 0.0
            found[r, t] = _mean_precision(recall[t, :hits], precision[t, :hits])


@compiled
def state_width(state: Array) -> int:
    """Return the most hits that there are at any overlap; `state` has shape (N, T)."""
    most = 0
    for t in range(state.shape[1]):
        hits = 0
        for d in range(state.shape[0]):
            hits += state[d, t] == HIT
        most = max(most, hits)
    return most


@compiled
def _sensitivities(
    weights: Array, totals: tuple[float, float], ranked: Ranked, is_last: Array, found: Array
) -> None:
    """Fill `found` of one weighing, as `froc_sensitivities` does; it holds the rates at first."""
    case, state = ranked
    true, false, before, at = 0.0, 0.0, (0.0, 0.0), 0
    for d in range(len(case)):
        weight = weights[case[d]]
        if state[d, 0] == HIT:
            true += weight
        elif state[d, 0] == FALSE:
            false += weight
        if not is_last[d]:
            continue
        while at < len(found) and false > found[at] * totals[1]:
            part = (found[at] * totals[1] - before[1]) / (false - before[1])
            found[at] = (before[0] + part * (true - before[0])) / totals[0]
            at += 1
        if at == len(found):
            return
        before = (true, false)
    found[at:] = true / totals[0]


@compiled
def froc_sensitivities(
    weights: Array, totals: Array, ranked: Ranked, is_last: Array, found: Array
) -> None:
    """Replace rates of false boxes per image by the sensitivity at them, of one class.

    Linear between neighbouring cuts of the score; a further box on a true one counts neither way.

    Parameters
    ----------
    weights
        Shape (R, C): how often each case counts.
    totals
        Shape (R, 2): true boxes and images.
    ranked
        Of one overlap: T is 1.
    is_last
        Shape (N,): whether the next box has a lower score.
    found
        Shape (R, Q): rates, rising, then sensitivities.
    """
    for r in range(len(weights)):
        if not totals[r, 0] > 0:
            found[r] = np.nan
            continue
        _sensitivities(weights[r], (totals[r, 0], totals[r, 1]), ranked, is_last, found[r])
