from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from scanwright.base import LabelError
from scanwright.data import IndexOptions
from scanwright.data.box_columns import (
    BoxColumns,
    box_numbers,
    edges_from,
    find_box_columns,
    known_format,
    known_unit,
    whole_rows,
)
from scanwright.data.table import Table

AUTO = IndexOptions()
NAN = float("nan")


def table(columns: str, *rows: str) -> Table:
    cells = tuple(tuple(row.split(";")) for row in rows)
    return Table(Path("t.csv"), tuple(columns.split(";")), cells, tuple(range(2, 2 + len(rows))))


@pytest.mark.parametrize(
    ("columns", "form", "found"),
    [
        ("path;xmin;ymin;xmax;ymax", "xyxy", "xmin;ymin;xmax;ymax"),
        ("filename;width;height;class;xmin;ymin;xmax;ymax", "xyxy", "xmin;ymin;xmax;ymax"),
        ("image_id;x_min;y_min;x_max;y_max", "xyxy", "x_min;y_min;x_max;y_max"),
        ("path;x1;x2;y1;y2", "xyxy", "x1;y1;x2;y2"),
        ("path;x0;y0;x1;y1", "xyxy", "x0;y0;x1;y1"),
        ("path;left;top;right;bottom", "xyxy", "left;top;right;bottom"),
        ("path;bbox_x1;bbox_y1;bbox_x2;bbox_y2", "xyxy", "bbox_x1;bbox_y1;bbox_x2;bbox_y2"),
        ("p;xmin;ymin;zmin;xmax;ymax;zmax", "xyxy", "xmin;ymin;zmin;xmax;ymax;zmax"),
        ("patientId;x;y;width;height;Target", "xywh", "x;y;width;height"),
        ("Image Index;Finding Label;Bbox [x;y;w;h]", "xywh", "Bbox [x;y;w;h]"),
        ("p;x;y;z;width;height;depth", "xywh", "x;y;z;width;height;depth"),
        ("p;left;top;width;height", "xywh", "left;top;width;height"),
        ("p;cx;cy;w;h", "cxcywh", "cx;cy;w;h"),
        ("p;x_center;y_center;width;height", "cxcywh", "x_center;y_center;width;height"),
        ("seriesuid;coordX;coordY;coordZ;diameter_mm", "ball", "coordX;coordY;coordZ;diameter_mm"),
    ],
)
def test_usual_names_are_known(columns: str, form: str, found: str) -> None:
    made = find_box_columns(table(columns), AUTO)
    assert made is not None
    assert (made.format, made.columns) == (form, tuple(found.split(";")))


@pytest.mark.parametrize(
    "columns", ["path;label", "path;width;height", "path;x;y", "path;xmin;ymin;xmax"]
)
def test_without_all_columns_there_are_no_boxes(columns: str) -> None:
    assert find_box_columns(table(columns), AUTO) is None


@pytest.mark.parametrize(
    ("columns", "unit"),
    [
        ("xmin_mm;ymin_mm;xmax_mm;ymax_mm", "mm"),
        ("coordX;coordY;coordZ;diameter_mm", "mm"),
        ("xmin_norm;ymin_norm;xmax_norm;ymax_norm", "shares"),
        ("xmin;ymin;xmax;ymax", None),
    ],
)
def test_names_tell_units(columns: str, unit: str | None) -> None:
    made = find_box_columns(table(columns), AUTO)
    assert made is not None
    assert made.unit == unit


def test_what_is_asked_for_goes_before_names() -> None:
    options = IndexOptions(box_format="cxcywh", box_unit="mm")
    made = find_box_columns(table("x;y;width;height"), options)
    assert made == BoxColumns("cxcywh", ("x", "y", "width", "height"), "mm")


def test_empty_rows_have_no_box_and_words_are_no_numbers() -> None:
    numbers, has_box = box_numbers(
        table("xmin;ymin;xmax;ymax", "1;2;3;4", ";;;", "1;two;3;4"),
        BoxColumns("xyxy", ("xmin", "ymin", "xmax", "ymax")),
    )
    assert has_box.tolist() == [True, False, True]
    np.testing.assert_array_equal(numbers[[0, 2]], [[1, 2, 3, 4], [1, NAN, 3, 4]])
    assert whole_rows(numbers, has_box).tolist() == [[1, 2, 3, 4]]


@pytest.mark.parametrize(
    ("form", "numbers", "edges"),
    [
        ("xyxy", [1, 2, 4, 8], [[2, 8], [1, 4]]),
        ("xywh", [1, 2, 4, 8], [[2, 10], [1, 5]]),
        ("cxcywh", [1, 2, 4, 8], [[-2, 6], [-1, 3]]),
        ("ball", [1, 2, 3, 4], [[1, 5], [0, 4], [-1, 3]]),
        ("xyxy", [1, 2, 3, 4, 5, 6], [[3, 6], [2, 5], [1, 4]]),
    ],
)
def test_every_form_becomes_edges_from_slow_to_fast(
    form: str, numbers: list[float], edges: list[list[float]]
) -> None:
    made = edges_from(np.array([numbers], dtype=np.float64), form)  # type: ignore[arg-type]  # words
    assert made[0].tolist() == edges


@pytest.mark.parametrize("cells", [("[1, 20, 30, 40]",), ("[30, 40, 9, 8]",)])
def test_a_column_of_lists_is_asked_about_where_several_forms_fit(cells: Sequence[str]) -> None:
    made = table("bbox", *cells)
    found = find_box_columns(made, AUTO)
    assert found is not None
    numbers, _ = box_numbers(made, found)
    with pytest.raises(LabelError, match="--boxes xyxy, --boxes xywh or --boxes cxcywh"):
        known_format(found, numbers, made)


def test_a_list_whose_size_is_below_its_corner_and_above_its_double_is_a_corner_and_a_size() -> (
    None
):
    made = table("bbox", "[30.5, 4, 9, 80]")
    found = find_box_columns(made, AUTO)
    assert found is not None
    assert known_format(found, box_numbers(made, found)[0], made) == "xywh"


@pytest.mark.parametrize(
    ("numbers", "in_pixels", "in_mm", "unit"),
    [
        ([0.1, 0.2, 0.5, 1.0], 1.0, 1.0, "shares"),
        ([1, 2, 3, 40], 1.0, 1.0, "pixels"),
        ([1.5, 2, 3, 40], NAN, NAN, "pixels"),
        ([1.5, 2, 3, 40], 1.0, 0.2, "pixels"),
        ([-100.5, 2, 3, 40], 0.0, 1.0, "mm"),
        ([-100, 2, 3, 40], 0.0, 1.0, "mm"),
        ([1.5, 2, 3, 40], 1.0, 1.0, "pixels or mm"),
        ([1.5, 2, 3, 4000], 0.1, 0.1, "pixels or mm"),
        ([0, 0, 1, 1], 1.0, 1.0, "shares or pixels"),
    ],
)
def test_values_tell_the_unit_or_it_is_asked_for(
    numbers: list[float], in_pixels: float, in_mm: float, unit: str
) -> None:
    made, found = table("xmin"), BoxColumns("xyxy", ("xmin",))
    shares = {"pixels": in_pixels, "mm": in_mm}
    array = np.array([numbers], dtype=np.float64)
    if " or " not in unit:
        assert known_unit(found, array, made, lambda one: shares[one]) == unit
        return
    with pytest.raises(LabelError, match=f"in {unit}") as caught:
        known_unit(found, array, made, lambda one: shares[one])
    assert "--box-unit" in str(caught.value)
