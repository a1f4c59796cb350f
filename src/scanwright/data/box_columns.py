"""Which columns of a table give boxes, in which form and unit, and the boxes of its rows."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from scanwright.base import LabelError
from scanwright.data.box_given import Unit
from scanwright.data.columns import simple_name
from scanwright.data.index import IndexOptions
from scanwright.data.table import Table, is_empty
from scanwright.image import Edges

BoxFormat = Literal["xyxy", "xywh", "cxcywh", "ball"]
"""Low and high edges; low edges and sizes; centres and sizes; centres and one diameter."""
AXES = "xyz"
EDGE_FAMILIES = (
    ("{}min", "{}max"),
    ("min{}", "max{}"),
    ("{}1", "{}2"),
    ("{}0", "{}1"),
    ("{}start", "{}end"),
    ("{}tl", "{}br"),
)
"""How columns of low and high edges are called; {} is the axis."""
SIDES = (("left", "right"), ("top", "bottom"), ("front", "back"))
CENTRES = ("c{}", "{}c", "{}center", "{}centre", "center{}", "centre{}", "{}mid")
LOWS = ("{}", "{}min", "min{}", "{}1", "{}0")
SIZES = (("width", "height", "depth"), ("w", "h", "d"), ("xsize", "ysize", "zsize"))
BALL_CENTRES = ("coord{}", "center{}", "centre{}", "c{}", "{}")
DIAMETERS = ("diameter", "diam")
LISTS = ("bbox", "box", "boundingbox", "bboxes", "coordinates")
"""How a column is called that holds all numbers of a box."""
BOX_WORD = re.compile(r"^(?:boundingbox|bbox|box)|(?:boundingbox|bbox|box)$")
UNIT_WORDS: dict[str, Unit] = {
    "mm": "mm", "px": "pixels", "pixels": "pixels", "norm": "shares", "normalized": "shares",
    "normalised": "shares", "rel": "shares",
}  # fmt: skip
"""Word at the end of a column's name → unit."""
HIGHEST_SHARE = 1.5
"""Numbers with fractions up to this are shares of the image's size."""
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BoxColumns:
    """The columns of boxes of a table.

    Parameters
    ----------
    format
        What they hold; None for one column of lists whose form is not told.
    columns
        In the order of the format, x before y before z; or the one column of lists.
    unit
        None where names do not tell it.
    """

    format: BoxFormat | None
    columns: tuple[str, ...]
    unit: Unit | None = None


def find_box_columns(table: Table, options: IndexOptions) -> BoxColumns | None:
    """Return the columns of boxes, or None where there are none."""
    named: dict[str, tuple[str, Unit | None]] = {}
    for column in table.columns:
        word, unit = _plain(column)
        named.setdefault(word, (column, unit))
    found = next((one for find in FINDERS if (one := find(named)) is not None), None)
    found = found or _list_column(table)
    if found is None:
        return None
    asked_format = None if options.box_format == "auto" else options.box_format
    asked_unit = None if options.box_unit == "auto" else options.box_unit
    if found.format != "ball" and asked_format:
        found = replace(found, format=asked_format)
    return replace(found, unit=asked_unit or found.unit)


