"""What is true of windows that are cut and moved: a label for each element, or boxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from scanwright.augmentation import Augmentation, Drawn
from scanwright.data import StoredCase, WindowStore, outside_code, truth_table
from scanwright.image import Edges
from scanwright.training.sampler import Rows
from scanwright.training.window_sampler import Index, Window

NOTHING = -1.0
"""Class of rows that only fill up the batch."""
LEAST_SHARE = 0.35
"""A finding of which less lies in the window is not asked for: it may not be told by that."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of a case a row of a batch is read from.

    Parameters
    ----------
    start
        First index, in the case, of the box around the window.
    first, size
        What of that box is read.
    """

    case: StoredCase
    start: Index
    first: Index
    size: Index

    @property
    def box(self) -> tuple[slice, ...]:
        """The part that is read, in the box."""
        pairs = zip(self.first, self.size, strict=True)
        return tuple(slice(at, at + edge) for at, edge in pairs)

    @property
    def read_at(self) -> Index:
        """Where the part that is read begins, in the case."""
        return tuple(at + skipped for at, skipped in zip(self.start, self.first, strict=True))


def cuts_of(store: WindowStore, windows: list[Window], drawn: Drawn, reach: Index) -> list[Cut]:
    """Return what is read for each window: the box around it, or itself where it is not turned."""
    edges = drawn.window
    lead = [(box - edge) // 2 for box, edge in zip(reach, edges, strict=True)]
    cuts = []
    for row, (window, is_moved) in enumerate(zip(windows, drawn.is_moved, strict=True)):
        start = tuple(at - ahead for at, ahead in zip(window.start, lead, strict=True))
        first = (0,) * len(edges) if is_moved else tuple(drawn.origin[row].tolist())
        size = reach if is_moved else edges
        cuts.append(Cut(store.case(window.case), start, first, size))
    return cuts


class WindowTruth(Protocol):
    """Makes the truth of a batch as its loss takes it."""

    def of(
        self, cuts: Sequence[Cut], augmentation: Augmentation, drawn: Drawn, reach: Index
    ) -> torch.Tensor:
        """Return what is true of windows after they were moved."""


class MapTruth:
    """A label for each element: (B, *window), or (B, K, *window) of regions."""

    def __init__(self, store: WindowStore, device: torch.device) -> None:
        table = truth_table(store.scheme)
        self._device = device
        self._outside = outside_code(store.scheme)
        # Class indices stay whole numbers; shares of regions are what the network computes in.
        self._table = torch.from_numpy(table).to(
            device, torch.int64 if table.ndim == 1 else torch.float32
        )

    def of(
        self, cuts: Sequence[Cut], augmentation: Augmentation, drawn: Drawn, reach: Index
    ) -> torch.Tensor:
        """Move the label maps under the windows along with them."""
        array = np.zeros((len(cuts), 1, *reach), dtype=np.uint8)
        for row, cut in enumerate(cuts):
            array[row, 0][cut.box] = cut.case.read_codes(cut.read_at, cut.size)
        codes = torch.from_numpy(array).to(self._device)
        if augmentation.options.is_active:
            # What is moved in from outside is 0 there: for a while that shall mean outside here.
            outside = self._outside
            codes = augmentation.apply_masks(codes - outside, drawn) + outside
        truth = self._table[..., codes[:, 0].long()]
        return truth if self._table.ndim == 1 else truth.movedim(0, 1).contiguous()


class BoxTruth:
    """Boxes: (B, M, 1 + 2 · D), class, low and high edges, rows of class -1 to fill up."""

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def of(
        self, cuts: Sequence[Cut], augmentation: Augmentation, drawn: Drawn, reach: Index
    ) -> torch.Tensor:
        """Move the boxes along with the windows, leaving out what hardly lies in them."""
        known = [cut.case.boxes() for cut in cuts]
        shifted = [
            edges - np.array(cut.start, dtype=np.float64)[:, None]
            for cut, (edges, _) in zip(cuts, known, strict=True)
        ]
        moved = augmentation.apply_boxes(shifted, drawn, least_share=LEAST_SHARE)
        classes = [of[kept] for (_, of), (_, kept) in zip(known, moved, strict=True)]
        return padded_boxes([edges for edges, _ in moved], classes).to(self._device)


def padded_boxes(edges: Sequence[Edges], classes: Sequence[Rows]) -> torch.Tensor:
    """Return the boxes of several images as one tensor (B, M, 1 + 2 · D), M that of most boxes."""
    rank = edges[0].shape[1]
    most = max(map(len, edges))
    rows = np.full((len(edges), most, 1 + 2 * rank), NOTHING, dtype=np.float32)
    for row, (own, labels) in enumerate(zip(edges, classes, strict=True)):
        rows[row, : len(own), 0] = labels
        rows[row, : len(own), 1:] = own.transpose(0, 2, 1).reshape(len(own), 2 * rank)
    return torch.from_numpy(rows)
