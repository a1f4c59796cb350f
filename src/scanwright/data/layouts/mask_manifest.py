"""A table with one row per image and a column, or several, with the paths of masks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scanwright.base import FileError, LabelError, Progress
from scanwright.data.columns import (
    FIRST_LABEL_NAMES,
    OTHER_LABEL_NAMES,
    PATH_NAMES,
    PATH_SHARE,
    asked_column,
    find_plain_roles,
    share_leading,
    simple_name,
)
from scanwright.data.index import Index, IndexOptions, Verdict
from scanwright.data.label_names import find_label_names, read_label_names
from scanwright.data.mask_case import MaskPlan
from scanwright.data.mask_index import Outline, Pair, Paired, index_pairs
from scanwright.data.probing import unique_names
from scanwright.data.resolve import Resolver
from scanwright.data.side_table import SideTable, case_key
from scanwright.data.table import Table, is_empty, is_table, read_table
from scanwright.data.table_choice import find_table
from scanwright.data.walk import Tree, list_files, relative_name

MASK_WORD = re.compile(
    r"mask|seg(?:mentation)?|labelmap|ground.?truth|outline|contour|annotation|^label|^gt", re.I
)
"""What names of columns of masks hold; they count only where their cells lead to files."""
NAME_WORDS = re.compile(
    r"masks?|seg(?:mentations?)?|labelmaps?|labels?|paths?|files?(?:names?)?|images?", re.I
)
"""Words in the name of a column that do not say what is outlined."""
OUTLINE_COLUMN = "mask of "
"""How a column begins that outlines the structure named behind it, as the audit writes it."""
SEPARATOR = "|"
"""What stands between the files of several channels, or of several masks of one name."""
MISSING_SHARE = 0.5
"""With more than this share of the named images missing, the table does not fit the folder."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """A table and what leads to images and masks in it."""

    table: Table
    resolver: Resolver
    image: str
    masks: tuple[str, ...]
    tree: Tree

    @property
    def names(self) -> tuple[str, ...]:
        """What each column of masks outlines; nothing where there is one column."""
        if len(self.masks) == 1 and not self.masks[0].startswith(OUTLINE_COLUMN):
            return ("",)
        short = [_outlined(column) for column in self.masks]
        return tuple(short if all(short) and len(set(short)) == len(short) else self.masks)


class MaskManifest:
    """A table names images and their masks."""

    accepts = "a table with the paths of images and of their masks"
    takes_columns = True

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise a table in which one column leads to images and another to masks."""
        if options.label_column or options.task not in ("auto", "segmentation"):
            return None
        found = _find_columns(path, options)
        if found is None:
            return None
        reason = f'column "{found.masks[0]}" of {found.table.path.name} leads to masks'
        if options.task == "segmentation" or options.mask_column:
            return Verdict(7, reason)
        usual = {*FIRST_LABEL_NAMES, *OTHER_LABEL_NAMES}
        free = [name for name in found.table.columns if name not in found.masks]
        return None if any(simple_name(name) in usual for name in free) else Verdict(5, reason)

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the images that the table names.

        Raises
        ------
        FileError
            Most of the named images are missing.
        LabelError
            Two rows give one image different masks, or no mask can be used.
        """
        found = _find_columns(path, options)
        assert found is not None, "the layout was recognised"
        table = found.table
        roles = find_plain_roles(table, options, (found.image, *found.masks))
        dropped = _dropped(table, roles.decision)
        pairs, rows, missing = _pairs(found, dropped)
        folders = dict.fromkeys((table.path.parent, path)) if path.is_dir() else [path.parent]
        names_file = next((one for place in folders if (one := find_label_names(place))), None)
        is_map = found.names == ("",)
        scheme = read_label_names(names_file) if names_file and is_map else None
        columns = ", ".join(f'"{name}"' for name in found.masks[:4])
        return index_pairs(
            Paired(
                root=path,
                layout="mask-manifest",
                intro=f'a table ({table.path.name}) of images by "{found.image}" and masks by '
                f"{columns}",
                tree=found.tree,
                pairs=pairs,
                plan=MaskPlan(scheme, () if is_map else tuple(sorted(found.names))),
                missing=missing,
                other={names_file: "the names of the labels"} if names_file else {},
                otherwise="not named by the table",
                table=SideTable(table, roles, rows),
                notes=table.notes,
            ),
            options,
            progress,
        )


def _find_columns(path: Path, options: IndexOptions) -> _Columns | None:
    """Return the table of a place and its columns, or None where no column leads to masks."""
    chosen = find_table(path, options)
    if chosen is None:
        return None
    table = read_table(chosen)
    tree = list_files(path) if path.is_dir() else Tree(path.parent, (), {}, {})
    folders = [table.path.parent, path] if path.is_dir() else [table.path.parent]
    resolver = Resolver(folders, [file for file in tree.files if not is_table(file)])
    leading = [name for name in table.columns if _leads(table, name, resolver)]
    if options.mask_column:
        masks = tuple(asked_column(table, one, "--column mask=NAME") for one in options.mask_column)
    else:
        masks = tuple(
            name
            for name in leading
            if MASK_WORD.search(name) and _leads_to_files(table, name, resolver)
        )
    free = [name for name in leading if name not in masks]
    if options.path_column:
        image = asked_column(table, options.path_column, "--column path=NAME")
    else:
        known = [name for name in free if simple_name(name) in PATH_NAMES]
        image = next(iter(known or free), "")
    return _Columns(table, resolver, image, masks, tree) if masks and image else None


def _leads(table: Table, name: str, resolver: Resolver) -> bool:
    def leads(cell: str) -> bool:
        return resolver.leads(cell.split(SEPARATOR, maxsplit=1)[0].strip())

    return share_leading(table, name, leads) >= PATH_SHARE


def _leads_to_files(table: Table, name: str, resolver: Resolver) -> bool:
    """Whether cells lead to files, most to their own.

    The name of a class may be that of its folder, and its number that of some image.
    """
    cells = [cell for cell in table.column(name) if not is_empty(cell)]
    if len(set(cells)) < PATH_SHARE * len(cells):
        return False

    def leads(cell: str) -> bool:
        place = resolver.find(cell.split(SEPARATOR, maxsplit=1)[0].strip())
        return isinstance(place, Path) and place.is_file()

    return share_leading(table, name, leads) >= PATH_SHARE


def _outlined(column: str) -> str:
    """Return what the masks of a column outline, by its name."""
    if column.startswith(OUTLINE_COLUMN):
        return column.removeprefix(OUTLINE_COLUMN)
    parts = re.split(r"[^A-Za-z0-9]+", column)
    return " ".join(part for part in parts if part and not NAME_WORDS.fullmatch(part))


def _dropped(table: Table, decision: str) -> frozenset[int]:
    if not decision:
        return frozenset()
    cells = table.column(decision)
    return frozenset(row for row, cell in enumerate(cells) if cell.lower() == "drop")


def _pairs(
    found: _Columns, dropped: frozenset[int]
) -> tuple[tuple[Pair, ...], dict[str, int], dict[str, str]]:
    """Return the pairs, the row of each by its name, and what leads nowhere."""
    table, missing = found.table, dict[str, str]()
    kept: dict[Path, tuple[int, Pair]] = {}
    for row, cell in enumerate(table.column(found.image)):
        line = f"{table.path.name}, line {table.lines[row]}"
        places = "no path" if is_empty(cell) else _places(found.resolver, cell)
        if row in dropped:
            missing[f"{line}: {cell}"] = "the table says drop"
            continue
        outlines = _outlines(found, row)
        if isinstance(places, str) or isinstance(outlines, str):
            missing[f"{line}: {cell}"] = places if isinstance(places, str) else str(outlines)
            continue
        channels = tuple(list_files(one).files if one.is_dir() else (one,) for one in places)
        known = {one.name for one in outlines}
        annotated = tuple(sorted(known)) if outlines and known != set(found.names) else None
        name = case_key(relative_name(places[0], found.tree.root))
        pair = Pair(name, channels, outlines, annotated=annotated)
        first, twin = kept.setdefault(places[0].resolve(), (row, pair))
        if twin.masks != pair.masks:
            raise LabelError(
                "Two rows give one image different masks.",
                got=f"lines {table.lines[first]} and {table.lines[row]}",
                next="keep the right one; for several structures give one column for each",
                where=table.path,
            )
    if len(missing) - len(dropped) > MISSING_SHARE * len(table) or not kept:
        raise FileError(
            "The table names files that are not there.",
            got=f"{len(missing)} of {len(table)}, for example {'; '.join(list(missing)[:3])}",
            legal="paths from the table's folder, or absolute paths",
            where=table.path,
        )
    return *_named(list(kept.values())), missing


def _named(kept: Sequence[tuple[int, Pair]]) -> tuple[tuple[Pair, ...], dict[str, int]]:
    names = unique_names(pair.name for _, pair in kept)
    pairs = tuple(replace(pair, name=name) for (_, pair), name in zip(kept, names, strict=True))
    return pairs, {name: row for (row, _), name in zip(kept, names, strict=True)}


def _outlines(found: _Columns, row: int) -> tuple[Outline, ...] | str:
    """Return the masks of a row, or which leads nowhere; an empty cell is no mask."""
    outlines = []
    for column, name in zip(found.masks, found.names, strict=True):
        cell = found.table.column(column)[row]
        if is_empty(cell):
            continue
        places = _places(found.resolver, cell)
        if isinstance(places, str):
            return f"its mask {cell}: {places}"
        outlines += [Outline(place, name) for place in places]
    return tuple(outlines)


def _places(resolver: Resolver, cell: str) -> list[Path] | str:
    """Return the files that a cell names, or why one leads nowhere."""
    places = []
    for one in cell.split(SEPARATOR):
        place = resolver.find(one.strip())
        if isinstance(place, str):
            return place
        places.append(place)
    return places
