"""Non-maximum suppression: of boxes around one thing the surest is kept."""

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError
from scanwright.boxes.edges import Ints, checked_edges, checked_ids, checked_row
from scanwright.boxes.leaders import find_leaders


def suppress(
    edges: npt.ArrayLike,
    scores: npt.ArrayLike,
    threshold: float,
    *,
    groups: npt.ArrayLike | None = None,
    most: int | None = None,
) -> Ints:
    """Return which boxes are kept.

    Parameters
    ----------
    edges, scores
        Shapes (N, D, 2) and (N,).
    threshold
        A box is dropped whose intersection over union with a surer one that is kept is above this,
        from 0 to 1.
    groups
        Shape (N,): boxes of different groups, for example classes, never suppress each other.
    most
        Boxes to keep at most, over all groups.

    Returns
    -------
    Indices, the surest first; of equal scores the lower index first.

    Raises
    ------
    ShapeError, InputError
        The parts do not fit together, or are not finite; the threshold is out of its limits.

    Examples
    --------
    >>> suppress([[[0, 4]], [[1, 5]], [[7, 9]]], [0.8, 0.9, 0.1], 0.5)
    array([1, 2])
    """
    boxes = checked_edges(edges)
    sure = checked_row(scores, len(boxes), "scores", lowest=-np.inf)
    threshold = checked_threshold(threshold)
    leaders = find_leaders(boxes, sure, checked_ids(groups, len(boxes), "groups"), threshold, most)
    kept = np.flatnonzero(leaders == np.arange(len(boxes)))
    return kept[np.argsort(-sure[kept], kind="stable")]


def checked_threshold(threshold: float) -> float:
    """Return an overlap.

    Raises
    ------
    InputError
        It is not from 0 to 1.
    """
    if not 0.0 <= threshold <= 1.0:
        raise InputError(
            "A threshold of overlap is out of its limits.", got=threshold, legal="0 to 1"
        )
    return float(threshold)
