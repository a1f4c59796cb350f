"""Tests of plain DICOM series, against SimpleITK."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813  (its own usual name)

from scanwright.base import FileError, GeometryError
from scanwright.image import Modality
from scanwright.io import ReadLimits, read_series, scan_series, write_dicom_series
from tests.io.builders import ct_volume, make_dicom, make_slices, noise, tags


class Steps:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.said: list[object] = []

    def begin(self, stage: str, total: float, unit: str = "") -> None:
        self.said.append((stage, total))

    def step(self, amount: float = 1, note: str = "") -> None:
        self.said.append(amount)

    def end(self) -> None:
        self.said.append("end")


def test_slices_are_sorted_by_position_not_by_name_or_number(tmp_path: Path) -> None:
    paths = make_slices(tmp_path, [5.0, 0.0, 7.5, 2.5])
    image = read_series(paths)
    assert image.array[0, :, 0, 0].tolist() == [1, 3, 0, 2]
    assert image.geometry.spacing_mm == (2.5, 0.5, 0.25)
    assert image.geometry.origin_lps == (-10, -20, 0)
    assert image.geometry.axes == "SPL"
    assert (image.modality, image.unit) == (Modality.CT, "HU")


def test_a_volume_round_trips_through_a_series(tmp_path: Path) -> None:
    volume = ct_volume()
    paths = write_dicom_series(volume, tmp_path, tags())
    assert read_series(reversed(paths)).is_equal(volume)


@pytest.mark.parametrize(
    "orientation", [[1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 0, -1]]
)
def test_series_lie_where_simpleitk_puts_them(orientation: list[float], tmp_path: Path) -> None:
    right, down = np.array(orientation[:3]), np.array(orientation[3:])
    paths = []
    for index in range(5):
        position = np.array([-10.0, -20.0, 30.0]) + 2.5 * index * np.cross(right, down)
        path = tmp_path / f"{index}.dcm"
        make_dicom(
            path,
            noise((6, 5), seed=index),
            Modality="MR",
            ImagePositionPatient=position.tolist(),
            ImageOrientationPatient=orientation,
            PixelSpacing=[0.5, 0.25],
        )
        paths.append(path)
    image = read_series(paths)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path)))
    peer = reader.Execute()
    assert np.array_equal(image.array[0], sitk.GetArrayFromImage(peer))
    for index in [(0, 0, 0), (4, 5, 4), (1, 2, 3)]:
        theirs = peer.TransformIndexToPhysicalPoint(index[::-1])
        assert np.allclose(image.geometry.to_world(index), theirs, atol=1e-6)


def test_a_tilted_gantry_shears_the_grid(tmp_path: Path) -> None:
    paths = []
    for index in range(4):
        place = [0.0, 0.5 * index, 2.0 * index]
        paths += make_slices(tmp_path / str(index), [0.0], ImagePositionPatient=place)
    geometry = read_series(paths).geometry
    assert not geometry.is_orthogonal
    assert np.allclose(geometry.to_world((3, 0, 0)), [0, 1.5, 6])


def test_slices_of_different_scale_become_one_type(tmp_path: Path) -> None:
    paths = make_slices(tmp_path / "a", [0.0], RescaleSlope=0.5, RescaleIntercept=1)
    paths += make_slices(tmp_path / "b", [2.5], RescaleSlope=1, RescaleIntercept=0)
    image = read_series(paths)
    assert image.array.dtype == np.float32
    assert image.array[0, :, 0, 0].tolist() == [1.0, 0.0]


def test_a_single_file_is_read_as_it_is(tmp_path: Path) -> None:
    assert read_series(make_slices(tmp_path, [0.0])).size == (6, 5)


@pytest.mark.parametrize(
    ("heights", "word"),
    [([0, 5, 10, 20], "evenly"), ([0, 1, 1, 2], "same place"), ([0, 0], "same")],
)
def test_gaps_and_copies_are_refused(heights: list[float], word: str, tmp_path: Path) -> None:
    with pytest.raises(GeometryError, match=word) as caught:
        read_series(make_slices(tmp_path, heights))
    assert caught.value.where == tmp_path


def test_mixed_series_sizes_and_orientations_are_refused(tmp_path: Path) -> None:
    good = make_slices(tmp_path / "good", [0.0, 1.0])
    for name, word, change in [
        ("series", "several series", {"SeriesInstanceUID": "1.2.3"}),
        ("size", "different sizes", {"Rows": 5, "Columns": 6}),
        ("turn", "turned", {"ImageOrientationPatient": [0, 1, 0, 0, 0, 1]}),
        ("spacing", "pixel sizes", {"PixelSpacing": [0.5, 0.5]}),
        ("place", "place in the patient", {"ImagePositionPatient": []}),
    ]:
        odd = make_slices(tmp_path / name, [2.0], **change)
        with pytest.raises(GeometryError, match=word):
            read_series([*good, *odd])


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    *good, bad = make_slices(tmp_path, [0.0, 1.0, 2.0])
    bad.write_bytes(bad.read_bytes()[:-20])
    with pytest.raises(FileError) as caught:
        read_series([*good, bad])
    assert caught.value.where == bad
    with pytest.raises(FileError, match="No files"):
        read_series([])
    with pytest.raises(FileError, match="no such file"):
        read_series([tmp_path / "missing.dcm"])


def test_the_volume_as_a_whole_is_held_to_the_limits(tmp_path: Path) -> None:
    paths = make_slices(tmp_path, [0.0, 1.0, 2.0])
    with pytest.raises(FileError, match="larger than the limit"):
        read_series(paths, ReadLimits(max_pixels=89))
    assert read_series(paths, ReadLimits(max_pixels=90)).size == (3, 6, 5)


def test_a_scan_accounts_for_every_file(tmp_path: Path) -> None:
    make_slices(tmp_path / "ct", [5.0, 0.0, 2.5])
    make_slices(tmp_path / "x-ray", [0.0], SeriesInstanceUID="1.2.3", SeriesDescription="Chest")
    make_dicom(tmp_path / "none.dcm", noise((4, 5)), SeriesInstanceUID=None, PatientID="P9")
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "empty.dcm").touch()
    (tmp_path / "dangling.dcm").symlink_to(tmp_path / "nowhere")
    steps = Steps()
    found = scan_series(tmp_path, steps)
    assert sum(len(series.paths) for series in found.series) + len(found.unreadable) == 8
    assert {path.name: reason for path, reason in found.unreadable} == {
        "dangling.dcm": "There is no such file.",
        "empty.dcm": "The file is empty.",
        "notes.txt": "The file is not DICOM but of no known format.",
    }
    assert steps.said == [("headers", 8), *[1] * 8, "end"]
    by_size = {series.size: series for series in found.series}
    assert [path.name for path in by_size[3, 6, 5].paths] == ["001.dcm", "002.dcm", "000.dcm"]
    assert by_size[6, 5].description == "Chest"
    assert by_size[4, 5].patient == "P9"
    assert by_size[3, 6, 5].modality is Modality.CT
    assert read_series(by_size[3, 6, 5].paths).size == (3, 6, 5)


def test_slices_that_lost_their_uids_are_grouped_by_folder_and_orientation(tmp_path: Path) -> None:
    lost = {"SeriesInstanceUID": None, "StudyInstanceUID": None}
    make_slices(tmp_path / "a", [0.0, 1.0, 2.0], **lost)
    make_slices(tmp_path / "b", [0.0, 1.0], **lost)
    make_slices(
        tmp_path / "a" / "turned", [0.0], ImageOrientationPatient=[0, 1, 0, 0, 0, 1], **lost
    )
    make_dicom(tmp_path / "flat 1.dcm", noise((4, 5)), **lost)
    make_dicom(tmp_path / "flat 2.dcm", noise((4, 5)), **lost)
    sizes = sorted(series.size for series in scan_series(tmp_path).series)
    assert sizes == [(2, 6, 5), (3, 6, 5), (4, 5), (4, 5), (6, 5)]


def test_files_without_place_are_ordered_by_number(tmp_path: Path) -> None:
    make_slices(tmp_path, [0.0, 1.0, 2.0], ImagePositionPatient=[])
    (series,) = scan_series(tmp_path).series
    assert [path.name for path in series.paths] == ["002.dcm", "001.dcm", "000.dcm"]


def test_scanning_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such folder"):
        scan_series(tmp_path / "missing")
    assert scan_series(tmp_path).series == ()


def test_a_real_series_agrees_with_simpleitk(shared_data: object) -> None:
    folder = shared_data("dicom/ct_series_totalsegmentator")
    (series,) = scan_series(folder).series  # its files have lost their UIDs
    image = read_series(series.paths)
    assert image.size == series.size
    assert image.geometry.spacing_mm[0] == pytest.approx(2.0)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    peer = reader.Execute()
    assert np.array_equal(image.array[0], sitk.GetArrayFromImage(peer))
    far = tuple(length - 1 for length in image.size)
    theirs = peer.TransformIndexToPhysicalPoint(far[::-1])
    assert np.allclose(image.geometry.to_world(far), theirs, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("failing/notavolume/001", "same place"),
        ("failing/sliceincrement/001", "evenly"),
        ("failing/sliceorientation/001", "turned|several series|sizes"),
    ],
)
def test_real_series_that_are_no_volume_are_refused(
    name: str, word: str, shared_data: object
) -> None:
    folder = shared_data("dicom/dicom2nifti_series") / name
    with pytest.raises(GeometryError, match=word):
        read_series(sorted(folder.glob("*.dcm")))


def test_a_real_tilted_series_keeps_its_tilt(shared_data: object) -> None:
    folder = shared_data("dicom/dicom2nifti_series") / "failing/gantrytilting/001"
    grid = read_series(sorted(folder.glob("*.dcm"))).geometry
    normal = np.cross(grid.directions[:, 2], grid.directions[:, 1])
    tilt = np.degrees(np.arccos(abs(normal @ grid.directions[:, 0])))
    assert tilt == pytest.approx(14.0, abs=0.1)
