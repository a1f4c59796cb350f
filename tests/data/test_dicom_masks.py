"""Trees of DICOM series with segmentations, or with label maps beside their files."""

from pathlib import Path

import numpy as np

from scanwright.data import index_data, read_case
from scanwright.image import Geometry, Image, MaskTarget, Modality
from scanwright.io import read_series, write_dicom
from tests.data.builders import dicom_tags, make_series, pixels
from tests.data.mask_builders import present, put, put_json
from tests.data.seg_builders import make_flat_seg, make_seg, stack


def test_segmentations_find_their_series(tmp_path: Path) -> None:
    for seed, name in enumerate(("a", "b")):
        make_seg(tmp_path, name, {"liver": stack((1, 0)), "tumour": stack((1, 4))}, seed)
    index = index_data(tmp_path)
    assert index.layout == "dicom-masks"
    assert index.described == (
        "a DICOM tree with DICOM segmentations: "
        "2 CT volumes with 2 outlined structures (liver, tumour)"
    )
    assert [entry.name for entry in index.entries] == ["a", "b"]
    assert [entry.patient for entry in index.entries] == ["patient of a", "patient of b"]
    assert present(index.entries[0]) == ("liver", "tumour")
    assert index.files.used == 8
    case = read_case(index.entries[1])
    assert isinstance(case.target, MaskTarget)
    assert case.target.labels.geometry == case.image.geometry
    np.testing.assert_array_equal(case.target.labels.array[0], stack((1, 0)) + 2 * stack((1, 4)))


def test_segments_that_overlap_are_regions(tmp_path: Path) -> None:
    organ, lesion = stack((1, 0), (1, 3)), stack((1, 1))
    make_seg(tmp_path, "a", {"organ": organ, "lesion": lesion})
    index = index_data(tmp_path)
    scheme = index.task.scheme
    assert scheme is not None
    assert not scheme.is_exclusive
    target = read_case(index.entries[0]).target
    assert isinstance(target, MaskTarget)
    for name, drawn in (("organ", organ), ("lesion", lesion)):
        values = scheme.values[scheme.names.index(name)]
        np.testing.assert_array_equal(np.isin(target.labels.array[0], values), drawn > 0)


def test_a_segment_that_is_not_there_is_noted(tmp_path: Path) -> None:
    make_seg(tmp_path, "a", {"liver": stack((1, 0)), "tumour": stack((1, 4))}, 1)
    make_seg(tmp_path, "b", {"liver": stack((1, 0))}, 2)
    index = index_data(tmp_path)
    assert present(index.entries[1]) == ("liver",)
    assert any("1 of 2 series lack a segment" in note for note in index.notes)


def test_a_segmentation_without_its_series_is_told(tmp_path: Path) -> None:
    make_seg(tmp_path, "a", {"liver": stack((1, 0))}, 1)
    make_seg(tmp_path, "b", {"liver": stack((1, 0))}, 2)
    for file in (tmp_path / "b").iterdir():
        file.unlink()
    index = index_data(tmp_path)
    assert len(index) == 1
    assert index.skipped[0].reason == "a segmentation of a series that is not here"


def test_label_maps_beside_the_files_of_a_series(tmp_path: Path) -> None:
    for number in range(2):
        folder = tmp_path / f"p{number}"
        image = read_series(make_series(folder, number, f"patient {number}"))
        put(folder / "mask.nii.gz", Image(2 * stack((1, number))[None], image.geometry).flipped(1))
    put_json(tmp_path / "labels.json", {"2": "spleen", "1": "liver"})
    index = index_data(tmp_path)
    assert "label maps beside the series" in index.described
    assert index.task.labels == ("spleen", "liver")
    assert present(index.entries[0]) == ("spleen",)
    target = read_case(index.entries[1]).target
    assert isinstance(target, MaskTarget)
    np.testing.assert_array_equal(target.labels.array[0], 2 * stack((1, 1)))


def test_a_label_map_of_another_size_is_told(tmp_path: Path) -> None:
    for number in range(2):
        image = read_series(make_series(tmp_path / f"p{number}", number, f"patient {number}"))
        mask = Image(stack((1, 0))[None], image.geometry)
        small = mask.cropped((0, 0, 0), (2, 8, 9))
        put(tmp_path / f"p{number}" / "mask.nii.gz", small if number else mask)
    index = index_data(tmp_path)
    assert len(index) == 1
    assert [one.reason for one in index.skipped] == [
        "no series of its size lies beside it, or several"
    ]


def test_a_label_map_above_or_in_a_folder_beside_the_series(tmp_path: Path) -> None:
    for number, place in enumerate(("mask.nii.gz", "seg/drawn.nii.gz")):
        folder = tmp_path / f"p{number}"
        image = read_series(make_series(folder / "ct", number, f"patient {number}"))
        put(folder / place, Image(stack((1, number))[None], image.geometry))
    index = index_data(tmp_path)
    assert [entry.patient for entry in index.entries] == ["patient 0", "patient 1"]
    assert not index.skipped


def test_segmentations_of_x_rays_of_one_series_find_their_image(tmp_path: Path) -> None:
    masks = {1: stack((1, 0))[1], 2: stack((1, 5))[1], 3: stack((1, 3))[1]}
    for number, mask in masks.items():
        array = pixels(number).astype(np.uint16)
        image = Image(array, Geometry.detector((0.5, 0.5)), modality=Modality.XRAY)
        file = tmp_path / f"{number}.dcm"
        write_dicom(image, file, dicom_tags("study", "p").numbered(number))
        make_flat_seg(tmp_path / f"seg {4 - number}.dcm", file, {"lesion": mask})
    (tmp_path / "3.dcm").unlink()
    index = index_data(tmp_path)
    assert [entry.name for entry in index.entries] == ["1.dcm", "2.dcm"]
    for number, entry in enumerate(index.entries, start=1):
        target = read_case(entry).target
        assert isinstance(target, MaskTarget)
        np.testing.assert_array_equal(target.labels.array[0], masks[number])
    assert [one.reason for one in index.skipped] == [
        "a segmentation of several images of a series, or of one that is not here"
    ]
