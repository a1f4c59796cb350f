"""One XML file of boxes as Pascal VOC and LabelImg write them.

Pixels count from 1 and both ends belong to the box, so that its edges are xmin - 1 and xmax.
Format: Everingham & Winn, The PASCAL VOC 2012 Development Kit, section 4.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from scanwright.base import FileError, LabelError
from scanwright.data.box_given import GivenBoxes, given_boxes

LARGEST_BYTES = 1 << 26
MARK = re.compile(rb"<annotation[\s>]")
"""CVAT's own files begin with <annotations>."""
SIGHT_BYTES = 4096
EDGES = (("ymin", -1.0), ("xmin", -1.0), ("ymax", 0.0), ("xmax", 0.0))
"""Element → what makes an edge of it, with 0 the outer edge of the first pixel."""


@dataclass(frozen=True, slots=True)
class VocImage:
    """One image of a VOC file.

    Parameters
    ----------
    name
        File name that the XML gives; often that of another machine.
    size
        Height and width; empty where they are not given.
    given
        Its boxes.
    """

    name: str
    size: tuple[int, ...]
    given: GivenBoxes = field(repr=False)


def may_be_voc(path: Path) -> bool:
    """Whether an XML file begins like one of VOC's."""
    try:
        with path.open("rb") as file:
            return MARK.search(file.read(SIGHT_BYTES).replace(b"\x00", b"")) is not None
    except OSError:
        return False


def read_voc(path: Path) -> VocImage:
    """Read the boxes of one image.

    Raises
    ------
    FileError
        It is no XML, is too large, or declares a document type, through which XML can do harm.
    LabelError
        It is XML of another kind, or an object has no name.
    """
    root = _parse(path)
    if root.tag != "annotation":
        raise LabelError(
            "The XML file is not one of Pascal VOC's.",
            got=f"<{root.tag[:40]}>",
            legal="<annotation>",
            where=path,
        )
    rows = []
    labels = []
    for one in root.iter("object"):
        label = one.findtext("name")
        if label is None or not label.strip():
            raise LabelError("An object has no name.", where=path)
        box = one.find("bndbox")
        rows.append([_number(box, name) + shift for name, shift in EDGES])
        labels.append(label)
    sides = [_number(root.find("size"), name) for name in ("height", "width")]
    size = tuple(int(side) for side in sides if side >= 1)
    name = (root.findtext("filename") or "").strip()
    return VocImage(name, size if len(size) == 2 else (), given_boxes(rows, labels, 2))


class _NoDocumentType(ElementTree.TreeBuilder):
    """Refuses a document type, the way to entities that grow or lead to other files."""

    def doctype(self, *_: object) -> None:
        """Refuse it, before anything in it is followed."""
        raise ElementTree.ParseError("it declares a document type")


def _parse(path: Path) -> ElementTree.Element:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise FileError("The XML file is too large.", legal="up to 64 MiB", where=path)
        parser = ElementTree.XMLParser(target=_NoDocumentType())  # noqa: S314  (see its target)
        parser.feed(path.read_bytes())
        root: ElementTree.Element = parser.close()
    except (OSError, ElementTree.ParseError, ValueError) as error:
        raise FileError("The XML file cannot be read.", got=error, where=path) from error
    return root


def _number(element: ElementTree.Element | None, name: str) -> float:
    """Return the number in a part of an element; NaN where there is none."""
    text = element.findtext(name) if element is not None else None
    try:
        return float(text) if text else float("nan")
    except ValueError:
        return float("nan")


def read_list(path: Path) -> Iterable[str]:
    """Return the names in a list of ImageSets; what follows a name is passed over."""
    try:
        lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines()
    except OSError as error:
        raise FileError("The list cannot be read.", got=error.strerror, where=path) from error
    return [line.split()[0] for line in lines if line.strip()]
