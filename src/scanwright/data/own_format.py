"""Boxes as labelling tools keep them for themselves: told by their words, and not read."""

from pathlib import Path

from scanwright.base import LabelError
from scanwright.data.coco_file import read_coco
from scanwright.data.walk import Tree, relative_name
from scanwright.data.yolo_file import BOX_NUMBERS, FARTHEST

TOOLS = (
    ("LabelMe", ".json", (b'"shapes"', b'"imagePath"')),
    ("VIA", ".json", (b'"shape_attributes"',)),
    ("Label Studio", ".json", (b'"rectanglelabels"',)),
    ("Supervisely", ".json", (b'"objects"', b'"exterior"')),
    ("CVAT", ".xml", (b"<annotations", b"<image ")),
)
"""Tool, ending of its files, and words that all of them hold."""
COCO = (b'"images"', b'"file_name"')
"""Words of a COCO file; one that was cut short may have no others."""
SIGHT_BYTES = 1 << 20
MOST_SIGHTED = 20
"""Files of an ending that are looked into."""
TEXT = ".txt"


def refuse_own_format(tree: Tree) -> None:
    """Refuse a folder whose boxes are in a form that is not read, and say how to go on.

    Raises
    ------
    LabelError
        A labelling tool's own file is there, a COCO file is not whole, or text files hold boxes in
        pixels.
    FileError
        A COCO file was cut short.
    """
    for file in _sample(tree, ".json", ".xml"):
        head = _head(file)
        for tool, ending, words in TOOLS:
            if file.suffix.lower() == ending and all(word in head for word in words):
                raise LabelError(
                    f"The boxes are in {tool}'s own format, which is not read.",
                    got=relative_name(file, tree.root),
                    next="export them as COCO, YOLO or Pascal VOC, and give the folder with "
                    "images and boxes",
                    where=tree.root,
                )
        if all(word in head for word in COCO):
            read_coco(file)
    for file in _sample(tree, TEXT):
        line = _line_in_pixels(_head(file))
        if line:
            raise LabelError(
                "Text files hold numbers that look like boxes in pixels, and YOLO's are shares of "
                "the image's size.",
                got=f"{line} in {relative_name(file, tree.root)}",
                legal="class, centre x, centre y, width, height between 0 and 1",
                next="export the boxes again, or give a table of them with --box-unit pixels",
                where=tree.root,
            )


def _sample(tree: Tree, *endings: str) -> list[Path]:
    """Return the first files of some endings."""
    return [file for file in tree.files if file.suffix.lower() in endings][:MOST_SIGHTED]


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(SIGHT_BYTES)
    except OSError:
        return b""  # told where files are listed


def _line_in_pixels(head: bytes) -> str:
    """Return the first line if it is a class and four numbers that are no shares, else nothing."""
    line = next((line for line in head.splitlines() if line.strip()), b"")
    try:
        kind, *sides = map(float, line.split())
    except ValueError:
        return ""
    is_box = len(sides) == BOX_NUMBERS - 1 and kind >= 0 and kind == int(kind)
    is_box = is_box and max(sides) > FARTHEST
    return line.decode("ascii", "replace").strip() if is_box else ""
