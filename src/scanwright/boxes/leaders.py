"""Which surer box each box belongs to: one sweep along the axis that tells boxes apart best."""

import numpy as np

from scanwright.base import compiled
from scanwright.boxes.edges import Edges, Floats, Ints
from scanwright.boxes.overlap import common, share, volume

SLACK = 1e-9
"""Relative rounding that the reach of a box allows for."""


def _mark_leaders(
    edges: Edges, reach: Ints, order: Ints, threshold: float, most: int, leaders: Ints
) -> None:
    """Let each box in turn lead those left that overlap it by more than the threshold.

    Parameters
    ----------
    edges
        Shape (N, D, 2), in the order of the sweep.
    reach
        Shape (N, 2): for each box the first and last + 1 row that may overlap it so much.
    order
        Rows from the surest to the least sure.
    threshold
        Intersection over union.
    most
        Leaders after which to end.
    leaders
        Filled: for each row the row that leads it; -1 where the search ended before.
    """
    found = 0
    for place in range(len(order)):
        row = order[place]
        if leaders[row] >= 0:
            continue
        if found == most:
            return
        found += 1
        leaders[row] = row
        whole = volume(edges, row)
        for other in range(reach[row, 0], reach[row, 1]):
            if leaders[other] >= 0:
                continue
            shared = common(edges, row, edges, other)
            if shared > 0.0 and share(shared, whole, volume(edges, other), 0) > threshold:
                leaders[other] = row


mark_leaders = compiled(_mark_leaders)


def find_leaders(
    edges: Edges, scores: Floats, groups: Ints, threshold: float, most: int | None = None
) -> Ints:
    """Return for each box the one that leads it, shape (N,); a leader leads itself.

    Boxes are gone through by falling score, equal ones by index. A box that has no leader yet leads
    itself and all later boxes of its group without one whose intersection over union with it is
    above the threshold. So each box belongs to the surest leader that it overlaps so much.

    Parameters
    ----------
    edges, scores, groups
        Shapes (N, D, 2), (N,), (N,).
    threshold
        From 0 to 1.
    most
        Leaders after which to end; boxes that then have none get -1.

    Notes
    -----
    Memory is linear in N. Boxes are sorted by their middle along one axis, and a box is compared
    with those whose middle is near enough: two boxes of lengths a and b along an axis overlap there
    by no less than IoU · max(a, b), so that their middles lie within (a + b) / 2 - IoU · max(a, b);
    and b is at most a / IoU.
    """
    count = len(edges)
    if not count:
        return np.zeros(0, dtype=np.int64)
    axis = _telling_axis(edges)
    middles = edges[:, axis].mean(axis=1)
    sweep = np.lexsort((middles, groups))
    reach = _reach(edges[sweep, axis], groups[sweep], threshold)
    places = np.empty(count, dtype=np.int64)
    places[sweep] = np.arange(count)
    order = places[np.argsort(-scores, kind="stable")]
    leaders = np.full(count, -1, dtype=np.int64)
    limit = count if most is None else most
    mark_leaders(np.ascontiguousarray(edges[sweep]), reach, order, threshold, limit, leaders)
    result = np.full(count, -1, dtype=np.int64)
    has_leader = leaders >= 0
    result[sweep[has_leader]] = sweep[leaders[has_leader]]
    return result


def _telling_axis(edges: Edges) -> int:
    """Return the axis along which boxes are spread most for their length."""
    lengths = np.abs(edges[:, :, 1] - edges[:, :, 0]).mean(axis=0)
    spread = edges.mean(axis=2).std(axis=0)
    return int(np.argmax(spread / np.maximum(lengths, np.finfo(float).tiny)))


def _reach(spans: Floats, groups: Ints, threshold: float) -> Ints:
    """Return the first and last + 1 row near enough to overlap by more than the threshold, (N, 2).

    Parameters
    ----------
    spans
        Shape (N, 2), low and high edge along one axis, sorted by group and middle.
    groups
        Shape (N,), sorted.
    """
    middles, lengths = spans.mean(axis=1), np.maximum(spans[:, 1] - spans[:, 0], 0.0)
    reach = np.empty((len(spans), 2), dtype=np.int64)
    first = 0
    for end in [*np.flatnonzero(np.diff(groups)) + 1, len(groups)]:
        here = slice(first, end)
        far = (lengths[here] + lengths[here].max()) / 2
        if threshold > 0:
            factor = (1 - threshold) * max(1.0, 1 / (2 * threshold))
            far = np.minimum(far, lengths[here] * factor)
        far = far + SLACK * (lengths[here] + np.abs(middles[here]))
        low, high = middles[here] - far, middles[here] + far
        reach[here, 0] = first + np.searchsorted(middles[here], low, side="left")
        reach[here, 1] = first + np.searchsorted(middles[here], high, side="right")
        first = end
    return reach
