"""Which file of boxes belongs to which image, by folders and names."""

from collections.abc import Iterable
from pathlib import Path

from scanwright.data.mask_pairing import Place, stem_of
from scanwright.data.official import part_named
from scanwright.data.table import is_table
from scanwright.io import format_of_suffix

IMAGE_FOLDERS = frozenset({"images", "image", "imgs", "img", "jpegimages"})
"""Names, lower case, of a folder of images."""
BOX_FOLDERS = frozenset({"labels", "label", "annotations", "annotation", "xml", "xmls", "bboxes"})
"""Names, lower case, of a folder of files of boxes."""


def place_of(file: Path, root: Path, words: frozenset[str]) -> Place:
    """Return the folders of a file, but the last that says what it holds, and its name.

    >>> place_of(Path("train/labels/a.txt"), Path(), BOX_FOLDERS)
    (('train',), 'a')
    """
    folders = file.relative_to(root).parts[:-1]
    for depth in range(len(folders) - 1, -1, -1):
        if folders[depth].lower() in words:
            return folders[:depth] + folders[depth + 1 :], stem_of(file.name)
    return folders, stem_of(file.name)


def images_by_place(files: Iterable[Path], root: Path) -> dict[Place, Path]:
    """Return the files that may be images by their place; the first of those that share one."""
    images: dict[Place, Path] = {}
    for file in sorted(files):
        if not is_table(file) and format_of_suffix(file) is not None:
            images.setdefault(place_of(file, root, IMAGE_FOLDERS), file)
    return images


def part_of(place: Place) -> str:
    """Return the part that a folder names, or nothing."""
    return next((part for one in reversed(place[0]) if (part := part_named(one))), "")
