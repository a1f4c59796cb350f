"""Boxes in COCO's format: one JSON file, or a folder with one for each part."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from scanwright.base import LabelError, Progress
from scanwright.data.box_given import BoxedImage, without_lone_part
from scanwright.data.box_index import Boxed, index_boxed
from scanwright.data.coco_file import CocoFile, CocoImage, may_be_coco, read_coco
from scanwright.data.index import Index, IndexOptions, Verdict
from scanwright.data.official import part_named
from scanwright.data.resolve import Resolver
from scanwright.data.side_table import find_side_table
from scanwright.data.table_choice import COCO_SUFFIX as SUFFIX
from scanwright.data.walk import Tree, list_files, relative_name

OBJECTS = "instances"
"""How COCO calls files of boxes, beside those of captions and key points of the same images."""
IMAGES = "images"
MOST_SIGHTED = 1000
"""JSON files that are looked into; a folder with more has one per image and is not COCO."""


class Coco:
    """A list of images, of boxes in them, and of categories, as most labelling tools export it."""

    accepts = "boxes in COCO's format: a JSON file, or a folder with one for each part"
    takes_columns = True

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise a JSON file by its ending, and a folder by one that holds COCO's words."""
        if options.task not in ("auto", "detection") or options.label_column:
            return None
        if _is_json(options.labels) and path.is_dir():
            return Verdict(7, "--labels gives a JSON file")
        if path.is_file():
            return Verdict(4, "it is a JSON file") if _is_json(path) else None
        files = _coco_files(list_files(path)) if path.is_dir() else ()
        if not files:
            return None
        return Verdict(4, f"{relative_name(files[0], path)} is in COCO's format")

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the images that the file, or the files, name.

        Raises
        ------
        LabelError
            A file is not in COCO's format, or no image has a box.
        FileError
            A file cannot be read.
        """
        tree = list_files(path) if path.is_dir() else Tree(path.parent, (path,), {}, {})
        files: tuple[Path, ...] = _coco_files(tree) if path.is_dir() else (path,)
        if options.labels is not None and _is_json(options.labels):
            files = (options.labels,)
            options = options.model_copy(update={"labels": None})
        read = [read_coco(file) for file in files]
        images: list[BoxedImage] = []
        missing: dict[str, str] = {}
        for one in read:
            found, lost = _found(one, tree)
            images += found
            missing |= lost
        if not images:
            raise _nothing_there(read, missing)
        placed = without_lone_part(images)
        table = None
        if path.is_dir() or options.labels is not None:
            table = find_side_table(tree.root, [image.name for image in placed], options)
        names = ", ".join(relative_name(file, tree.root) for file in files[:4])
        return index_boxed(
            Boxed(
                root=path,
                layout="coco",
                intro=f"boxes in COCO's format ({names})",
                tree=tree,
                images=placed,
                reason="a COCO file",
                declared=tuple(dict.fromkeys(label for one in read for label in one.labels)),
                missing=missing,
                other=dict.fromkeys(files, "the boxes"),
                otherwise="not named by the COCO file",
                table=table,
                notes=tuple(_notes(read)),
            ),
            options,
            progress,
        )


def _is_json(path: Path | None) -> bool:
    return path is not None and path.suffix.lower() == SUFFIX


def _coco_files(tree: Tree) -> tuple[Path, ...]:
    """Return the files in COCO's format; where some are called "instances", these."""
    files = [file for file in tree.files if file.suffix.lower() == SUFFIX]
    if len(files) > MOST_SIGHTED:
        return ()
    known = [file for file in files if may_be_coco(file)]
    objects = [file for file in known if file.stem.lower().startswith(OBJECTS)]
    return tuple(objects or known)


def _part_of(file: Path, root: Path) -> str:
    """Return the part that a file's name tells, else a folder's; none where it tells several."""
    told = {part for word in re.split(r"[^a-z]+", file.stem.lower()) if (part := part_named(word))}
    if told:
        return told.pop() if len(told) == 1 else ""
    folders = file.relative_to(root).parts[:-1] if file.is_relative_to(root) else ()
    return next((part for one in reversed(folders) if (part := part_named(one))), "")


def _found(coco: CocoFile, tree: Tree) -> tuple[list[BoxedImage], dict[str, str]]:
    """Return the images of a COCO file that are there, and those that are not → why."""
    part = _part_of(coco.path, tree.root)
    resolver = _resolver(coco.path, part, tree)
    images: list[BoxedImage] = []
    missing: dict[str, str] = {}
    for image in coco.images:
        place = resolver.find(image.name)
        if isinstance(place, str) or not place.is_file():
            reason = place if isinstance(place, str) else "it is a folder"
            missing[f"{coco.path.name}: {image.name}"] = reason
            continue
        images.append(_boxed(image, place, part, tree.root))
    return images, missing


def _boxed(image: CocoImage, place: Path, part: str, root: Path) -> BoxedImage:
    name = relative_name(place, root)
    return BoxedImage(name, (place,), image.given, part, image.size, image.flaws)


def _resolver(file: Path, part: str, tree: Tree) -> Resolver:
    """Return what finds images: beside the file, in images/ and in the folder of its part."""
    bases = dict.fromkeys((file.parent, file.parent.parent, tree.root))
    folders = []
    for base in bases:
        folders += [base, base / IMAGES]
        for above in (base / IMAGES, base) if part else ():
            folders += _folders_of(above, part)
    return Resolver([one for one in dict.fromkeys(folders) if one.is_dir()], tree.files)


def _folders_of(above: Path, part: str) -> list[Path]:
    """Return the folders that bear the name of a part ("train2017")."""
    if not above.is_dir():
        return []
    return [
        place
        for place in sorted(above.iterdir())
        if place.is_dir() and part_named(place.name.rstrip("0123456789")) == part
    ]


def _nothing_there(read: Sequence[CocoFile], missing: Mapping[str, str]) -> LabelError:
    shown = "; ".join(f"{name} ({why})" for name, why in list(missing.items())[:2])
    return LabelError(
        "None of the images that the COCO file names is there.",
        got=shown or "no image named",
        legal="images beside the file, in images/, or below the folder",
        next="put the file beside the images, and give their folder",
        where=read[0].path,
    )


def _notes(read: Sequence[CocoFile]) -> list[str]:
    lost = sum(one.lost for one in read)
    return [f"{lost} boxes belong to no image of their file and are left out"] if lost else []
