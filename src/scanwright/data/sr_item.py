"""The content of a DICOM Structured Report as a tree of plain values (PS3.3, C.17.3)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from scanwright.base import FileError
from scanwright.image import Floats

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

MOST_DEEP = 40
"""Levels of a report; templates of measurements need about eight."""
MOST_ITEMS = 500_000


@dataclass(frozen=True, slots=True)
class InstanceReference:
    """A DICOM object that an item refers to.

    Parameters
    ----------
    uid
        SOP Instance UID.
    frames
        Frames, counted from 1; empty for all.
    segments
        Segments of a segmentation; empty for all.
    """

    uid: str
    frames: tuple[int, ...] = ()
    segments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SrItem:
    """One content item.

    Parameters
    ----------
    kind
        Its value type ("CODE", "SCOORD"); empty where it only points to another item.
    concept
        Code value of its name.
    text
        What it says: the meaning of its code, its text or its unique identifier.
    children
        Items below it.
    instances
        Objects that it refers to.
    graphic
        Graphic type of coordinates ("POLYLINE").
    numbers
        The coordinates, in their order.
    frame_uid
        Frame of reference of coordinates in space.
    pointer
        Positions, counted from 1 at the root, of the item that it points to.
    """

    kind: str
    concept: str = ""
    text: str = ""
    children: tuple["SrItem", ...] = ()
    instances: tuple[InstanceReference, ...] = ()
    graphic: str = ""
    numbers: Floats = field(default_factory=lambda: np.zeros(0), repr=False)
    frame_uid: str = ""
    pointer: tuple[int, ...] = ()

    def walk(self) -> Iterator["SrItem"]:
        """Give the item and all below it."""
        waiting = [self]
        while waiting:
            item = waiting.pop()
            yield item
            waiting += item.children[::-1]

    def first(self, *concepts: str) -> "SrItem | None":
        """Return the first child of a name; None where there is none."""
        return next((child for child in self.children if child.concept in concepts), None)

    def at(self, pointer: tuple[int, ...]) -> "SrItem | None":
        """Return the item at positions that count from 1, this item being the first of them."""
        item = self
        for place in pointer[1:]:
            if not 1 <= place <= len(item.children):
                return None
            item = item.children[place - 1]
        return item


def item_tree(ds: "Dataset") -> SrItem:
    """Return the content of a report.

    Raises
    ------
    FileError
        It is nested more deeply, or holds more items, than any report should.
    """
    return _item(ds, MOST_DEEP, iter(range(MOST_ITEMS)))


def datasets_in(ds: "Dataset", keyword: str) -> tuple["Dataset", ...]:
    """Return the items of a sequence; none where it is absent or something else."""
    from pydicom.sequence import Sequence

    value = ds.get(keyword)
    return tuple(value) if isinstance(value, Sequence) else ()


def text_in(ds: "Dataset", keyword: str) -> str:
    """Return the text of an attribute; empty where it is absent."""
    value = ds.get(keyword)
    return "" if value is None else str(value).strip()


def whole_numbers_in(ds: "Dataset", keyword: str) -> tuple[int, ...]:
    """Return the whole numbers of an attribute; none where it is absent or something else."""
    return tuple(int(value) for value in _numbers(ds, keyword) if np.isfinite(value))


def _item(ds: "Dataset", depth: int, budget: Iterator[int]) -> SrItem:
    if depth == 0:
        raise FileError(
            "The report is nested too deeply.", legal=f"at most {MOST_DEEP} levels of content"
        )
    if next(budget, None) is None:
        raise FileError("The report holds too many items.", legal=f"at most {MOST_ITEMS}")
    below = datasets_in(ds, "ContentSequence")
    return SrItem(
        kind=text_in(ds, "ValueType"),
        concept=_code(ds, "ConceptNameCodeSequence", "CodeValue"),
        text=_said(ds),
        children=tuple(_item(one, depth - 1, budget) for one in below),
        instances=tuple(_reference(one) for one in datasets_in(ds, "ReferencedSOPSequence")),
        graphic=text_in(ds, "GraphicType"),
        numbers=_numbers(ds, "GraphicData"),
        frame_uid=text_in(ds, "ReferencedFrameOfReferenceUID"),
        pointer=whole_numbers_in(ds, "ReferencedContentItemIdentifier"),
    )


def _said(ds: "Dataset") -> str:
    code = _code(ds, "ConceptCodeSequence", "CodeMeaning")
    code = code or _code(ds, "ConceptCodeSequence", "CodeValue")
    return code or text_in(ds, "TextValue") or text_in(ds, "UID")


def _code(ds: "Dataset", keyword: str, part: str) -> str:
    codes = datasets_in(ds, keyword)
    return text_in(codes[0], part) if codes else ""


def _reference(ds: "Dataset") -> InstanceReference:
    return InstanceReference(
        text_in(ds, "ReferencedSOPInstanceUID"),
        whole_numbers_in(ds, "ReferencedFrameNumber"),
        whole_numbers_in(ds, "ReferencedSegmentNumber"),
    )


def _numbers(ds: "Dataset", keyword: str) -> Floats:
    value = ds.get(keyword)
    try:
        return np.atleast_1d(np.array(value if value is not None else (), dtype=np.float64))
    except (TypeError, ValueError):
        return np.zeros(0)
