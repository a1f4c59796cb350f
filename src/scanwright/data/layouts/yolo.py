"""Boxes as YOLO wants them: a text file for each image, in labels/ beside images/."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from scanwright.base import InputError, Progress
from scanwright.data.box_given import BoxedImage, GivenBoxes, given_boxes, without_lone_part
from scanwright.data.box_index import Boxed, index_boxed
from scanwright.data.box_pairing import BOX_FOLDERS, images_by_place, part_of, place_of
from scanwright.data.index import Index, IndexOptions, Verdict, reason_of
from scanwright.data.mask_pairing import Place
from scanwright.data.side_table import find_side_table
from scanwright.data.walk import Tree, list_files, relative_name
from scanwright.data.yolo_file import (
    NAMES_FILES,
    has_key_points,
    looks_like_yolo,
    read_names,
    read_yolo,
)

SUFFIX = ".txt"
YAML = (".yaml", ".yml")
MOST_SIGHTED = 20
"""Files of boxes that are looked into at a glance."""


@dataclass(frozen=True, slots=True)
class _Sight:
    """Images and files of boxes, by the place that both share.

    Parameters
    ----------
    images, boxes
        Place → file.
    lonely
        Files of boxes without an image.
    """

    images: dict[Place, Path]
    boxes: dict[Place, Path]
    lonely: list[Path]


class Yolo:
    """A text file for each image, with one line for each box."""

    accepts = "YOLO's images/ and labels/ with a text file of boxes for each image"
    takes_columns = True

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise text files of boxes that bear the names of images."""
        if options.task not in ("auto", "detection") or options.label_column:
            return None
        root = _root(path)
        if root is None:
            return None
        sight = _look(list_files(root))
        sample = sorted(sight.boxes.values())[:: max(1, len(sight.boxes) // MOST_SIGHTED)]
        seen = [looks_like_yolo(file) for file in sample]
        if True in seen or (options.task == "detection" and False in seen):
            return Verdict(4, f"{relative_name(sample[0], root)} holds boxes as YOLO's do")
        return None

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the images of all folders that have files of boxes.

        Raises
        ------
        LabelError
            No image has a box.
        FileError
            The file that names the classes cannot be read.
        """
        root = _root(path)
        assert root is not None, "the layout was recognised"
        tree = list_files(root)
        sight = _look(tree)
        names_file = _names_file(path, tree)
        names = read_names(names_file) if names_file else ()
        has_points = _has_points(names_file)
        read = {place: _read(file, names, has_points) for place, file in sight.boxes.items()}
        images, skipped, silent = _images(sight, read, root)
        placed = without_lone_part(images)
        other = dict.fromkeys(sight.boxes.values(), "the boxes")
        other |= {names_file: "the names of the labels"} if names_file else {}
        return index_boxed(
            Boxed(
                root=path,
                layout="yolo",
                intro="boxes in YOLO's format",
                tree=tree,
                images=placed,
                reason="YOLO's files of boxes",
                declared=names,
                skipped=skipped | dict.fromkeys(sight.lonely, "boxes without an image"),
                other=other,
                otherwise="neither an image nor its boxes",
                table=find_side_table(root, [image.name for image in placed], options),
                notes=_notes(silent, is_unnamed=not names),
            ),
            options,
            progress,
        )


def _root(path: Path) -> Path | None:
    """Return the folder of a data set, given by itself or by its YAML file."""
    if path.is_dir():
        return path
    return path.parent if path.suffix.lower() in YAML else None


def _look(tree: Tree) -> _Sight:
    """Match text files to images that share their place."""
    images = images_by_place(tree.files, tree.root)
    boxes: dict[Place, Path] = {}
    lonely = []
    for file in tree.files:
        if file.suffix.lower() != SUFFIX or file.name.lower() in NAMES_FILES:
            continue
        place = place_of(file, tree.root, BOX_FOLDERS)
        if place in images:
            boxes[place] = file
        elif file.parent.name.lower() in BOX_FOLDERS:
            lonely.append(file)
    return _Sight(images, boxes, lonely)


def _names_file(path: Path, tree: Tree) -> Path | None:
    """Return the file that names the classes: the one given, or the first of a usual name."""
    if path.is_file():
        return path
    named = [file for file in tree.files if file.name.lower() in NAMES_FILES]
    named.sort(key=lambda file: (len(file.parts), NAMES_FILES.index(file.name.lower())))
    loose = [f for f in tree.files if f.suffix.lower() in YAML and f.parent == tree.root]
    return next((file for file in (*named, *loose) if read_names(file)), None)


def _has_points(names_file: Path | None) -> bool:
    is_yaml = names_file is not None and names_file.suffix.lower() in YAML
    return is_yaml and names_file is not None and has_key_points(names_file)


def _read(file: Path, names: tuple[str, ...], has_points: bool) -> GivenBoxes | str:
    """Return the boxes of an image, or why they cannot be used."""
    try:
        return read_yolo(file, names, has_points=has_points)
    except InputError as error:
        return f"its boxes {file.name}: {reason_of(error)}"


def _images(
    sight: _Sight, read: dict[Place, GivenBoxes | str], root: Path
) -> tuple[list[BoxedImage], dict[Path, str], Counter[str]]:
    """Return the images, those left out → why, and how many have no file of boxes in which folder.

    Where a folder has files of boxes, an image without one has no finding.
    """
    labelled = {folders for folders, _ in sight.boxes}
    images: list[BoxedImage] = []
    skipped: dict[Path, str] = {}
    silent: Counter[str] = Counter()
    for place, file in sight.images.items():
        is_labelled = place[0] in labelled
        given = read.get(place, given_boxes([], [], 2) if is_labelled else None)
        if isinstance(given, str):
            skipped[file] = given
            continue
        if is_labelled and place not in read:
            silent["/".join(place[0])] += 1
        images.append(BoxedImage(relative_name(file, root), (file,), given, part_of(place)))
    return images, skipped, silent


def _notes(silent: Counter[str], *, is_unnamed: bool) -> tuple[str, ...]:
    notes = []
    if silent:
        notes.append(
            f"{silent.total()} images have no file of boxes and count as images without a finding"
        )
    if is_unnamed:
        notes.append(
            "nothing says what the classes are called, so they are called by their numbers; "
            "data.yaml or classes.txt does"
        )
    return tuple(notes)
