"""Pairs of pictures that are worth a closer look, found by short descriptors in many views."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from scanwright.auditing.near_view import (
    Detail,
    Places,
    View,
    to_unit,
    turned_views,
    upright_views,
)
from scanwright.auditing.picture import Floats
from scanwright.base import Progress

EDGES = {1: 32, 2: 16, 3: 8}
"""Rank → elements along each axis of what a descriptor sees."""
DETAIL = Detail(sigma=2.0, floor=0.03)
COMMON_SHARE, FEW = 0.9, 20
"""How much of the mean is taken out; less among few pictures, whose mean may be one image."""
LENGTH = 96
"""Numbers in a descriptor: the strongest principal components of what the pictures differ in."""
LEAST_LIKENESS = 0.5
"""Descriptors of copies correlate by 0.6 and more, those of others mostly by less than 0.4."""
ROWS, COLUMNS = 512, 2048
"""Likenesses held at once: few enough for the processor's cache."""
CHUNK = 512
"""Pictures described at once; bounds memory."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs to look at: `views[view]` of picture `moving` resembles the whole of `fixed`."""

    fixed: Places
    moving: Places
    view: Places
    views: tuple[View, ...]

    def only(self, chosen: Places) -> "Candidates":
        """Return some of the pairs."""
        return Candidates(self.fixed[chosen], self.moving[chosen], self.view[chosen], self.views)


def find_candidates(
    values: Floats, *, neighbours: int, turned: bool, progress: Progress
) -> Candidates:
    """Find for each picture the few that resemble it in some view.

    What all pictures have in common (the mean) is taken out first: chests resemble chests.
    Likeness is correlation, by blocks of matrix products, so no distance is missed as with
    hash buckets, and memory stays bounded. The cost is quadratic with a small factor: 10,000
    pictures take seconds.

    Parameters
    ----------
    values
        Shape (N, *space), all of one rank.
    neighbours
        Candidates per picture, at most; once upright and once turned.
    turned
        Whether to look for mirrored and rotated copies.
    """
    rank = values.ndim - 1
    groups = [upright_views(rank), *([turned_views(rank)] if turned else [])]
    progress.begin("looking for similar images", sum(map(len, groups)), "views")
    projection = _Projection.of(values, groups[0][0])
    whole = projection.describe(values, groups[0][0])
    found: list[tuple[Places, Places, Places]] = []
    begin = 0
    for views in groups:
        described = []
        for view in views:
            described.append(projection.describe(values, view))
            progress.step()
        alike = list(_alike(whole, described, neighbours))
        fixed, moving = (np.concatenate(part) for part in zip(*alike, strict=True))
        likeness = np.stack([np.sum(whole[fixed] * one[moving], axis=1) for one in described])
        once = _better_direction(fixed, moving, likeness.max(axis=0))
        found.append((fixed[once], moving[once], begin + likeness.argmax(axis=0)[once]))
        begin += len(views)
    progress.end()
    seen_as = tuple(view for views in groups for view in views)
    parts: list[Places] = [np.concatenate(part) for part in zip(*found, strict=True)]
    return Candidates(fixed=parts[0], moving=parts[1], view=parts[2], views=seen_as)


@dataclass(frozen=True, slots=True)
class _Projection:
    """From what is seen to a short descriptor."""

    mean: Floats
    components: Floats
    edge: int

    @classmethod
    def of(cls, values: Floats, whole: View) -> "_Projection":
        edge = EDGES[values.ndim - 1]
        seen = np.concatenate([_seen(part, whole, edge) for part in _chunks(values)])
        mean = seen.mean(axis=0) * np.float32(COMMON_SHARE * len(seen) / (len(seen) + FEW))
        centred = to_unit(seen - mean)
        _, vectors = np.linalg.eigh((centred.T @ centred).astype(np.float64))
        components = vectors[:, ::-1][:, :LENGTH].astype(np.float32)
        return cls(mean, components, edge)

    def describe(self, values: Floats, view: View) -> Floats:
        """Return unit descriptors, shape (N, LENGTH) at most."""
        parts = [
            to_unit(_seen(part, view, self.edge) - self.mean) @ self.components
            for part in _chunks(values)
        ]
        rows = np.concatenate(parts)
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Floats = rows / np.maximum(length, 1e-6)
        return unit


def _chunks(values: Floats) -> Iterator[Floats]:
    for begin in range(0, len(values), CHUNK):
        yield values[begin : begin + CHUNK].astype(np.float32)


def _seen(values: Floats, view: View, edge: int) -> Floats:
    return to_unit(DETAIL.of(view.see(values, edge)))


def _alike(
    whole: Floats, described: Sequence[Floats], neighbours: int
) -> Iterator[tuple[Places, Places]]:
    """Yield, by blocks, the pairs (fixed, moving) of the greatest likeness over all views."""
    from scanwright.auditing.near_strongest import Strongest

    for top in range(0, len(whole), ROWS):
        rows = whole[top : top + ROWS]
        strongest = Strongest.none(len(rows), neighbours, LEAST_LIKENESS)
        for left in range(0, len(whole), COLUMNS):
            for one in described:
                strongest.take(rows @ one[left : left + COLUMNS].T, left, without=top)
        fixed, moving = strongest.pairs()
        yield fixed + top, moving


def _better_direction(fixed: Places, moving: Places, likeness: Floats) -> Places:
    """Return one place of each pair that was found from both sides: the one of more likeness."""
    low, high = np.minimum(fixed, moving), np.maximum(fixed, moving)
    order = np.lexsort((fixed, -likeness, high, low))
    low, high = low[order], high[order]
    is_first = np.ones(len(order), bool)
    is_first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    return order[is_first]
