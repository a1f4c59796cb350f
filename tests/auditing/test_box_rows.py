from pathlib import Path

from scanwright.auditing import examine, propose_table, take_survey
from scanwright.auditing.box_rows import box_heads, box_rows
from scanwright.data import IndexOptions, index_data
from tests.data.box_builders import make_coco
from tests.data.builders import made_entry


def test_a_proposed_table_is_read_back_to_the_same_boxes(tmp_path: Path) -> None:
    boxes = {
        "a.png": [("mass", 0.3, 1.7, 2.123456789, 4), ("nodule", 0, 0, 9, 8)],
        "b.png": [],
        "c.png": [("mass", 1, 1, 1, 1)],
    }
    make_coco(tmp_path / "set", boxes)
    index = index_data(tmp_path / "set")
    table = tmp_path / "proposed.csv"
    table.write_text(propose_table(index, examine(take_survey(index, does_compare=False))))
    again = index_data(tmp_path / "set", IndexOptions(labels=table))
    assert again.layout == "box-manifest"
    assert again.task.labels == index.task.labels
    assert [one.target for one in again.entries] == [one.target for one in index.entries]


def test_without_boxes_there_are_no_columns_and_a_case_without_has_an_empty_row() -> None:
    assert box_heads([made_entry(0)]) == ()
    rows = list(box_rows(made_entry(0), ("xmin_px", "xmax_px")))
    assert rows == [{"xmin_px": "", "xmax_px": "", "label": ""}]
