"""What the boxes of one image look like: how large they are, and which of them are alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scanwright.boxes import overlap_matrix
from scanwright.image import BoxesTarget, Edges, edges_of

NEAR = 0.9
"""Overlap (intersection over union) beyond which two boxes of one label are the same finding."""
OPPOSED = 0.7
"""Overlap beyond which two boxes of different labels are one finding under two names."""
ROWS_AT_ONCE = 500
"""Boxes compared with all others at once; bounds memory."""

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BoxLook:
    """The boxes of one image as the checks see them.

    Parameters
    ----------
    labels
        Label of each box.
    shares
        Shape (N,): part of the image that each box covers.
    shortest, longest
        Shape (N,): shortest and longest edge of each box, in elements.
    copies
        Number of boxes that equal an earlier one, label included.
    near
        Number of boxes that nearly equal an earlier one of their label, and do not equal any.
    opposed
        Pairs of labels of which a box overlaps the other's heavily, each pair once.
    """

    labels: tuple[str, ...] = field(repr=False)
    shares: Numbers = field(repr=False)
    shortest: Numbers = field(repr=False)
    longest: Numbers = field(repr=False)
    copies: int = 0
    near: int = 0
    opposed: tuple[tuple[str, str], ...] = ()


def look_at_boxes(target: BoxesTarget, size: Sequence[int]) -> BoxLook:
    """Look at the boxes of an image of some size, slow → fast."""
    labels = tuple(box.label for box in target.boxes)
    edges = edges_of(target.boxes, len(size))
    lengths = edges[:, :, 1] - edges[:, :, 0]
    copies, near, opposed = _alike(edges, labels)
    return BoxLook(
        labels,
        lengths.prod(axis=1) / np.prod(size),
        lengths.min(axis=1),
        lengths.max(axis=1),
        copies,
        near,
        opposed,
    )


def _alike(edges: Edges, labels: Sequence[str]) -> tuple[int, int, tuple[tuple[str, str], ...]]:
    """Return how many boxes equal, and nearly equal, an earlier one; and labels that clash."""
    names, codes = np.unique(np.array(labels, dtype=str), return_inverse=True)
    copies = near = 0
    clashes: set[tuple[str, str]] = set()
    for first in range(0, len(edges), ROWS_AT_ONCE):
        rows = np.arange(first, min(first + ROWS_AT_ONCE, len(edges)))
        earlier = np.arange(rows[-1] + 1)
        overlap = overlap_matrix(edges[rows], edges[earlier])
        is_earlier = earlier[None, :] < rows[:, None]
        is_same = codes[rows][:, None] == codes[earlier][None, :]
        is_equal = (edges[rows][:, None] == edges[earlier][None]).all(axis=(2, 3))
        has_copy = (is_equal & is_same & is_earlier).any(axis=1)
        has_near = ((overlap > NEAR) & is_same & is_earlier).any(axis=1)
        copies += int(has_copy.sum())
        near += int((has_near & ~has_copy).sum())
        one, other = np.nonzero((overlap > OPPOSED) & ~is_same & is_earlier)
        pairs = np.sort(np.stack([codes[rows][one], codes[earlier][other]], axis=1), axis=1)
        clashes |= {(str(names[a]), str(names[b])) for a, b in np.unique(pairs, axis=0)}
    return copies, near, tuple(sorted(clashes))
