"""From a path, or the name of a published set, to its index: the layout is recognised."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from scanwright.base import SILENT, FileError, LabelError, Progress
from scanwright.data.boxes_of_masks import boxes_from_masks
from scanwright.data.index import Index, IndexOptions, Layout
from scanwright.data.layouts import LAYOUTS, fetch_medmnist, is_named
from scanwright.data.own_format import refuse_own_format
from scanwright.data.split_file import follow_folds
from scanwright.data.walk import list_files

BOXES = frozenset({"box-manifest", "coco", "dicom-findings", "pascal-voc", "yolo"})
"""Layouts whose labels are boxes."""
MASKS = frozenset({"decathlon", "dicom-masks", "mask-folders", "mask-manifest"})
"""Layouts whose labels are outlines."""
CERTAIN = 3
"""Strength of a verdict up to which it does not outweigh what another layout stumbled over."""


def index_data(
    path: Path | str, options: IndexOptions | None = None, progress: Progress = SILENT
) -> Index:
    """Index a data set without reading its images.

    Parameters
    ----------
    path
        A folder, a table, an archive, or `medmnist:NAME[:SIZE]`.

    Raises
    ------
    FileError
        Nothing is there, or nothing that is known.
    LabelError
        The labels are ambiguous, unknown or contradict each other.
    """
    options = options or IndexOptions()
    if is_named(path):
        path = fetch_medmnist(str(path), allow_network=options.allow_network, progress=progress)
    path = Path(path)
    _check_place(path)
    masks = options.model_copy(update={"task": "segmentation"})
    is_detection = options.task == "detection" and not _does_follow(BOXES, path, options)
    if is_detection and _does_follow(MASKS, path, masks):
        order = () if len(options.order) == 1 else options.order
        index = _index(path, masks.model_copy(update={"order": order}), progress)
        index = boxes_from_masks(index, options.order)
    else:
        index = _index(path, options, progress)
    if _says_nothing(index) and options.task == "auto" and not options.unlabelled:
        refuse_own_format(list_files(path))
    return follow_folds(index, options.split_file) if options.split_file else index


def _index(path: Path, options: IndexOptions, progress: Progress) -> Index:
    layout = _recognise(path, options)
    if not layout.takes_columns:
        _refuse_columns(path, options)
    return layout.index(path, options, progress)


def _says_nothing(index: Index) -> bool:
    """Whether images were found, in a folder, and nothing that tells one from another."""
    return index.root.is_dir() and index.task.kind == "classes" and len(index.task.labels) < 2


def _does_follow(names: frozenset[str], path: Path, options: IndexOptions) -> bool:
    """Whether a place follows one of some layouts."""
    try:
        return any(
            layout.recognises(path, options) is not None
            for name, layout in LAYOUTS.items()
            if name in names
        )
    except LabelError:
        return False  # told where the layout is chosen


def _recognise(path: Path, options: IndexOptions) -> Layout:
    verdicts: list[tuple[int, str, Layout]] = []
    doubts: list[LabelError] = []
    for name, layout in LAYOUTS.items():
        try:
            verdict = layout.recognises(path, options)
        except LabelError as error:
            doubts.append(error)
            continue
        if verdict is not None:
            verdicts.append((verdict.strength, name, layout))
    verdicts.sort(key=lambda one: one[:2], reverse=True)
    if doubts and (not verdicts or verdicts[0][0] <= CERTAIN):
        raise doubts[0]
    if not verdicts:
        raise _nothing_known(path, options)
    alike = [name for strength, name, _ in verdicts if strength == verdicts[0][0]]
    if len(alike) > 1:
        raise FileError(
            "The data set fits several layouts.",
            got=" and ".join(alike),
            next=_advice_for(alike),
            where=path,
        )
    return verdicts[0][2]


def _advice_for(names: Sequence[str]) -> str:
    """Return how to choose between layouts that fit alike."""
    boxes = BOXES & set(names)
    if len(boxes) == 1:
        return "pass --task detection to learn the boxes, or --task segmentation for the masks"
    if len(boxes) == len(names):
        return "give the folder, or the file, of one of them alone"
    return "give a table with --labels"


def _refuse_columns(path: Path, options: IndexOptions) -> None:
    """Refuse columns that were named where no table was found, rather than ignore them."""
    asked = [
        "--label-column"
        if name == "label_column"
        else f"--column {name.removesuffix('_column')}=NAME"
        for name in type(options).model_fields
        if name.endswith("_column") and getattr(options, name)
    ]
    if asked:
        raise LabelError(
            "A column was named, but there is no table that names these images.",
            got=", ".join(asked),
            next="give the table with --labels",
            where=path,
        )


def _check_place(path: Path) -> None:
    try:
        exists = path.exists()
    except OSError as error:
        raise FileError("The path cannot be opened.", got=error.strerror, where=path) from error
    if not exists:
        raise FileError("There is no such file or folder.", next="check the path", where=path)
    if path.is_file() and path.suffix.lower() != ".npz" and zipfile.is_zipfile(path):
        raise FileError(
            "A zip archive is not opened.", next="unpack it and give the folder", where=path
        )
    if path.is_file() and path.stat().st_size == 0:
        raise FileError("The file is empty.", next="copy or download it again", where=path)


def _nothing_known(path: Path, options: IndexOptions) -> FileError | LabelError:
    accepted = "; ".join(layout.accepts for _, layout in LAYOUTS.items())
    if path.is_dir() and not any(path.iterdir()):
        return FileError("The folder is empty.", legal=accepted, where=path)
    if options.labels is not None:
        return LabelError(
            "The table names neither files nor DICOM identifiers.",
            legal="a column of paths, or of patient, study or series identifiers",
            next="name it with --column path=NAME or --column key=NAME",
            where=options.labels,
        )
    if options.task == "detection":
        if path.is_dir():
            refuse_own_format(list_files(path))
        return LabelError(
            "Neither boxes nor masks are found that belong to images.",
            legal="COCO's JSON, Pascal VOC's XML, YOLO's images/ and labels/, a table with a row "
            "for each box, DICOM images with structured reports, or masks, whose pieces become "
            "boxes",
            next="export the boxes as COCO, and give the folder of the images with the file in it",
            where=path,
        )
    if options.task == "segmentation":
        return LabelError(
            "No mask is found that belongs to an image.",
            legal="images/ and masks/ with the same names, a.png and a_mask.png, a folder of the "
            "Decathlon or nnU-Net, DICOM series with DICOM SEG, or a table",
            next="give masks the names of their images, or give a table with columns path and "
            "mask with --labels",
            where=path,
        )
    return FileError("The file is no data set.", legal=accepted, where=path)
