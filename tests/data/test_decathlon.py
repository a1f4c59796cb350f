"""Folders of the Decathlon and nnU-Net's raw folders are read as they are."""

from pathlib import Path

import numpy as np
import pytest

from scanwright.base import LabelError
from scanwright.data import MaskReference, index_data, read_case
from scanwright.data.layouts.decathlon import Decathlon, stem_of
from scanwright.image import Image, MaskTarget, Modality
from tests.data.mask_builders import (
    SIZE,
    labels,
    make_decathlon,
    noise,
    present,
    put,
    put_json,
    put_png,
    volume,
)  # fmt: skip


def test_a_decathlon_folder_says_what_it_is(tmp_path: Path) -> None:
    index = index_data(make_decathlon(tmp_path))
    assert index.described == (
        "Medical Segmentation Decathlon folder (Organ): "
        "3 CT volumes with 2 outlined structures (organ, tumour)"
    )
    assert index.layout == "decathlon"
    assert index.task.kind == "segmentation"
    assert index.task.labels == ("organ", "tumour")
    assert index.task.scheme is not None
    assert index.task.scheme.values == ((1,), (2,))
    assert [entry.name for entry in index.entries] == ["organ_000", "organ_001", "organ_002"]
    assert {entry.modality for entry in index.entries} == {Modality.CT}
    assert present(index.entries[0]) == ("organ", "tumour")
    assert not index.skipped


def test_its_cases_are_read_with_their_masks(tmp_path: Path) -> None:
    case = read_case(index_data(make_decathlon(tmp_path)).entries[1])
    assert isinstance(case.target, MaskTarget)
    assert case.image.size == SIZE
    np.testing.assert_array_equal(case.target.labels.array[0], labels(1, 2))


def test_images_to_predict_are_no_cases(tmp_path: Path) -> None:
    make_decathlon(tmp_path)
    put(tmp_path / "imagesTs" / "organ_009.nii.gz", volume(9))
    index = index_data(tmp_path)
    assert len(index) == 3
    assert not index.unlabelled
    assert any("to predict" in one.reason for one in index.files.other)


def test_a_test_part_with_masks_is_the_test_part(tmp_path: Path) -> None:
    make_decathlon(tmp_path)
    put(tmp_path / "imagesTs" / "organ_009.nii.gz", volume(9))
    put(tmp_path / "labelsTs" / "organ_009.nii.gz", labels(1))
    entries = {entry.name: entry for entry in index_data(tmp_path).entries}
    assert entries["organ_009"].split == "test"
    assert entries["organ_000"].split == ""


def test_what_has_no_partner_is_told(tmp_path: Path) -> None:
    make_decathlon(tmp_path)
    put(tmp_path / "imagesTr" / "lonely.nii.gz", volume(8))
    put(tmp_path / "labelsTr" / "mask only.nii.gz", labels(1))
    (tmp_path / "labelsTr" / "organ_002.nii.gz").unlink()
    index = index_data(tmp_path)
    assert {entry.name for entry in index.unlabelled} == {"lonely", "organ_002"}
    told = {Path(one.source).name: one.reason for one in index.skipped}
    assert told == {
        "mask only.nii.gz": "no image of this name",
        "organ_002.nii.gz": "there is no such file",
    }


def test_channels_in_the_fourth_axis_get_their_names(tmp_path: Path) -> None:
    make_decathlon(tmp_path, 1, modality={"0": "FLAIR", "1": "T1w"})
    one = volume(0)
    both = Image(np.concatenate([one.array, one.array + 1]), one.geometry)
    put(tmp_path / "imagesTr" / "organ_000.nii.gz", both)
    entry = index_data(tmp_path).entries[0]
    assert entry.channels == 2
    assert entry.modality is Modality.MRI
    assert read_case(entry).image.channels == ("FLAIR", "T1w")


def test_the_wrong_number_of_channels_is_told(tmp_path: Path) -> None:
    make_decathlon(tmp_path, 2, modality={"0": "FLAIR", "1": "T1w"})
    with pytest.raises(LabelError, match=r"1 channels, not 2 \(FLAIR, T1w\)"):
        index_data(tmp_path)


def test_values_that_stand_for_nothing_are_told_with_their_file(tmp_path: Path) -> None:
    make_decathlon(tmp_path)
    put(tmp_path / "labelsTr" / "organ_001.nii.gz", labels(1, 2, 7))
    index = index_data(tmp_path)
    assert len(index) == 2
    assert "holds 7, which stands for nothing" in index.skipped[0].reason
    assert index.skipped[0].source.endswith("organ_001.nii.gz")


