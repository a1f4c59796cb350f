"""Boxes as rows of the proposed table, as the index of a table reads them back."""

from collections.abc import Iterable, Iterator, Sequence

from scanwright.data import Entry
from scanwright.image import BoxesTarget

LOW, HIGH = "{}min_px", "{}max_px"
AXES = "xyz"
LABEL = "label"


def box_heads(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the columns of the edges, x before y before z; nothing where no case has boxes."""
    ranks = {
        len(box.low)
        for entry in entries
        if isinstance(entry.target, BoxesTarget)
        for box in entry.target.boxes[:1]
    }
    axes = AXES[: max(ranks, default=0)]
    return (*(LOW.format(axis) for axis in axes), *(HIGH.format(axis) for axis in axes))


def box_rows(entry: Entry, heads: Sequence[str]) -> Iterator[dict[str, str]]:
    """Give the cells of each box of a case: its edges, 0 the outer edge of the first pixel."""
    boxes = entry.target.boxes if isinstance(entry.target, BoxesTarget) else ()
    if not boxes:
        yield {**dict.fromkeys(heads, ""), LABEL: ""}
    for box in boxes:
        numbers = [*box.low[::-1], *box.high[::-1]]
        cells = [repr(number + 0.5) for number in numbers]
        yield {
            **dict.fromkeys(heads, ""),
            **dict(zip(heads, cells, strict=False)),
            LABEL: box.label,
        }
