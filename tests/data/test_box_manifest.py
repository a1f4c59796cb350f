from pathlib import Path

import numpy as np
import pytest

from scanwright.base import FileError, LabelError, SplitError
from scanwright.data import IndexOptions, index_data, read_case
from scanwright.image import BoxesTarget, Geometry, Image
from scanwright.io import write

from .box_builders import boxes_of, by_name
from .builders import make_png, make_table

HEADER = "path,xmin,ymin,xmax,ymax,label,patient,split,reader"
ROWS = (
    "a.png,1,2,4,6,mass,P1,train,one",
    "a.png,0,0,9,8,nodule,P1,train,two",
    "b.png,,,,,,P1,train,one",
    "c.png,1,1,2,2,mass,P2,test,one",
)


def make_boxes(root: Path, header: str = HEADER, rows: tuple[str, ...] = ROWS) -> None:
    for seed, name in enumerate(("a.png", "b.png", "c.png")):
        make_png(root / name, seed)
    make_table(root / "boxes.csv", header, rows)


def test_rows_of_one_image_are_its_boxes_and_an_empty_row_says_no_finding(tmp_path: Path) -> None:
    make_boxes(tmp_path)
    index = index_data(tmp_path)
    assert (index.layout, index.task.labels) == ("box-manifest", ("mass", "nodule"))
    cases = by_name(index)
    assert boxes_of(cases["a.png"]) == [
        ("mass", (1.5, 0.5), (5.5, 3.5)),
        ("nodule", (-0.5, -0.5), (7.5, 8.5)),
    ]
    assert cases["b.png"].target == BoxesTarget(())
    assert (cases["c.png"].patient, cases["c.png"].split) == ("P2", "test")
    assert 'patients by "patient", split by "split"' in index.described
    assert all("reader" not in entry.subgroups for entry in index.entries)


def test_the_table_may_be_given_by_itself_or_from_elsewhere(tmp_path: Path) -> None:
    make_boxes(tmp_path / "images")
    assert len(index_data(tmp_path / "images" / "boxes.csv")) == 3
    elsewhere = tmp_path / "t.csv"
    (tmp_path / "images" / "boxes.csv").rename(elsewhere)
    assert len(index_data(tmp_path / "images", IndexOptions(labels=elsewhere))) == 3


def test_without_a_label_column_every_box_is_a_finding(tmp_path: Path) -> None:
    make_boxes(tmp_path, "path,x,y,width,height", ("a.png,1,2,3,4", "b.png,,,,"))
    index = index_data(tmp_path)
    assert index.task.labels == ("finding",)
    assert boxes_of(index.entries[0]) == [("finding", (1.5, 0.5), (5.5, 3.5))]


def test_shares_are_told_by_their_values(tmp_path: Path) -> None:
    make_boxes(tmp_path, "path,cx,cy,w,h", ("a.png,0.5,0.5,1,1",))
    assert boxes_of(index_data(tmp_path).entries[0]) == [("finding", (-0.5, -0.5), (7.5, 8.5))]


def test_a_list_in_one_column_is_asked_about_and_read_as_said(tmp_path: Path) -> None:
    make_boxes(tmp_path, "path;bbox", ('a.png;"[1, 2, 5, 6]"', "b.png;"))
    with pytest.raises(LabelError, match="--boxes xyxy"):
        index_data(tmp_path)
    index = index_data(tmp_path, IndexOptions(box_format="xyxy"))
    assert boxes_of(index.entries[0]) == [("finding", (1.5, 0.5), (5.5, 4.5))]


def turned_volume(path: Path) -> Geometry:
    """Write a volume of 6 × 8 × 10 whose axes are turned by 20 degrees about x."""
    angle = np.deg2rad(20)
    columns = np.array(
        [[0, 0, 1.0], [-np.sin(angle), np.cos(angle), 0], [np.cos(angle), np.sin(angle), 0]]
    )
    geometry = Geometry((2.0, 1.0, 0.5), columns, (-50.0, 30.0, 700.0))
    array = np.random.default_rng(1).normal(size=(1, 6, 8, 10)).astype(np.float32)
    write(Image(array, geometry), path)
    return geometry