def test_partial_labels_are_refused_where_the_file_says_so(tmp_path: Path) -> None:
    make_decathlon(tmp_path)
    items = [
        {"image": f"imagesTr/organ_{n:03d}.nii.gz", "label": f"labelsTr/organ_{n:03d}.nii.gz"}
        for n in range(3)
    ]
    items[1]["labels"] = ["organ"]  # type: ignore[assignment]  # a list among strings
    make_decathlon(tmp_path, training=items)
    index = index_data(tmp_path)
    assert len(index) == 2
    assert "partial labels: only “organ”" in index.skipped[0].reason


def make_nnunet(root: Path, **more: object) -> Path:
    for number in range(2):
        for channel in range(2):
            name = f"case_{number:03d}_{channel:04d}.nii.gz"
            put(root / "imagesTr" / name, volume(10 * number + channel))
        put(root / "labelsTr" / f"case_{number:03d}.nii.gz", labels(1, 2, 3, 4))
    content = {
        "channel_names": {"0": "T1", "1": "T2"},
        "labels": {
            "background": 0,
            "whole": [1, 2, 3],
            "core": [2, 3],
            "enhancing": 3,
            "ignore": 4,
        },
        "regions_class_order": [1, 2, 3],
        "numTraining": 2,
        "file_ending": ".nii.gz",
    }
    put_json(root / "dataset.json", content | more)
    return root


def test_nnunet_folders_have_channels_regions_and_a_value_to_ignore(tmp_path: Path) -> None:
    index = index_data(make_nnunet(tmp_path))
    scheme = index.task.scheme
    assert scheme is not None
    assert scheme.names == ("whole", "core", "enhancing")
    assert scheme.values == ((1, 2, 3), (2, 3), (3,))
    assert scheme.ignore == 4
    assert not scheme.is_exclusive
    assert index.layout == "nnunet-raw"
    assert index.described.startswith("nnU-Net raw folder: 2 MRI volumes with 3 outlined")
    case = read_case(index.entries[0])
    assert case.image.channels == ("T1", "T2")
    assert index.entries[0].name == "case_000"
    assert len(index.entries[0].files) == 3


def test_overlapping_labels_need_the_order_of_regions(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="overlap"):
        index_data(make_nnunet(tmp_path, regions_class_order=None))
    with pytest.raises(LabelError, match="order of the regions"):
        index_data(make_nnunet(tmp_path, regions_class_order=[1, 2]))


def test_channels_on_different_grids_are_told_with_both(tmp_path: Path) -> None:
    make_nnunet(tmp_path)
    put(tmp_path / "imagesTr" / "case_001_0001.nii.gz", volume(3, (4, 8, 9)))
    index = index_data(tmp_path)
    assert len(index) == 1
    assert all("5 × 8 × 9" in one.reason and "4 × 8 × 9" in one.reason for one in index.skipped)


def test_colour_pictures_of_nnunet_are_three_channels(tmp_path: Path) -> None:
    put_png(tmp_path / "imagesTr" / "a_0000.png", np.stack([noise(1), noise(2), noise(3)]))
    put_png(tmp_path / "labelsTr" / "a.png", labels(1, size=(16, 18)))
    names = {"0": "R", "1": "G", "2": "B"}
    put_json(
        tmp_path / "dataset.json",
        {"channel_names": names, "labels": {"background": 0, "cell": 1}, "file_ending": ".png"},
    )
    index = index_data(tmp_path)
    assert index.described.startswith("nnU-Net raw folder: 1 image with 1 outlined structure")
    assert read_case(index.entries[0]).image.channels == ("R", "G", "B")
    assert isinstance(index.entries[0].target, MaskReference)


def test_a_folder_without_dataset_json_is_another_layout(tmp_path: Path) -> None:
    make_decathlon(tmp_path)
    (tmp_path / "dataset.json").unlink()
    from scanwright.data import IndexOptions

    assert Decathlon().recognises(tmp_path, IndexOptions()) is None
    assert index_data(tmp_path).layout == "mask-folders"


def test_stems_lose_their_ending_only() -> None:
    assert stem_of("a.b_0000.nii.gz", ".nii.gz") == "a.b_0000"
