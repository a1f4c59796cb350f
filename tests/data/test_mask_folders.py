"""Folders of images and masks are matched by name, whatever they are called."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from scanwright.base import LabelError
from scanwright.data import Index, IndexOptions, MaskReference, index_data, read_case
from scanwright.image import Geometry, MaskTarget
from tests.data.builders import make_table
from tests.data.mask_builders import (
    block,
    labels,
    make_folders,
    noise,
    present,
    put,
    put_json,
    put_png,
    volume,
)  # fmt: skip


def masked(index: Index, place: int = 0) -> np.ndarray:
    target = read_case(index.entries[place]).target
    assert isinstance(target, MaskTarget)
    return target.labels.array[0]


@pytest.mark.parametrize("value", [1, 255])
@pytest.mark.parametrize(
    "names", [("images", "masks"), ("imgs", "labels"), ("Scans", "Ground_Truth"), ("image", "seg")]
)
def test_black_and_white_masks_outline_one_structure(
    tmp_path: Path, value: int, names: tuple[str, str]
) -> None:
    index = index_data(make_folders(tmp_path, {"a": block(value), "b": block(value)}, names))
    assert index.layout == "mask-folders"
    assert index.task.labels == ("label 1",)
    assert f"({names[0]}/, {names[1]}/)" in index.described or names[0] > names[1]
    np.testing.assert_array_equal(masked(index), block(1))


def test_names_come_from_the_command_line(tmp_path: Path) -> None:
    make_folders(tmp_path, {"a": block()})
    assert index_data(tmp_path, IndexOptions(order=("lung",))).task.labels == ("lung",)
    with pytest.raises(LabelError, match="more or fewer names"):
        index_data(tmp_path, IndexOptions(order=("lung", "heart")))


def test_names_come_from_a_file_beside(tmp_path: Path) -> None:
    make_folders(tmp_path, {"a": labels(1, 2, size=(16, 18))})
    put_json(tmp_path / "labels.json", {"1": "lung", "2": "heart"})
    index = index_data(tmp_path)
    assert index.task.labels == ("lung", "heart")
    assert any(one.reason == "the names of the labels" for one in index.files.other)


def test_masks_with_grey_edges_are_cut_in_the_middle(tmp_path: Path) -> None:
    mask = block()
    mask[3, 5:12] = range(90, 160, 10)
    mask[9, 5:12] = (30, 60, 90, 120, 150, 180, 210)
    index = index_data(make_folders(tmp_path, {"a": mask}))
    np.testing.assert_array_equal(masked(index), mask >= 128)
    assert any("grey edges" in note for note in index.notes)


def test_jpeg_masks_are_black_and_white(tmp_path: Path) -> None:
    big = np.kron(block(), np.ones((4, 4), np.uint8)).astype(np.uint8)
    make_folders(tmp_path, {"a": big})
    (tmp_path / "masks" / "a.png").unlink()
    Picture.fromarray(big).save(tmp_path / "masks" / "a.jpg", quality=60)
    index = index_data(tmp_path)
    np.testing.assert_array_equal(masked(index), big > 0)


def test_colour_masks_are_refused_with_the_reason(tmp_path: Path) -> None:
    colour = np.zeros((3, 16, 18), np.uint8)
    colour[0, :5], colour[1, 7:] = 255, 128
    make_folders(tmp_path, {"a": block(), "b": colour})
    index = index_data(tmp_path)
    assert len(index) == 1
    assert "colour picture. (3 colours)" in index.skipped[0].reason


def test_grey_saved_as_colour_is_grey(tmp_path: Path) -> None:
    index = index_data(make_folders(tmp_path, {"a": np.stack([block()] * 3)}))
    np.testing.assert_array_equal(masked(index), block(1))


def test_an_image_among_the_masks_is_refused(tmp_path: Path) -> None:
    index = index_data(make_folders(tmp_path, {"a": block(), "b": noise(7)}))
    assert "it looks like an image" in index.skipped[0].reason


def test_parts_are_named_above_or_below(tmp_path: Path) -> None:
    for part in ("train", "val"):
        make_folders(tmp_path / "above" / part, {"a": block(), f"only {part}": block()})
    parts = [(one.name, one.split) for one in index_data(tmp_path / "above").entries]
    assert ("train/a", "train") in parts
    assert ("val/a", "validation") in parts
    for kind, made in (("images", noise(1)), ("masks", block())):
        put_png(tmp_path / "below" / kind / "test" / "x.png", made)
    assert index_data(tmp_path / "below").entries[0].split == "test"


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        ("ISIC_01.jpg.png", "ISIC_01.jpg_segmentation.png"),
        ("x_image.png", "x_mask.png"),
        ("x_0000.png", "x.png"),
        ("volume-3.png", "segmentation-3.png"),
        ("img0004.png", "label0004.png"),
        ("case 7.png", "case 7_seg.png"),
    ],
)
def test_names_may_bear_words_of_their_own(tmp_path: Path, image: str, mask: str) -> None:
    put_png(tmp_path / "images" / image, noise(0))
    put_png(tmp_path / "masks" / mask, block())
    put_png(tmp_path / "images" / "zz.png", noise(1))
    put_png(tmp_path / "masks" / "zz.png", block())
    assert len(index_data(tmp_path)) == 2


def test_what_has_no_partner_is_told(tmp_path: Path) -> None:
    make_folders(tmp_path, {"a": block(), "b": block()})
    put_png(tmp_path / "images" / "image only.png", noise(5))
    put_png(tmp_path / "masks" / "alone.png", block())
    put_png(tmp_path / "odd" / "c.png", noise(6))
    index = index_data(tmp_path)
    assert [entry.name for entry in index.unlabelled] == ["image only"]
    assert [Path(one.source).name for one in index.skipped] == ["alone.png"]
    assert "lies in no folder of images or masks" in {one.reason for one in index.files.other}


def test_a_table_beside_gives_sites_patients_and_folds(tmp_path: Path) -> None:
    make_folders(tmp_path, {name: block() for name in "abcd"})
    rows = [
        f"{name}.png,{'north' if name < 'c' else 'south'},p{name},{name > 'b':d}" for name in "abcd"
    ]
    make_table(tmp_path / "index.csv", "file,site,patient,fold", rows)
    index = index_data(tmp_path)
    assert [entry.site for entry in index.entries] == ["north", "north", "south", "south"]
    assert [entry.patient for entry in index.entries] == ["pa", "pb", "pc", "pd"]
    assert [entry.fold for entry in index.entries] == ["0", "0", "1", "1"]
    assert 'sites by "site"' in index.described


def test_a_table_of_labels_comes_first_unless_masks_are_asked_for(tmp_path: Path) -> None:
    make_folders(tmp_path, {name: block() for name in "abcd"})
    rows = [f"images/{name}.png,{'yes' if name < 'c' else 'no'}" for name in "abcd"]
    make_table(tmp_path / "labels.csv", "path,diagnosis", rows)
    assert index_data(tmp_path).task.kind == "classes"
    index = index_data(tmp_path, IndexOptions(task="segmentation"))
    assert index.task.kind == "segmentation"


def test_volumes_of_several_files_are_channels(tmp_path: Path) -> None:
    for case in ("p1", "p2"):
        for seed, kind in enumerate(("flair", "t1")):
            put(tmp_path / case / f"{case}_{kind}.nii.gz", volume(seed))
        put(tmp_path / case / f"{case}_seg.nii.gz", labels(1, 4))
    index = index_data(tmp_path)
    assert [entry.name for entry in index.entries] == ["p1", "p2"]
    assert read_case(index.entries[0]).image.channels == ("flair", "t1")
    assert index.task.labels == ("label 1", "label 4")


def test_masks_beside_their_images(tmp_path: Path) -> None:
    for number in range(3):
        put_png(tmp_path / f"{number}.png", noise(number))
        put_png(tmp_path / f"{number}_mask.png", block())
    index = index_data(tmp_path)
    assert index.described.startswith("images with masks beside them: 3 images")
    assert [entry.name for entry in index.entries] == ["0", "1", "2"]


def test_a_folder_for_each_case(tmp_path: Path) -> None:
    for number in range(2):
        put(tmp_path / f"patient {number}" / "image.nii.gz", volume(number))
        put(tmp_path / f"patient {number}" / "mask.nii.gz", labels(1))
    index = index_data(tmp_path)
    assert [entry.name for entry in index.entries] == ["patient 0", "patient 1"]


def test_several_masks_of_one_kind_are_united(tmp_path: Path) -> None:
    for number in range(2):
        put_png(tmp_path / f"{number}.png", noise(number))
        put_png(tmp_path / f"{number}_mask.png", block())
    other = np.zeros((16, 18), np.uint8)
    other[12:14, 2:4] = 255
    put_png(tmp_path / "1_mask_1.png", other)
    index = index_data(tmp_path)
    assert index.task.labels == ("label 1",)
    assert masked(index, 1).sum() == block(1).sum() + 4


def test_a_folder_for_each_structure(tmp_path: Path) -> None:
    for name in "ab":
        put_png(tmp_path / "images" / f"{name}.png", noise(ord(name)))
        put_png(tmp_path / "masks" / "lung" / f"{name}.png", block())
        put_png(tmp_path / "masks" / "heart" / f"{name}.png", np.roll(block(), 3, 1))
    index = index_data(tmp_path)
    assert index.task.labels == ("heart", "lung")
    assert index.task.scheme is not None
    assert not index.task.scheme.is_exclusive  # the two overlap
    assert present(index.entries[0]) == ("heart", "lung")
    (tmp_path / "masks" / "heart" / "b.png").unlink()
    told = index_data(tmp_path)
    assert len(told) == 1
    assert "partial labels: only “lung”" in told.skipped[0].reason


def test_a_folder_of_one_image_owns_its_masks(tmp_path: Path) -> None:
    for case in ("n1", "n2"):
        put_png(tmp_path / case / "images" / f"{case}.png", noise(ord(case[1])))
        for number in range(2):
            mask = np.roll(block(), 6 * number, 1)
            put_png(tmp_path / case / "masks" / f"object {number}.png", mask)
    index = index_data(tmp_path)
    assert len(index) == 2
    assert index.task.labels == ("label 1",)


def test_another_grid_is_told_with_both_and_resampled_by_flag(tmp_path: Path) -> None:
    for name in "ab":
        put(tmp_path / "images" / f"{name}.nii.gz", volume(ord(name)))
        put(tmp_path / "labels" / f"{name}.nii.gz", labels(1))
    apart = Geometry.axial((2.0, 1.0, 1.0), (0.0, 0.0, 4.0))
    put(tmp_path / "labels" / "b.nii.gz", labels(1), apart)
    index = index_data(tmp_path)
    assert len(index) == 1
    told = index.skipped[0].reason
    assert "mask 5 × 8 × 9 of 2 × 1 × 1 mm, axes SPL, origin (0, 0, 4)" in told
    assert "image 5 × 8 × 9 of 2 × 1 × 1 mm, axes SPL, origin (0, 0, 0)" in told
    assert any("--resample-masks" in note for note in index.notes)
    both = index_data(tmp_path, IndexOptions(resample_masks=True))
    assert len(both) == 2
    np.testing.assert_array_equal(masked(both, 1)[2:], labels(1)[:3])
    assert not masked(both, 1)[:2].any()


def test_when_no_mask_fits_it_is_an_error(tmp_path: Path) -> None:
    put_png(tmp_path / "images" / "a.png", noise(0))
    put_png(tmp_path / "masks" / "a.png", block(size=(18, 16)))
    with pytest.raises(LabelError, match=r"mask 18 × 16 pixels; image 16 × 18 pixels.*resample"):
        index_data(tmp_path)


def test_empty_masks_are_kept_and_noted(tmp_path: Path) -> None:
    index = index_data(make_folders(tmp_path, {"a": block(), "b": block(0)}))
    assert len(index) == 2
    assert "1 masks are empty: b" in index.notes
    with pytest.raises(LabelError, match="All masks are empty"):
        index_data(make_folders(tmp_path / "none", {"a": block(0)}))


def test_spoilt_masks_are_told(tmp_path: Path) -> None:
    broken = {"fraction": 0.5, "lost": np.nan}
    for name in ("good", *broken):
        put(tmp_path / "images" / f"{name}.nii.gz", volume(len(name)))
        mask = labels(1).astype(np.float32)
        mask[0, 0, 0] = broken.get(name, 0)
        put(tmp_path / "labels" / f"{name}.nii.gz", mask)
    index = index_data(tmp_path)
    told = {Path(one.source).name: one.reason for one in index.skipped}
    assert "no whole numbers" in told["fraction.nii.gz"]
    assert "not finite" in told["lost.nii.gz"]
    assert len(index) == 1


def test_a_mask_of_four_axes_is_told(tmp_path: Path) -> None:
    from scanwright.image import Image

    for name in "ab":
        put(tmp_path / "images" / f"{name}.nii.gz", volume(ord(name)))
        put(tmp_path / "labels" / f"{name}.nii.gz", labels(1))
    many = Image(np.stack([labels(1), labels(2)]), volume(0).geometry)
    put(tmp_path / "labels" / "b.nii.gz", many)
    index = index_data(tmp_path)
    assert "A label map has one channel. (2 channels)" in index.skipped[0].reason


def test_an_axis_of_length_one_fits_and_is_noted(tmp_path: Path) -> None:
    flat = volume(0, (1, 8, 9))
    put(tmp_path / "images" / "a.nii.gz", flat)
    put(tmp_path / "labels" / "a.nii.gz", labels(1, size=(1, 8, 9)))
    index = index_data(tmp_path)
    assert "1 images have an axis of length 1" in index.notes
    assert masked(index).shape == (1, 8, 9)


def test_text_beside_images_is_no_mask(tmp_path: Path) -> None:
    for name in "ab":
        put_png(tmp_path / "images" / f"{name}.png", noise(ord(name)))
        (tmp_path / "labels").mkdir(exist_ok=True)
        (tmp_path / "labels" / f"{name}.txt").write_text("0 0.5 0.5 0.1 0.1")
    with pytest.raises(LabelError):
        index_data(tmp_path, IndexOptions(task="segmentation"))


def test_every_entry_names_its_mask(tmp_path: Path) -> None:
    index = index_data(make_folders(tmp_path, {"a": block()}))
    target = index.entries[0].target
    assert isinstance(target, MaskReference)
    assert [file.name for file in target.files] == ["a.png"]
    assert index.files.used == 2
