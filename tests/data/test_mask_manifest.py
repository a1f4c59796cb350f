"""Tables name images and their masks, one column of masks for label maps or one each."""

from pathlib import Path

import numpy as np
import pytest

from scanwright.base import FileError, LabelError, RecipeError
from scanwright.data import IndexOptions, index_data, read_case
from scanwright.image import Image, MaskTarget
from scanwright.io import read_series
from tests.data.builders import make_series, make_table
from tests.data.mask_builders import block, labels, noise, put, put_json, put_png, volume


def make_pairs(root: Path, names: str = "abcd") -> list[str]:
    for name in names:
        put_png(root / "x" / f"{name}.png", noise(ord(name)))
        put_png(root / "y" / f"{name} drawn.png", block())
    return [f"x/{name}.png,y/{name} drawn.png" for name in names]


@pytest.mark.parametrize("column", ["mask", "mask_path", "Segmentation", "label", "seg_file"])
def test_a_column_of_masks(tmp_path: Path, column: str) -> None:
    rows = [f"{row},p{number // 2}" for number, row in enumerate(make_pairs(tmp_path))]
    make_table(tmp_path / "table.csv", f"path,{column},patient", rows)
    index = index_data(tmp_path)
    assert index.layout == "mask-manifest"
    assert index.task.kind == "segmentation"
    assert [entry.patient for entry in index.entries] == ["p0", "p0", "p1", "p1"]
    assert f'masks by "{column}"' in index.described
    assert 'patients by "patient"' in index.described
    target = read_case(index.entries[0]).target
    assert isinstance(target, MaskTarget)
    np.testing.assert_array_equal(target.labels.array[0], block(1))


def test_a_table_by_itself(tmp_path: Path) -> None:
    table = make_table(tmp_path / "table.csv", "image,mask", make_pairs(tmp_path))
    assert len(index_data(table)) == 4


def test_several_columns_outline_one_structure_each(tmp_path: Path) -> None:
    rows = make_pairs(tmp_path)
    for name in "abcd":
        put_png(tmp_path / "z" / f"{name}.png", np.roll(block(), 8, 0))
    rows = [f"{row},z/{name}.png" for row, name in zip(rows, "abcd", strict=True)]
    table = make_table(tmp_path / "table.csv", "path,mask_lung,heart mask", rows)
    index = index_data(tmp_path)
    assert index.task.labels == ("heart", "lung")
    assert index.task.scheme is not None
    assert index.task.scheme.is_exclusive
    target = read_case(index.entries[0]).target
    assert isinstance(target, MaskTarget)
    assert sorted(np.unique(target.labels.array)) == [0, 1, 2]
    rows[1] = rows[1].rpartition(",")[0] + ","
    make_table(table, "path,mask_lung,heart mask", rows)
    told = index_data(tmp_path)
    assert len(told) == 3
    assert "partial labels: only “lung”" in told.skipped[0].reason


def test_columns_may_be_named(tmp_path: Path) -> None:
    make_table(tmp_path / "table.csv", "one,two", make_pairs(tmp_path))
    options = IndexOptions(path_column="one", mask_column=("two",))
    assert len(index_data(tmp_path, options)) == 4
    with pytest.raises(RecipeError, match="tow"):
        index_data(tmp_path, IndexOptions(path_column="one", mask_column=("tow",)))


def test_a_usual_label_comes_first_unless_masks_are_asked_for(tmp_path: Path) -> None:
    rows = [f"{row},{'yes' if n < 2 else 'no'}" for n, row in enumerate(make_pairs(tmp_path))]
    make_table(tmp_path / "table.csv", "path,mask,label", rows)
    assert index_data(tmp_path).task.kind == "classes"
    assert index_data(tmp_path, IndexOptions(task="segmentation")).task.kind == "segmentation"


def test_without_a_column_of_masks_segmentation_is_refused(tmp_path: Path) -> None:
    rows = [row.split(",")[0] + ",yes" for row in make_pairs(tmp_path)]
    make_table(tmp_path / "table.csv", "path,label", rows)
    with pytest.raises(LabelError, match="No column of the table leads to masks"):
        index_data(tmp_path, IndexOptions(task="segmentation"))


