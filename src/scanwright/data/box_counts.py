"""How many boxes of each label an index holds, and how large they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from scanwright.base import Plain
from scanwright.data.entry import Entry
from scanwright.image import BoxesTarget, edges_of

PERCENTILES = (10, 50, 90)
Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class BoxCounts:
    """The boxes of one label.

    Parameters
    ----------
    boxes, images
        How many there are, and in how many images.
    longest_px, longest_mm
        10th, 50th and 90th percentile of the longest edge; in mm of the boxes whose image says its
        spacing, None where none does. Zeros without a box.
    """

    boxes: int
    images: int
    longest_px: Triple
    longest_mm: Triple | None

    def to_plain(self) -> dict[str, Plain]:
        """Return the counts for JSON."""
        return {
            "boxes": self.boxes,
            "images": self.images,
            "longest_px": list(self.longest_px),
            "longest_mm": list(self.longest_mm) if self.longest_mm else None,
        }


def count_boxes(entries: Iterable[Entry], labels: Sequence[str]) -> dict[str, BoxCounts]:
    """Count the boxes of each label; empty where no case has boxes that are read."""
    in_px: dict[str, list[float]] = {label: [] for label in labels}
    in_mm: dict[str, list[float]] = {label: [] for label in labels}
    images = dict.fromkeys(labels, 0)
    any_known = False
    for entry in entries:
        target = entry.target
        if not isinstance(target, BoxesTarget):
            continue
        any_known = True
        if not target.boxes:
            continue
        edges = edges_of(target.boxes, len(target.boxes[0].low))
        lengths = edges[:, :, 1] - edges[:, :, 0]
        longest_px = lengths.max(axis=1).tolist()
        spacing = entry.spacing_mm
        longest_mm = (lengths * np.array(spacing)).max(axis=1).tolist() if spacing else []
        for place, box in enumerate(target.boxes):
            in_px[box.label].append(longest_px[place])
            in_mm[box.label] += longest_mm[place : place + 1]
        for label in {box.label for box in target.boxes}:
            images[label] += 1
    if not any_known:
        return {}
    return {
        label: BoxCounts(
            len(in_px[label]),
            images[label],
            _percentiles(in_px[label]) or (0.0, 0.0, 0.0),
            _percentiles(in_mm[label]),
        )
        for label in labels
    }


def _percentiles(lengths: Sequence[float]) -> Triple | None:
    if not lengths:
        return None
    low, middle, high = np.percentile(lengths, PERCENTILES).tolist()
    return low, middle, high