def test_balls_in_world_mm_lie_where_they_are_on_a_turned_volume(tmp_path: Path) -> None:
    geometry = turned_volume(tmp_path / "1.2.3.nii.gz")
    x, y, z = geometry.to_world((2.0, 3.0, 4.0))
    make_table(
        tmp_path / "annotations.csv",
        "seriesuid,coordX,coordY,coordZ,diameter_mm",
        [f"1.2.3,{x:.9f},{y:.9f},{z:.9f},3.0"],
    )
    (entry,) = index_data(tmp_path).entries
    ((_, low, high),) = boxes_of(entry)
    np.testing.assert_allclose(low, (2 - 0.75, 3 - 1.5, 4 - 3), atol=1e-4)  # NIfTI keeps floats
    np.testing.assert_allclose(high, (2 + 0.75, 3 + 1.5, 4 + 3), atol=1e-4)
    case = read_case(entry)
    np.testing.assert_allclose(case.image.geometry.to_world((2, 3, 4)), (x, y, z), atol=1e-4)


def test_pixels_and_mm_that_both_fit_are_asked_about_in_a_volume(tmp_path: Path) -> None:
    array = np.random.default_rng(1).normal(size=(1, 6, 8, 10)).astype(np.float32)
    write(Image(array, Geometry.axial((1.1, 1.1, 1.1))), tmp_path / "v.nii.gz")
    header = "path,xmin,ymin,zmin,xmax,ymax,zmax"
    make_table(tmp_path / "b.csv", header, ["v.nii.gz,1.5,1.5,1.5,3.5,3.5,3.5"])
    with pytest.raises(LabelError, match="--box-unit"):
        index_data(tmp_path)
    index = index_data(tmp_path, IndexOptions(box_unit="pixels"))
    assert boxes_of(index.entries[0])[0][1] == (1.0, 1.0, 1.0)
    index = index_data(tmp_path, IndexOptions(box_unit="mm"))
    np.testing.assert_allclose(boxes_of(index.entries[0])[0][1], (1.5 / 1.1,) * 3, atol=1e-5)


def test_mm_of_a_picture_without_size_leave_it_out_with_the_reason(tmp_path: Path) -> None:
    make_boxes(tmp_path, "path,xmin_mm,ymin_mm,xmax_mm,ymax_mm", ("a.png,1,2,3,4",))
    with pytest.raises(LabelError, match="no physical size"):
        index_data(tmp_path)


def test_a_box_without_a_label_and_rows_that_disagree_are_refused(tmp_path: Path) -> None:
    make_boxes(tmp_path, rows=(*ROWS, "c.png,1,1,3,3,,P2,test,two"))
    with pytest.raises(LabelError, match="line 6"):
        index_data(tmp_path)
    make_boxes(tmp_path, rows=(*ROWS, "c.png,1,1,3,3,mass,P2,train,two"))
    with pytest.raises(SplitError, match='differ in "split"'):
        index_data(tmp_path)


def test_files_that_are_not_there_are_told_and_too_many_refused(tmp_path: Path) -> None:
    make_boxes(tmp_path, rows=(*ROWS, "z.png,1,1,3,3,mass,P3,test,two"))
    assert [one.reason for one in index_data(tmp_path).skipped] == ["there is no such file"]
    make_boxes(tmp_path, rows=("a.png,1,2,4,6,mass,,,", *["z.png,1,2,4,6,mass,,,"] * 3))
    with pytest.raises(FileError, match="not there"):
        index_data(tmp_path, IndexOptions(path_column="path"))


def test_ten_thousand_rows_of_one_image_are_one_case(tmp_path: Path) -> None:
    rows = tuple(f"a.png,{n % 8},{n % 7},{n % 8 + 0.5},{n % 7 + 0.25}" for n in range(10_000))
    make_boxes(tmp_path, "path,xmin,ymin,xmax,ymax", rows)
    assert len(boxes_of(index_data(tmp_path).entries[0])) == 10_000


def test_a_table_of_classes_alone_is_no_detection(tmp_path: Path) -> None:
    make_boxes(tmp_path, "path,label", ("a.png,x", "b.png,y"))
    assert index_data(tmp_path).layout == "manifest"
    with pytest.raises(LabelError, match="no columns of boxes"):
        index_data(tmp_path, IndexOptions(task="detection"))