def test_a_series_and_its_label_map(tmp_path: Path) -> None:
    for number in range(2):
        files = make_series(tmp_path / "ct" / f"s{number}", number, f"p{number}")
        image = read_series(files)
        mask = np.zeros(image.array.shape, np.uint8)
        mask[0, 1, 2:5, 3:6] = 1
        # A converter turns axes: the label map is the same mask read from another corner.
        turned = Image(mask, image.geometry).flipped(1).flipped(0)
        put(tmp_path / "masks" / f"{number}.nii.gz", turned)
    rows = [f"ct/s{number},masks/{number}.nii.gz" for number in range(2)]
    make_table(tmp_path / "table.csv", "path,mask", rows)
    index = index_data(tmp_path)
    assert [entry.patient for entry in index.entries] == ["p0", "p1"]
    case = read_case(index.entries[0])
    assert isinstance(case.target, MaskTarget)
    assert case.target.labels.geometry == case.image.geometry
    assert np.argwhere(case.target.labels.array[0]).min(axis=0).tolist() == [1, 2, 3]


def test_rows_that_lead_nowhere_are_told(tmp_path: Path) -> None:
    rows = make_pairs(tmp_path)
    rows[0] = rows[0].replace("drawn", "gone")
    rows[1] = rows[1].replace("x/b", "x/gone")
    rows[2] = rows[2].partition(",")[0] + ","
    table = make_table(tmp_path / "table.csv", "path,mask", rows)
    index = index_data(tmp_path)
    assert [entry.name for entry in index.entries] == ["x/d"]
    assert [entry.name for entry in index.unlabelled] == ["x/c"]
    assert len(index.skipped) == 2
    make_table(table, "path,mask", [row.replace("x/", "gone ") for row in rows[1:3]] + rows[3:])
    with pytest.raises(FileError, match="not there"):
        index_data(tmp_path, IndexOptions(path_column="path", mask_column=("mask",)))


def test_two_masks_of_one_image_are_refused(tmp_path: Path) -> None:
    rows = make_pairs(tmp_path)
    make_table(tmp_path / "table.csv", "path,mask", [*rows, rows[0]])
    assert len(index_data(tmp_path)) == 4
    make_table(tmp_path / "table.csv", "path,mask", [*rows, "x/a.png,y/b drawn.png"])
    with pytest.raises(LabelError, match="lines 2 and 6"):
        index_data(tmp_path)


def test_rows_to_drop_are_dropped(tmp_path: Path) -> None:
    rows = [f"{row},{'drop' if n == 1 else 'keep'}" for n, row in enumerate(make_pairs(tmp_path))]
    make_table(tmp_path / "table.csv", "path,mask,decision", rows)
    index = index_data(tmp_path)
    assert len(index) == 3
    assert index.skipped[0].reason == "the table says drop"


def test_names_lie_beside_the_table(tmp_path: Path) -> None:
    put(tmp_path / "a.nii.gz", volume(1))
    put(tmp_path / "drawn.nii.gz", labels(1, 2))
    put_json(tmp_path / "labels.json", {"liver": 1, "tumour": 2})
    make_table(tmp_path / "table.csv", "path,mask", ["a.nii.gz,drawn.nii.gz"])
    assert index_data(tmp_path).task.labels == ("liver", "tumour")


def test_the_name_of_a_class_is_no_mask_though_a_folder_bears_it(tmp_path: Path) -> None:
    for label in ("benign", "malignant"):
        for number in range(2):
            put_png(tmp_path / label / f"{number}.png", noise(number + len(label)))
    rows = [f"{label}/{n}.png,{label}" for label in ("benign", "malignant") for n in range(2)]
    make_table(tmp_path / "table.csv", "path,label", rows)
    assert index_data(tmp_path).task.kind == "classes"


def test_the_number_of_a_class_is_no_mask_though_an_image_bears_it(tmp_path: Path) -> None:
    for number in range(8):
        put_png(tmp_path / f"{number}.png", noise(number))
    make_table(tmp_path / "table.csv", "path,label", [f"{n}.png,{n % 2}" for n in range(8)])
    assert index_data(tmp_path).task.kind == "classes"
