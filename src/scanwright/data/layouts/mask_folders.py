"""Images and masks, in folders of their own or side by side, matched by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scanwright.base import LabelError, Progress
from scanwright.data.columns import (
    FIRST_LABEL_NAMES,
    OTHER_LABEL_NAMES,
    PATH_SHARE,
    share_leading,
    simple_name,
)
from scanwright.data.index import Index, IndexOptions, Verdict
from scanwright.data.label_names import find_label_names, read_label_names
from scanwright.data.mask_case import MaskPlan
from scanwright.data.mask_index import Pair, Paired, index_pairs
from scanwright.data.mask_pairing import (
    IMAGE_FOLDERS,
    MASK_FOLDERS,
    Matched,
    Roles,
    channel_names,
    match_beside,
    match_channels,
    match_folders,
    outline_names,
    pairs_of,
    roles_beside,
    roles_by_folder,
)
from scanwright.data.resolve import Resolver
from scanwright.data.side_table import find_side_table
from scanwright.data.table import is_table, read_table
from scanwright.data.table_choice import find_table
from scanwright.data.walk import Tree, list_files
from scanwright.io import format_of_suffix

NO_IMAGE = "a mask without an image of its name"
NOT_NAMED = "lies in no folder of images or masks"
MOST_CLASS_FOLDERS = 6
"""Few folders of many images may well be classes."""
LEAST_SHARE = 0.25
"""Masks beside images must be found for at least this share of the images."""


@dataclass(frozen=True, slots=True)
class _Sight:
    """What was seen in a folder.

    Parameters
    ----------
    roles, matched
        Images and masks, and which belong together.
    words
        How they lie, in a few words.
    has_folders
        Whether masks have folders of their own.
    """

    roles: Roles
    matched: Matched
    words: str
    has_folders: bool


class MaskFolders:
    """Masks whose names are those of their images: images/ and masks/, or a.png and a_mask.png."""

    accepts = "folders of images and masks of the same names (images/, masks/), or masks beside"
    takes_columns = True

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise masks by the names of folders and files."""
        if not path.is_dir() or options.label_column or options.mask_column:
            return None
        if options.task not in ("auto", "segmentation"):
            return None
        sight = _look(path, list_files(path))
        if sight is None:
            return None
        if options.task == "segmentation":
            return Verdict(6, sight.words)
        if not sight.has_folders:
            return Verdict(2, sight.words)
        return Verdict(2 if _table_labels_images(path, options) else 4, sight.words)

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the images that have masks.

        Raises
        ------
        LabelError
            No image has a mask that can be used, or what the masks hold is not understood.
        """
        tree = list_files(path)
        sight = _look(path, tree)
        assert sight is not None, "the layout was recognised"
        pairs = pairs_of(sight.matched)
        names_file = _names_file(path, sight)
        outlines = outline_names(pairs)
        scheme = read_label_names(names_file) if names_file and not outlines else None
        table = find_side_table(path, [pair.name for pair in pairs], options)
        other = {names_file: "the names of the labels"} if names_file else {}
        return index_pairs(
            Paired(
                root=path,
                layout="mask-folders",
                intro=sight.words,
                tree=tree,
                pairs=pairs,
                plan=MaskPlan(scheme, outlines, channel_names(sight.matched)),
                skipped=dict.fromkeys(sight.matched.lonely, NO_IMAGE)
                | dict.fromkeys(sight.matched.twins, "another file bears its name"),
                other=other,
                otherwise=NOT_NAMED,
                table=table,
                notes=_notes(sight, pairs, options, is_unnamed=scheme is None and not outlines),
            ),
            options,
            progress,
        )


def _look(path: Path, tree: Tree) -> _Sight | None:
    """Return how masks lie in a folder, or None if there are none."""
    files = [file for file in tree.files if not is_table(file) and _may_be_image(file)]
    roles = roles_by_folder(files, path)
    matched = _best(match_folders(roles), match_channels(roles))
    if matched.masks:
        folders = sorted(
            {_folder_of(file, path) for file in (*roles.images, *roles.masks)}, key=str.lower
        )
        named = ", ".join(f"{name}/" for name in folders[:4])
        return _Sight(roles, matched, f"folders of images and masks ({named})", True)
    roles = roles_beside(files, path)
    matched = _best(match_beside(roles), match_channels(roles))
    if matched.masks and len(matched.masks) >= LEAST_SHARE * len(matched.images):
        return _Sight(roles, matched, "images with masks beside them", False)
    return None


def _best(one: Matched, other: Matched) -> Matched:
    return other if other.merit > one.merit else one


def _may_be_image(file: Path) -> bool:
    return format_of_suffix(file) is not None or not file.suffix


def _folder_of(file: Path, root: Path) -> str:
    """Return the folder, of images or masks, that a file lies in."""
    for name in reversed(file.relative_to(root).parts[:-1]):
        if "".join(letter for letter in name.lower() if letter.isalpha()) in (
            MASK_FOLDERS | IMAGE_FOLDERS
        ):
            return name
    return ""


def _names_file(path: Path, sight: _Sight) -> Path | None:
    """Return the file that names the values: in the folder, or in that of the masks."""
    folders = dict.fromkeys([path, *(file.parent for file in sight.roles.masks)])
    return next((found for one in folders if (found := find_label_names(one))), None)


def _table_labels_images(path: Path, options: IndexOptions) -> bool:
    """Whether a table names single images and has a column of labels: then those are meant."""
    try:
        chosen = find_table(path, options)
    except LabelError:
        return False
    if chosen is None:
        return False
    table = read_table(chosen)
    usual = {*FIRST_LABEL_NAMES, *OTHER_LABEL_NAMES}
    if not any(simple_name(name) in usual for name in table.columns):
        return False
    tree = list_files(path)
    resolver = Resolver([chosen.parent, path], [f for f in tree.files if not is_table(f)])
    return any(share_leading(table, name, resolver.leads) >= PATH_SHARE for name in table.columns)


def _notes(
    sight: _Sight, pairs: Sequence[Pair], options: IndexOptions, *, is_unnamed: bool
) -> tuple[str, ...]:
    notes = []
    if is_unnamed and not options.order:
        notes.append(
            "nothing says what the values of the masks are called; --order NAME,NAME or a "
            'labels.json beside the folders does ({"1": "NAME"})'
        )
    folders = sorted({folders[-1] for folders, _ in sight.matched.images if folders})
    if not sight.has_folders and 2 <= len(folders) <= MOST_CLASS_FOLDERS < len(pairs):
        notes.append(
            f"the folders {' / '.join(folders)} may be classes: --task classes learns them instead"
        )
    return tuple(notes)
