"""Boxes as Pascal VOC and LabelImg write them: an XML file for each image."""

from collections.abc import Mapping
from pathlib import Path

from scanwright.base import InputError, Progress
from scanwright.data.box_given import BoxedImage, without_lone_part
from scanwright.data.box_index import Boxed, index_boxed
from scanwright.data.box_pairing import BOX_FOLDERS, images_by_place, part_of, place_of
from scanwright.data.index import Index, IndexOptions, Verdict, reason_of
from scanwright.data.mask_pairing import Place, stem_of
from scanwright.data.official import part_named
from scanwright.data.resolve import Resolver
from scanwright.data.side_table import find_side_table
from scanwright.data.voc_file import VocImage, may_be_voc, read_list, read_voc
from scanwright.data.walk import Tree, list_files, relative_name

SUFFIX = ".xml"
LISTS = ("imagesets", "main")
"""Folders, lower case, of the lists of the parts."""
MOST_SIGHTED = 20


class PascalVoc:
    """An XML file for each image, in Annotations/ or beside it."""

    accepts = "Pascal VOC's JPEGImages/ and Annotations/, or XML files of boxes beside images"
    takes_columns = True

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise XML files that begin as VOC's do."""
        if options.task not in ("auto", "detection") or options.label_column or not path.is_dir():
            return None
        files = _xml_files(list_files(path))
        sample = files[:: max(1, len(files) // MOST_SIGHTED)]
        first = next((file for file in sample if may_be_voc(file)), None)
        if first is None:
            return None
        return Verdict(4, f"{relative_name(first, path)} holds boxes as Pascal VOC's do")

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the images that have an XML file.

        Raises
        ------
        LabelError
            No image has a box.
        """
        tree = list_files(path)
        files = _xml_files(tree)
        images, skipped, missing = _images(files, tree, _lists(tree))
        placed = without_lone_part(images)
        waiting = sum(image.given is None for image in placed)
        lists = {file: "a list of a part" for file in tree.files if _part_of_list(file)}
        return index_boxed(
            Boxed(
                root=path,
                layout="pascal-voc",
                intro="boxes in Pascal VOC's format",
                tree=tree,
                images=placed,
                reason="Pascal VOC's files of boxes",
                skipped=skipped,
                missing=missing,
                other=dict.fromkeys(files, "the boxes") | lists,
                otherwise="neither an image nor its boxes",
                table=find_side_table(path, [image.name for image in placed], options),
                notes=_notes(waiting),
            ),
            options,
            progress,
        )


def _xml_files(tree: Tree) -> list[Path]:
    return [file for file in tree.files if file.suffix.lower() == SUFFIX]


def _part_of_list(file: Path) -> str:
    """Return the part of which a file is the list, or nothing."""
    above = tuple(folder.lower() for folder in file.parts[-3:-1])
    is_list = file.suffix.lower() == ".txt" and (above == LISTS or above[-1:] == LISTS[:1])
    return (part_named(file.stem) or "") if is_list else ""


def _lists(tree: Tree) -> dict[str, str]:
    """Return name of an image, without its ending → part, where ImageSets lists the parts."""
    return {
        name: part
        for file in tree.files
        if (part := _part_of_list(file))
        for name in read_list(file)
    }


def _images(
    files: list[Path], tree: Tree, parts: Mapping[str, str]
) -> tuple[list[BoxedImage], dict[Path, str], dict[str, str]]:
    """Return the images, those left out → why, and files of boxes without an image → why."""
    by_place = images_by_place(tree.files, tree.root)
    folders = dict.fromkeys(file.parent for file in by_place.values())
    resolver = Resolver(list(folders), list(by_place.values()))
    images: list[BoxedImage] = []
    skipped: dict[Path, str] = {}
    missing: dict[str, str] = {}
    for file in files:
        place = place_of(file, tree.root, BOX_FOLDERS)
        try:
            voc = read_voc(file)
        except InputError as error:
            fault = f"its boxes {file.name}: {reason_of(error)}"
            if place in by_place:
                skipped[by_place[place]] = fault
            else:
                missing[relative_name(file, tree.root)] = reason_of(error)
            continue
        image = by_place.get(place) or _named(voc, file, resolver)
        if isinstance(image, str):
            missing[f"{relative_name(file, tree.root)}: {voc.name}"] = image
            continue
        part = parts.get(stem_of(image.name), "") or part_of(place)
        name = relative_name(image, tree.root)
        images.append(BoxedImage(name, (image,), voc.given, part, voc.size))
    return [*images, *_waiting(by_place, images, skipped, tree)], skipped, missing


def _named(voc: VocImage, file: Path, resolver: Resolver) -> Path | str:
    """Return the image that bears the name in the XML, or that of the XML; or why there is none."""
    for name in (voc.name, stem_of(file.name)):
        place = resolver.find(name) if name else "it names no image"
        if isinstance(place, Path) and place.is_file():
            return place
    return "there is no image of its name"


def _waiting(
    by_place: Mapping[Place, Path],
    images: list[BoxedImage],
    skipped: Mapping[Path, str],
    tree: Tree,
) -> list[BoxedImage]:
    """Return the images beside others that have no file of boxes: nothing is known of them."""
    taken = {image.files[0] for image in images} | set(skipped)
    folders = {file.parent for file in taken}
    return [
        BoxedImage(relative_name(file, tree.root), (file,), None, part_of(place))
        for place, file in by_place.items()
        if file not in taken and file.parent in folders
    ]


def _notes(waiting: int) -> tuple[str, ...]:
    if not waiting:
        return ()
    return (
        f"{waiting} images have no XML file, so nothing is known of them; an XML file without "
        "objects says that there is no finding",
    )
