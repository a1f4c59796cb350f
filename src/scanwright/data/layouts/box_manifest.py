"""A table (CSV, TSV or parquet) with one row per box: path, edges, label, and whose it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanwright.base import (
    SILENT,
    FileError,
    GeometryError,
    InputError,
    LabelError,
    Progress,
    SplitError,
)
from scanwright.data.box_columns import (
    BoxColumns,
    BoxFormat,
    box_numbers,
    edges_from,
    find_box_columns,
    known_format,
    known_unit,
    whole_rows,
)
from scanwright.data.box_edges import index_edges, is_in_space
from scanwright.data.box_given import BoxedImage, GivenBoxes, Unit
from scanwright.data.box_index import Boxed, image_geometry, index_boxed
from scanwright.data.columns import (
    FIRST_LABEL_NAMES,
    OTHER_LABEL_NAMES,
    Roles,
    asked_column,
    find_path_column,
    find_plain_roles,
    simple_name,
)
from scanwright.data.index import Index, IndexOptions, Verdict
from scanwright.data.probing import group_cases, probe_files
from scanwright.data.resolve import Resolver
from scanwright.data.side_table import SideTable
from scanwright.data.table import Table, is_empty, is_table, read_table
from scanwright.data.table_choice import find_table
from scanwright.data.walk import Tree, list_files, relative_name
from scanwright.image import Edges, Geometry

ONE_LABEL = "finding"
"""What every box is called where no column says it."""
MISSING_SHARE = 0.5
"""With more than this share of the named files missing, the table does not fit the folder."""
MOST_TRIED = 12
"""Images by which pixels are told from mm."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """A table, and what its columns say."""

    table: Table
    tree: Tree
    path: str
    boxes: BoxColumns
    label: str
    roles: Roles


@dataclass(frozen=True, slots=True)
class _Image:
    """One image of the table: where it is, its files, and its rows."""

    place: Path
    files: tuple[Path, ...]
    rows: list[int]


class BoxManifest:
    """A table names images and gives their boxes, one in each row."""

    accepts = "a table with a row for each box: path, xmin, ymin, xmax, ymax, label"
    takes_columns = True

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise a table with columns of boxes and a column that leads to files."""
        if options.task not in ("auto", "detection"):
            return None
        found = _find(path, options)
        if found is None:
            return None
        reason = f'"{found.boxes.columns[0]}" of {found.table.path.name} gives boxes'
        return Verdict(7 if options.labels is not None else 4, reason)

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the images that the table names.

        Raises
        ------
        LabelError
            The form or the unit of the boxes cannot be told, or a box has no label.
        FileError
            Most of the named files are missing.
        SplitError
            Two rows put one image into different parts.
        """
        found = _find(path, options)
        assert found is not None, "the layout was recognised"
        table = found.table
        images, missing = _follow(found, path)
        _check_parts(images, found)
        numbers, has_box = box_numbers(table, found.boxes)
        sure = whole_rows(numbers, has_box)
        form: BoxFormat = known_format(found.boxes, sure, table) if len(sure) else "xyxy"
        edges = edges_from(numbers, form)
        trial = _Trial(images, edges, has_box, is_round=form == "ball")
        unit = known_unit(found.boxes, sure, table, trial.share_inside) if len(sure) else "pixels"
        labels = _labels(found, has_box)
        boxed = tuple(
            BoxedImage(
                relative_name(image.place, found.tree.root),
                image.files,
                _given(image, edges, labels, has_box, unit=unit, is_round=form == "ball"),
            )
            for image in images
        )
        rows = {one.name: image.rows[0] for one, image in zip(boxed, images, strict=True)}
        roles = replace(found.roles, subgroups=_steady(images, found))
        return index_boxed(
            Boxed(
                root=path,
                layout="box-manifest",
                intro=_intro(found, form, unit),
                tree=found.tree,
                images=boxed,
                reason="columns of boxes",
                missing=missing,
                other={table.path: "the table of boxes"},
                otherwise="not named by the table",
                table=SideTable(table, roles, rows),
                notes=table.notes,
            ),
            options,
            progress,
        )


def _find(path: Path, options: IndexOptions) -> _Columns | None:
    """Return the table of a place and its columns, or None where it gives no boxes."""
    chosen = find_table(path, options)
    if chosen is None:
        return None
    table = read_table(chosen)
    boxes = find_box_columns(table, options)
    if boxes is None:
        return None
    # Beside a table that is given by itself may lie a whole home folder: only its rows count.
    tree = list_files(path) if path.is_dir() else Tree(path.parent, (), {}, {})
    name = find_path_column(table, options, _resolver(path, table, tree).leads)
    if not name or name in boxes.columns:
        return None
    label = _label_column(table, options, (name, *boxes.columns))
    roles = find_plain_roles(table, options, (name, *boxes.columns, *([label] * bool(label))))
    return _Columns(table, tree, name, boxes, label, roles)


def _resolver(path: Path, table: Table, tree: Tree) -> Resolver:
    folders = [table.path.parent, path] if path.is_dir() else [table.path.parent]
    return Resolver(folders, [file for file in tree.files if not is_table(file)])


def _label_column(table: Table, options: IndexOptions, taken: Sequence[str]) -> str:
    if len(options.label_column) > 1:
        raise LabelError(
            "Boxes have one column of labels.",
            got=", ".join(options.label_column),
            next="give one --label-column",
            where=table.path,
        )
    if options.label_column:
        return asked_column(table, options.label_column[0], "--label-column")
    by_simple = {simple_name(name): name for name in table.columns if name not in taken}
    usual = (*FIRST_LABEL_NAMES, *OTHER_LABEL_NAMES)
    return next((by_simple[name] for name in usual if name in by_simple), "")


def _follow(found: _Columns, path: Path) -> tuple[list[_Image], dict[str, str]]:
    """Return the images that the rows lead to, and rows that lead nowhere → why."""
    table = found.table
    resolver = _resolver(path, table, found.tree)
    decisions = table.column(found.roles.decision) if found.roles.decision else ()
    by_place: dict[Path, _Image] = {}
    missing: dict[str, str] = {}
    known: dict[str, Path | str] = {}
    for row, cell in enumerate(table.column(found.path)):
        if decisions and decisions[row].lower() == "drop":
            missing[f"{table.path.name}, line {table.lines[row]}: {cell}"] = "the table says drop"
            continue
        if cell not in known:
            known[cell] = "no path" if is_empty(cell) else resolver.find(cell)
        place = known[cell]
        if isinstance(place, str):
            missing[f"{table.path.name}, line {table.lines[row]}: {cell}"] = place
            continue
        image = by_place.get(place)
        if image is None:
            files = list_files(place).files if place.is_dir() else (place,)
            image = by_place[place] = _Image(place, files, [])
        image.rows.append(row)
    if not by_place or len(missing) > MISSING_SHARE * len(table):
        raise FileError(
            "The table names files that are not there.",
            got=f"{len(missing)} of {len(table)} rows, for example {'; '.join(list(missing)[:3])}",
            legal="paths from the table's folder, or absolute paths",
            next="move the table beside the images, or name the column with --column path=NAME",
            where=table.path,
        )
    return list(by_place.values()), missing


def _check_parts(images: Sequence[_Image], found: _Columns) -> None:
    """Refuse an image in two parts, or of two patients."""
    for name in (found.roles.split, found.roles.fold, found.roles.patient):
        cells = found.table.column(name) if name else ()
        for image in images if name else ():
            other = next((row for row in image.rows if cells[row] != cells[image.rows[0]]), None)
            if other is not None:
                lines = [found.table.lines[row] for row in (image.rows[0], other)]
                raise SplitError(
                    f'Two rows of one image differ in "{name}".',
                    got=f"lines {lines[0]} and {lines[1]}",
                    where=found.table.path,
                )


def _steady(images: Sequence[_Image], found: _Columns) -> tuple[str, ...]:
    """Return the subgroups that say something of an image, not of one of its boxes."""
    return tuple(
        name
        for name in found.roles.subgroups
        if (cells := found.table.column(name))
        and all(len({cells[row] for row in image.rows}) == 1 for image in images)
    )


def _labels(found: _Columns, has_box: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    if not found.label:
        return (ONE_LABEL,) * len(found.table)
    cells = found.table.column(found.label)
    bare = [row for row in np.flatnonzero(has_box).tolist() if is_empty(cells[row])]
    if bare:
        raise LabelError(
            "A box has no label.",
            got=f"{len(bare)} boxes, the first in line {found.table.lines[bare[0]]}",
            next=f'fill in "{found.label}", or name another column with --label-column',
            where=found.table.path,
        )
    return cells


def _given(
    image: _Image,
    edges: Edges,
    labels: Sequence[str],
    has_box: npt.NDArray[np.bool_],
    *,
    unit: Unit,
    is_round: bool,
) -> GivenBoxes:
    rows = [row for row in image.rows if has_box[row]]
    return GivenBoxes(edges[rows], tuple(labels[row] for row in rows), unit, is_round)


@dataclass(frozen=True, slots=True)
class _Trial:
    """Some images, by which pixels are told from mm."""

    images: Sequence[_Image]
    edges: Edges
    has_box: npt.NDArray[np.bool_]
    is_round: bool

    def share_inside(self, unit: Unit) -> float:
        """Return the share of boxes that lie in their image; NaN without an image in space."""
        filled = [image for image in self.images if self.has_box[image.rows].any()]
        tried = filled[:: max(1, len(filled) // MOST_TRIED)]
        headers = probe_files([file for one in tried for file in one.files], SILENT).headers
        inside: list[bool] = []
        blank = ("",) * len(self.edges)
        for image in tried:
            here = {file: headers[file] for file in image.files if file in headers}
            cases, _ = group_cases(here)
            if len(cases) != 1:
                continue
            try:
                geometry = image_geometry(cases[0])
            except InputError:
                continue  # told where the case is made
            if is_in_space(geometry):
                given = _given(
                    image, self.edges, blank, self.has_box, unit=unit, is_round=self.is_round
                )
                inside += _are_inside(given, cases[0].size, geometry)
        return float(np.mean(inside)) if inside else float("nan")


def _are_inside(given: GivenBoxes, size: Sequence[int], geometry: Geometry) -> list[bool]:
    """Return which boxes have their middle in the image."""
    try:
        middles = index_edges(given, size, geometry).mean(axis=2)
    except GeometryError:
        return []  # told where the case is made
    is_inside = ((middles > -0.5) & (middles < np.array(size) - 0.5)).all(axis=1)
    return [bool(one) for one in is_inside]


def _intro(found: _Columns, form: BoxFormat, unit: Unit) -> str:
    by = f'labels by "{found.label}"' if found.label else f'all called "{ONE_LABEL}"'
    return (
        f'a table ({found.table.path.name}) of boxes: images by "{found.path}", boxes as {form} '
        f"in {unit}, {by}"
    )