def box_numbers(table: Table, found: BoxColumns) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Return the numbers of all rows, shape (N, columns), and which rows have a box, shape (N,).

    A cell that is no number gives NaN.
    """
    cells = [table.column(name) for name in found.columns]
    has_box = np.array([not all(map(is_empty, row)) for row in zip(*cells, strict=True)])
    if len(cells) == 1:
        rows = [_floats(cell) for cell in cells[0]]
        width = max(map(len, rows))
        rows = [row if len(row) == width else [float("nan")] * width for row in rows]
        return np.array(rows, dtype=np.float64).reshape(len(rows), width), has_box
    numbers = np.array([[_float(cell) for cell in column] for column in cells], dtype=np.float64)
    return numbers.T, has_box


def known_format(found: BoxColumns, numbers: Numbers, table: Table) -> BoxFormat:
    """Return the form of the boxes, by the names of the columns or else by the values.

    Raises
    ------
    LabelError
        Several forms fit.
    """
    if found.format is not None:
        return found.format
    rank = numbers.shape[1] // 2
    first, second = numbers[:, :rank], numbers[:, rank:]
    is_ordered = bool((second > first).all())
    if not is_ordered and bool((first < second / 2).any()):
        return "xywh"
    raise LabelError(
        "It cannot be told how the table gives its boxes.",
        got=f'"{found.columns[0]}", for example {", ".join(f"{one:g}" for one in numbers[0])}',
        legal="edges (xyxy), low corner and size (xywh), or centre and size (cxcywh)",
        next="say it with --boxes xyxy, --boxes xywh or --boxes cxcywh",
        where=table.path,
    )


def known_unit(
    found: BoxColumns, numbers: Numbers, table: Table, fits: Callable[[Unit], float]
) -> Unit:
    """Return the unit of the boxes, by the names of the columns or else by the values.

    Parameters
    ----------
    fits
        Share of the boxes that lie in their images in a unit; NaN where no image has a place in
        space.

    Raises
    ------
    LabelError
        Several units fit, or none does.
    """
    if found.unit is not None:
        return found.unit
    is_whole = bool((numbers == np.round(numbers)).all())
    highest = float(np.abs(numbers).max(initial=0.0))
    if highest <= HIGHEST_SHARE and not is_whole:
        return "shares"
    if highest <= 1:
        raise _unknown_unit(table, "no number is beyond 1", "shares and pixels")
    if is_whole and numbers.min() >= 0:
        return "pixels"
    in_mm = fits("mm")
    if np.isnan(in_mm):
        return "pixels"
    in_pixels = fits("pixels")
    if (in_pixels >= MOST) != (in_mm >= MOST):
        return "mm" if in_mm >= MOST else "pixels"
    shares = f"{in_pixels:.0%} lie in their image as pixels, {in_mm:.0%} as mm"
    raise _unknown_unit(table, shares, "pixels and mm")


MOST = 0.9
"""Share of the boxes that lie in their image from which on a unit fits."""


def edges_from(numbers: Numbers, form: BoxFormat) -> Edges:
    """Return the edges, slow → fast, shape (N, D, 2), of boxes given as numbers, x before y.

    >>> edges_from(np.array([[2.0, 1.0, 3.0, 4.0]]), "xywh").tolist()
    [[[1.0, 5.0], [2.0, 5.0]]]
    """
    if form == "ball":
        centre, half = numbers[:, :-1], numbers[:, -1:] / 2
        low, high = centre - half, centre + half
    else:
        rank = numbers.shape[1] // 2
        first, second = numbers[:, :rank], numbers[:, rank:]
        low, high = {
            "xyxy": (first, second),
            "xywh": (first, first + second),
            "cxcywh": (first - second / 2, first + second / 2),
        }[form]
    return np.stack([low[:, ::-1], high[:, ::-1]], axis=2)


def _unknown_unit(table: Table, got: str, units: str) -> LabelError:
    return LabelError(
        f"It cannot be told whether the boxes are in {units.replace(' and ', ' or ')}.",
        got=got,
        next="say it with --box-unit pixels, --box-unit shares or --box-unit mm",
        where=table.path,
    )


def _plain(column: str) -> tuple[str, Unit | None]:
    """Return a column's name without words for boxes and units, and the unit it names."""
    word = BOX_WORD.sub("", simple_name(column)) or simple_name(column)
    for end, unit in UNIT_WORDS.items():
        if word.endswith(end) and len(word) > len(end):
            return word.removesuffix(end), unit
    return word, None


Named = dict[str, tuple[str, Unit | None]]


def _edges(named: Named) -> BoxColumns | None:
    sides = [(SIDES[axis][0], SIDES[axis][1]) for axis in range(3)]
    for axes in (3, 2):
        families = [[(a.format(x), b.format(x)) for x in AXES[:axes]] for a, b in EDGE_FAMILIES]
        for family in (*families, sides[:axes]):
            words = [low for low, _ in family] + [high for _, high in family]
            if found := _all_of(named, words, "xyxy"):
                return found
    return None


def _sizes(named: Named) -> BoxColumns | None:
    lefts = tuple(low for low, _ in SIDES)
    for axes in (3, 2):
        forms = [("cxcywh", [one.format(x) for x in AXES[:axes]]) for one in CENTRES]
        forms += [("xywh", [one.format(x) for x in AXES[:axes]]) for one in LOWS]
        forms.append(("xywh", list(lefts[:axes])))
        for form, words in forms:
            for sizes in SIZES:
                wanted = [*words, *sizes[:axes]]
                if found := _all_of(named, wanted, "cxcywh" if form == "cxcywh" else "xywh"):
                    return found
    return None


def _balls(named: Named) -> BoxColumns | None:
    for axes in (3, 2):
        for centre in BALL_CENTRES:
            for diameter in DIAMETERS:
                words = [*(centre.format(x) for x in AXES[:axes]), diameter]
                found = _all_of(named, words, "ball")
                if found is None:
                    continue
                # LUNA16's coordX and the like are mm though only the diameter says so.
                return replace(found, unit="mm" if centre == "coord{}" else found.unit)
    return None


FINDERS: tuple[Callable[[Named], BoxColumns | None], ...] = (_edges, _sizes, _balls)


def _all_of(named: Named, words: Iterable[str], form: BoxFormat) -> BoxColumns | None:
    """Return the columns by some words, if there are all of them."""
    columns = [named[word] for word in words if word in named]
    if len(columns) < len(list(words)):
        return None
    units = {unit for _, unit in columns if unit is not None}
    return BoxColumns(form, tuple(name for name, _ in columns), units.pop() if units else None)


def _list_column(table: Table) -> BoxColumns | None:
    """Return a column whose cells each hold four or six numbers."""
    for column in table.columns:
        if simple_name(column) not in LISTS:
            continue
        counts = {len(_floats(cell)) for cell in table.column(column) if not is_empty(cell)}
        if counts and counts <= {4, 6} and len(counts) == 1:
            return BoxColumns(None, (column,))
    return None


def _floats(cell: str) -> list[float]:
    return [float(word) for word in NUMBER.findall(cell)]


def _float(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def whole_rows(numbers: Numbers, has_box: Sequence[bool] | npt.NDArray[np.bool_]) -> Numbers:
    """Return the rows that hold a box of finite numbers, which can tell its form and unit."""
    kept: Numbers = numbers[np.asarray(has_box) & np.isfinite(numbers).all(axis=1)]
    return kept
