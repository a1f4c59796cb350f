"""Compiled: which found box is which true one, as pycocotools decides it.

Importing this file loads numba: import it where it is used.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from scanwright.base import compiled

HIT, FALSE, IGNORED, AGAIN = 1, 0, -1, -2
"""What becomes of a found box: it is the first on a true one, on none, of no account, or a further
one on a true one that is found already."""

NEARLY_ONE = 1 - 1e-10
"""An overlap of 1 is reached in spite of rounding."""

Array = npt.NDArray[Any]  # Any: kernels are compiled for the number type at hand
Truths = tuple[Array, Array, Array]
"""Edges (M, D, 2); which are crowds (M,); which need not be found (M,)."""
Guesses = tuple[Array, Array]
"""Edges (N, D, 2); which are of no account where they are on no true one (N,)."""
Groups = tuple[Array, Array]
"""Where each group begins among truths and guesses, (G + 1,) each."""
Rule = tuple[Array, bool]
"""Least overlaps (T,), rising; and whether a box's centre must lie in the true one."""
Result = tuple[Array, Array, Array]
"""What became of each box (N, T); its true one, -1 without (N, T); its highest overlap (N,)."""


@compiled
def _share(truth: Array, guess: Array, is_crowd: bool) -> float:
    """Return intersection over union; for a crowd over the guess alone."""
    common, one, other = 1.0, 1.0, 1.0
    for axis in range(truth.shape[0]):
        low, high = max(truth[axis, 0], guess[axis, 0]), min(truth[axis, 1], guess[axis, 1])
        common *= max(0.0, high - low)
        one *= truth[axis, 1] - truth[axis, 0]
        other *= guess[axis, 1] - guess[axis, 0]
    both = other if is_crowd else one + other - common
    return common / both if both > 0 else 0.0


@compiled
def _holds_centre(truth: Array, guess: Array) -> bool:
    for axis in range(truth.shape[0]):
        centre = (guess[axis, 0] + guess[axis, 1]) / 2
        if centre < truth[axis, 0] or centre > truth[axis, 1]:
            return False
    return True


@compiled
def _list_near(
    truths: Truths, guess: Array, span: tuple[int, int], rule: Rule, near: tuple[Array, Array]
) -> tuple[int, float]:
    """List the true boxes that a found one may be; return how many, and its highest overlap."""
    edges, crowd, ignored = truths
    count, highest = 0, 0.0
    for g in range(span[0], span[1]):
        share = _share(edges[g], guess, crowd[g])
        if not ignored[g]:
            highest = max(highest, share)
        if share >= min(rule[0][0], NEARLY_ONE) and (not rule[1] or _holds_centre(edges[g], guess)):
            near[0][count], near[1][count] = g, share
            count += 1
    return count, highest


@compiled
def _choose(
    truths: Truths, near: tuple[Array, Array], count: int, taken: Array, asked: tuple[float, int]
) -> tuple[int, bool]:
    """Return the true box that a found one is, -1 if none, and whether one was already taken."""
    _, crowd, ignored = truths
    is_again = False
    for turn in range(2):  # those that count, then those that do not
        best, chosen = min(asked[0], NEARLY_ONE), -1
        for place in range(count):
            g = near[0][place]
            if ignored[g] != (turn == 1) or near[1][place] < best:
                continue
            if taken[g - asked[1]] and not crowd[g]:
                is_again = True
                continue
            best, chosen = near[1][place], g
        if chosen >= 0:
            return chosen, is_again
    return -1, is_again


@compiled
def _match_group(
    truths: Truths,
    guesses: Guesses,
    spans: tuple[tuple[int, int], tuple[int, int]],
    rule: Rule,
    result: Result,
) -> None:
    begin, end = spans[0]
    state, partner, highest = result
    taken = np.zeros((len(rule[0]), end - begin), np.bool_)
    near = (np.empty(end - begin, np.int64), np.empty(end - begin, np.float64))
    for d in range(spans[1][0], spans[1][1]):
        count, highest[d] = _list_near(truths, guesses[0][d], spans[0], rule, near)
        for t in range(len(rule[0])):
            chosen, is_again = _choose(truths, near, count, taken[t], (rule[0][t], begin))
            partner[d, t] = chosen
            if chosen >= 0:
                taken[t, chosen - begin] = True
                state[d, t] = IGNORED if truths[2][chosen] else HIT
            elif guesses[1][d]:
                state[d, t] = IGNORED
            else:
                state[d, t] = AGAIN if is_again else FALSE


@compiled
def match_groups(
    truths: Truths, guesses: Guesses, groups: Groups, rule: Rule, result: Result
) -> None:
    """Give each found box a true one of its group, the surest first; fill `result`.

    A group is what one image holds of one class, its guesses by falling score. A box takes the
    free true box that it overlaps most, of equal ones the last; ignored ones only where it gets no
    other, and crowds any number of times.
    """
    for group in range(len(groups[0]) - 1):
        spans = (
            (groups[0][group], groups[0][group + 1]),
            (groups[1][group], groups[1][group + 1]),
        )
        _match_group(truths, guesses, spans, rule, result)
