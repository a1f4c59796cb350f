"""What networks propose in an image before boxes that mean the same become one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import torch

from scanwright.base import BundleError
from scanwright.boxes import Looks, cluster, suppress
from scanwright.image import Edges, Floats
from scanwright.inference.fusion import FusionOptions
from scanwright.nets import Cells, split_cells

Ints = npt.NDArray[np.int64]
"""Whole numbers."""

Fused = tuple[Edges, Ints, Floats]
"""Edges (N, D, 2), classes (N,) and scores (N,) of findings, the surest first."""

SAME = 0.8
"""Intersection over union above which two boxes of one look say nothing different, so that they do
not use up the places of others."""

CELLS_PER_PLACE = 10
"""Cells looked at for each proposal kept of a window."""

SLACK = 1e-3
"""Log-odds by which the first look at the scores lets pass more than the exact one."""

MOST_HELD = 200_000
"""Proposals held of an image; beyond it the least sure are dropped."""


@dataclass(frozen=True, slots=True)
class Proposals:
    """N boxes, by any number of looks: one network's at one window, mirrored or not.

    Parameters
    ----------
    edges
        Shape (N, D, 2), in index units of the image looked at.
    scores
        Shape (N,), from 0 to 1.
    classes
        Shape (N,): place of the label.
    weights
        Shape (N,): how much each counts; less near a window's border.
    views
        Shape (N,): number of the look.
    expected
        Shape (N,): sum of the weights of all looks that see the place well.
    """

    edges: Edges
    scores: Floats
    classes: Ints
    weights: Floats
    views: Ints
    expected: Floats

    @classmethod
    def none(cls, rank: int) -> Self:
        """Return no proposals."""
        row, ids = np.zeros(0), np.zeros(0, dtype=np.int64)
        return cls(np.zeros((0, rank, 2)), row, ids, row, ids, row)

    @classmethod
    def of(cls, edges: Edges, scores: Floats, classes: Ints) -> Self:
        """Return the boxes of a single look at a whole image."""
        ones = np.ones(len(scores))
        return cls(edges, scores, classes, ones, np.zeros(len(scores), dtype=np.int64), ones)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Put proposals one behind the other; at least one part."""
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, rows: npt.NDArray[np.generic] | slice) -> Self:
        """Return some of them."""
        fields = self.__dataclass_fields__
        return type(self)(*(getattr(self, name)[rows] for name in fields))

    def within(self, size: Sequence[int]) -> Self:
        """Return what of the boxes lies inside an image, without those of which nothing does."""
        edges = np.clip(self.edges, -0.5, np.array(size, dtype=np.float64)[:, None] - 0.5)
        has_volume = np.asarray((edges[:, :, 1] > edges[:, :, 0]).all(axis=1))
        return replace(self, edges=edges)[has_volume]

    def surest(self, most: int) -> Self:
        """Return at most so many, the surest, in the order they are in."""
        if len(self) <= most:
            return self
        return self[np.sort(np.argsort(-self.scores, kind="stable")[:most])]

    def fused(self, options: FusionOptions) -> Fused:
        """Make one finding of the boxes of a class that mean the same.

        Returns
        -------
        Edges, classes and scores, the surest first. Clustered: see `scanwright.boxes.cluster`.
        Suppressed: a box's score is multiplied by its weight first, so that of two windows the one
        that sees more of a finding decides.
        """
        if options.method == "cluster":
            found = cluster(
                self.edges,
                self.scores,
                self.weights,
                self.classes,
                options.overlap,
                looks=Looks(self.views, self.expected),
            )
            edges, classes, scores = found.edges, found.groups, found.scores
        else:
            weighted = self.scores * self.weights
            kept = suppress(self.edges, weighted, options.overlap, groups=self.classes)
            edges, classes, scores = self.edges[kept], self.classes[kept], weighted[kept]
        count = min(options.most, int(np.count_nonzero(scores >= options.least_score)))
        return edges[:count], classes[:count], scores[:count]


def proposals_of(
    outputs: torch.Tensor, classes: int, size: Sequence[int], options: FusionOptions
) -> list[Proposals]:
    """Read what a network that finds answers about windows, each taken for an image.

    Parameters
    ----------
    outputs
        Shape (B, K + 3 · D + 1, N); see `scanwright.nets.split_cells`.
    classes
        K.
    size
        Edges of the windows; boxes are cut to them.
    options
        How many, and from which score.

    Raises
    ------
    ShapeError
        The outputs have another shape.
    BundleError
        The network gives values that are not finite.
    """
    cells = split_cells(outputs, classes, len(size))
    return [Proposals.of(*boxes).within(size) for boxes in (best_boxes(cells, options))]


def best_boxes(cells: Cells, options: FusionOptions) -> list[tuple[Edges, Floats, Ints]]:
    """Return the surest boxes of each window: edges (N, D, 2), scores (N,), classes (N,).

    A cell may give several classes. Of boxes of a class that are nearly the same the surest stays.

    Raises
    ------
    BundleError
        The network gives values that are not finite.
    """
    rows = zip(cells.logits.float(), cells.low.float(), cells.high.float(), strict=True)
    return [_surest(*parts, options) for parts in rows]


def _surest(
    logits: torch.Tensor, low: torch.Tensor, high: torch.Tensor, options: FusionOptions
) -> tuple[Edges, Floats, Ints]:
    """Return the surest boxes of one window, of logits (K, N) and edges (D, N)."""
    count = logits.shape[1]
    odds = logits.flatten()  # (K · N,)
    is_sure = odds >= _log_odds(options.least_score) - SLACK
    places = CELLS_PER_PLACE * options.at_once
    if int(is_sure.sum()) > places:
        best = torch.topk(odds, places).indices
    else:
        best = torch.nonzero(is_sure)[:, 0]
    of_cell = best % count
    boxes = torch.stack([low[:, of_cell], high[:, of_cell]], dim=2).transpose(0, 1)  # (N, D, 2)
    # Of the odds the largest is no number where any is none.
    if not bool(torch.isfinite(odds.amax()) & torch.isfinite(boxes).all()):
        raise BundleError("The network gives values that are not finite.")
    numbers = (boxes.double(), odds[best].double().sigmoid(), best // count)
    edges, scores, label = (part.cpu().numpy() for part in numbers)
    return _distinct(edges, scores, label, options)


def _log_odds(score: float) -> float:
    return math.log(score / (1 - score)) if score > 0 else -math.inf


def _distinct(
    edges: Edges, scores: Floats, classes: Ints, options: FusionOptions
) -> tuple[Edges, Floats, Ints]:
    """Return boxes that are sure enough and not nearly the same as a surer one."""
    kept = (scores >= options.least_score) & (edges[:, :, 1] > edges[:, :, 0]).all(axis=1)
    edges, scores, classes = edges[kept], scores[kept], classes[kept]
    threshold = max(SAME, options.overlap)
    first = suppress(edges, scores, threshold, groups=classes, most=options.at_once)
    return edges[first], scores[first], classes[first]
