"""Weighted box clustering: boxes that several views propose around one thing become one."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.boxes.edges import Edges, Floats, Ints, checked_edges, checked_ids, checked_row
from scanwright.boxes.leaders import find_leaders
from scanwright.boxes.overlap import fill_pairs
from scanwright.boxes.suppress import checked_threshold

TINY = 1e-12
"""Least score and weight in a mean, so that boxes of score 0 have one."""


@dataclass(frozen=True, slots=True)
class Looks:
    """Which view proposed each of N boxes, and how many looked at its place.

    Parameters
    ----------
    views
        Shape (N,): number of the view.
    expected
        Shape (N,): sum of the weights of all views that looked at the place.
    """

    views: npt.ArrayLike
    expected: npt.ArrayLike


@dataclass(frozen=True, slots=True)
class Clusters:
    """M boxes, the surest first.

    Parameters
    ----------
    edges
        Shape (M, D, 2).
    scores, groups
        Shape (M,).
    counts
        Shape (M,): how many views each rests on.
    """

    edges: Edges
    scores: Floats
    groups: Ints
    counts: Ints


def cluster(
    edges: npt.ArrayLike,
    scores: npt.ArrayLike,
    weights: npt.ArrayLike,
    groups: npt.ArrayLike | None,
    threshold: float,
    *,
    looks: Looks | None = None,
) -> Clusters:
    """Merge boxes that are around one thing.

    Boxes are gone through by falling score, equal ones by index. A box joins the surest cluster of
    its group whose surest box it overlaps by an intersection over union of at least `threshold`,
    and else starts one. Of the boxes that one view gave to a cluster the surest speaks. With score
    s, weight w, and overlap o with the cluster's surest box (1 for that one itself), over those
    that speak:

    - each edge is Σ s·w·o·edge / Σ s·w·o;
    - the score is Σ s·w·o / Σ w·o · min(1, Σ w / E), E being what the cluster's surest box has in
      `looks.expected`. With equal weights this divides by the missing views as in the source.

    Parameters
    ----------
    edges, scores
        Shapes (N, D, 2) and (N,), scores from 0.
    weights
        Shape (N,): how much each box counts, from 0.
    groups
        Shape (N,): boxes of different groups, for example classes, never join; None for one group.
    threshold
        From 0 to 1; boxes that do not overlap never join.
    looks
        Views and what is expected of them; None where each box has its own view and nothing is
        expected, so that the last factor is 1.

    Raises
    ------
    ShapeError, InputError
        The parts do not fit together, or are not finite or negative; the threshold is out of its
        limits.

    Notes
    -----
    P. F. Jaeger et al., Retina U-Net, ML4H 2019 (arXiv 1811.08661), section 2.3. There every box of
    a view counts, so that a network that proposes a thing twice is twice as many networks.
    Memory is linear in N.
    """
    boxes = checked_edges(edges)
    count = len(boxes)
    sure, weight = checked_row(scores, count, "scores"), checked_row(weights, count, "weights")
    group = checked_ids(groups, count, "groups")
    looks = looks or Looks(np.arange(count), np.zeros(count))
    view = checked_ids(looks.views, count, "views")
    expected = checked_row(looks.expected, count, "expected weights")
    below = max(0.0, float(np.nextafter(checked_threshold(threshold), -1.0)))
    leaders = find_leaders(boxes, sure, group, below)
    speakers = _speakers(leaders, view, sure)
    chief, led = np.unique(leaders[speakers], return_inverse=True)

    weight = np.maximum(weight[speakers], TINY)
    mass = weight * _overlap_with(boxes, speakers, chief[led])
    pull = mass * np.maximum(sure[speakers], TINY)
    apart = boxes[speakers] - boxes[chief[led]]  # so that equal edges stay exactly equal
    merged = boxes[chief] + _means(apart, pull, led)
    score = _means(sure[speakers], mass, led)
    support = np.bincount(led, weights=weight) / np.maximum(expected[chief], TINY)
    score *= np.minimum(1.0, support)
    order = np.lexsort((chief, -score))
    counts = np.bincount(led).astype(np.int64)
    return Clusters(merged[order], score[order], group[chief[order]], counts[order])


def _speakers(leaders: Ints, views: Ints, scores: Floats) -> Ints:
    """Return the surest box of each view in each cluster; of equal ones the first, by index."""
    order = np.lexsort((-scores, views, leaders))
    changes = (np.diff(leaders[order]) != 0) | (np.diff(views[order]) != 0)
    is_first = np.concatenate([np.ones(min(len(order), 1), dtype=bool), changes])
    speakers: Ints = order[is_first]
    return speakers


def _overlap_with(boxes: Edges, rows: Ints, chiefs: Ints) -> Floats:
    """Return the overlap of boxes with the surest of their clusters, which is 1 with itself."""
    overlap = np.empty(len(rows))
    fill_pairs(boxes[rows], boxes[chiefs], overlap)
    overlap[rows == chiefs] = 1.0
    return overlap


def _means(values: Floats, weights: Floats, led: Ints) -> Floats:
    """Return the weighted mean of each cluster, for values (N, ...)."""
    whole = np.bincount(led, weights=weights)
    columns = values.reshape(len(values), math.prod(values.shape[1:])).T
    sums = [np.bincount(led, weights=weights * column) / whole for column in columns]
    result: Floats = np.stack(sums, axis=1).reshape(len(whole), *values.shape[1:])
    return result
