"""An index of masks taken as one of boxes."""

from dataclasses import replace

from scanwright.data.entry import Entry
from scanwright.data.index import Index, TaskHint
from scanwright.data.mask_boxes import MaskBoxes
from scanwright.data.mask_reference import MaskReference


def boxes_from_masks(index: Index, order: tuple[str, ...]) -> Index:
    """Return an index of masks as one of boxes.

    Parameters
    ----------
    order
        One name, for pieces of every value; else each is called by what is outlined.
    """
    label = order[0] if len(order) == 1 else ""
    labels = (label,) if label else index.task.labels
    entries = tuple(_boxed(entry, label) for entry in index.entries)
    return replace(
        index,
        entries=entries,
        described=f"{index.described}, taken as boxes around their pieces",
        task=TaskHint("detection", labels, "the pieces of masks", index.task.spellings),
    )


def _boxed(entry: Entry, label: str) -> Entry:
    assert isinstance(entry.target, MaskReference), "an index of masks"
    return replace(entry, target=MaskBoxes(entry.target, label))
