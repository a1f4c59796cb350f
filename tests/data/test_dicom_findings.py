"""DICOM images with reports of measurements: every region becomes the box that was put in."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from scanwright.base import InputError
from scanwright.data import BoxFault, Entry, Index, IndexOptions, MaskBoxes, index_data, read_case
from scanwright.image import BoxesTarget, Geometry, Image, Modality
from scanwright.io import read_series, write_dicom, write_dicom_series
from tests.data.builders import dicom_tags, make_dicom, make_series, pixels
from tests.data.seg_builders import make_seg, stack
from tests.data.sr_builders import (
    LUNG,
    planar,
    region,
    segment_of,
    space_region,
    surface,
    volumetric,
    write_sr,
)

Row = tuple[str, list[float], list[float]]
SQUARE = [[2, 1], [6, 1], [6, 3], [2, 3], [2, 1]]


def boxes(entry: Entry) -> list[Row]:
    """Return label, low and high edge of each box of a case."""
    assert isinstance(entry.target, BoxesTarget)
    return sorted((box.label, list(box.low), list(box.high)) for box in entry.target.boxes)


def by_name(index: Index) -> dict[str, list[Row]]:
    return {entry.name: boxes(entry) for entry in index.entries}


def check_rows(found: Sequence[Row], expected: Sequence[Row], tolerance: float = 1e-6) -> None:
    assert [row[0] for row in found] == [row[0] for row in expected]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one[1:], other[1:], atol=tolerance)


def turned_geometry() -> Geometry:
    """Return a grid turned about two axes, whose slices do not lie along z."""
    angle, tilt = np.deg2rad(25), np.deg2rad(-40)
    about_z = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]]
    )
    columns = (about_z @ about_x)[:, ::-1]  # slices, rows, columns
    return Geometry((2.5, 0.75, 0.5), columns, (12.0, -30.0, 45.0))


def make_turned(folder: Path, patient: str) -> tuple[tuple[Path, ...], Geometry]:
    """Write a turned CT series of 6 × 16 × 18, and return the geometry that its files give."""
    array = pixels(5, (1, 6, 16, 18)).astype(np.int16)
    image = Image(array, turned_geometry(), modality=Modality.CT, unit="HU")
    files = write_dicom_series(image, folder, dicom_tags(str(folder), patient))
    return files, read_series(files).geometry


def test_two_regions_of_an_x_ray_and_one_without_a_finding(tmp_path: Path) -> None:
    sick, well = (make_dicom(tmp_path / f"{name}.dcm", n, name) for n, name in enumerate("ab"))
    make_dicom(tmp_path / "c.dcm", 7, "c")
    groups = [
        planar(region(sick, "POLYLINE", SQUARE)),
        planar(region(sick, "CIRCLE", [[4, 4], [4, 5.5]]), finding=None, site=LUNG),
    ]
    write_sr(tmp_path / "a_sr.dcm", [sick], groups)
    write_sr(tmp_path / "b_sr.dcm", [well])
    index = index_data(tmp_path)
    assert index.layout == "dicom-findings"
    assert index.task.labels == ("Lung", "Nodule")
    found = by_name(index)
    # Coordinates count from the outer edge of the first pixel: half a pixel before its index.
    check_rows(
        found["a.dcm"], [("Lung", [2.0, 2.0], [5.0, 5.0]), ("Nodule", [0.5, 1.5], [2.5, 5.5])]
    )
    assert found["b.dcm"] == []
    assert [entry.name for entry in index.unlabelled] == ["c.dcm"]
    assert [entry.patient for entry in index.entries] == ["a", "b"]
    case = read_case(index.entries[0])
    assert case.target == index.entries[0].target
    assert not index.skipped


def test_an_ellipse_reaches_as_far_as_points_on_its_rim(tmp_path: Path) -> None:
    image = make_dicom(tmp_path / "a.dcm", 0, "a")
    angle = np.deg2rad(35)
    long = 3.0 * np.array([np.cos(angle), np.sin(angle)])
    short = 1.5 * np.array([-np.sin(angle), np.cos(angle)])
    middle = np.array([4.5, 4.0])
    ends = np.array([middle - long, middle + long, middle - short, middle + short])
    write_sr(tmp_path / "sr.dcm", [image], [planar(region(image, "ELLIPSE", ends.tolist()))])
    turn = np.linspace(0, 2 * np.pi, 200_001)[:, None]
    rim = middle + np.cos(turn) * long + np.sin(turn) * short
    low, high = (end[::-1] - 0.5 for end in (rim.min(axis=0), rim.max(axis=0)))
    expected = [("Nodule", low.tolist(), high.tolist())]
    check_rows(boxes(index_data(tmp_path).entries[0]), expected)


def test_a_finding_tracked_over_slices_is_one_box_with_half_a_slice_on_either_side(
    tmp_path: Path,
) -> None:
    files, _ = make_turned(tmp_path / "ct", "p")
    shifted = [[x + 4, y + 8] for x, y in SQUARE]
    groups = [
        planar(region(files[1], "POLYLINE", SQUARE), "one"),
        planar(region(files[3], "POLYLINE", shifted), "one"),
        planar(region(files[2], "POLYLINE", SQUARE), "another"),
        volumetric([region(files[4], "POLYLINE", SQUARE), region(files[5], "POLYLINE", SQUARE)]),
    ]
    write_sr(tmp_path / "sr.dcm", files, groups)
    index = index_data(tmp_path)
    assert len(index) == 1
    check_rows(
        boxes(index.entries[0]),
        [
            ("Nodule", [0.5, 0.5, 1.5], [3.5, 10.5, 9.5]),
            ("Nodule", [1.5, 0.5, 1.5], [2.5, 2.5, 5.5]),
            ("Nodule", [3.5, 0.5, 1.5], [5.5, 2.5, 5.5]),
        ],
    )


def test_regions_in_space_of_a_turned_series(tmp_path: Path) -> None:
    files, geometry = make_turned(tmp_path / "ct", "p")
    flat = np.array([[2, 3.5, 4.5], [2, 3.5, 9.5], [2, 7.5, 9.5], [2, 7.5, 4.5], [2, 3.5, 4.5]])
    upright = np.array([[1, 5, 2], [1, 9, 2], [3, 9, 2], [3, 5, 2], [1, 5, 2]], np.float64)
    middle, reach = np.array([3.0, 8, 9]), np.diag([1.5, 3.0, 4.0])
    ends = np.concatenate([[middle - one, middle + one] for one in reach])
    world = geometry.to_world
    groups = [
        planar(space_region(files[0], "POLYGON", world(flat).tolist())),
        planar(space_region(files[0], "POLYGON", world(upright).tolist())),
        volumetric(outside=surface(files[3], "ELLIPSOID", world(ends).tolist())),
    ]
    write_sr(tmp_path / "sr.dcm", files, groups)
    # Reports hold coordinates as 32-bit numbers: off by up to 4e-6 mm at 64 mm, 8e-6 of a pixel.
    check_rows(
        boxes(index_data(tmp_path).entries[0]),
        [
            ("Nodule", [1.0, 5.0, 1.5], [3.0, 9.0, 2.5]),
            ("Nodule", [1.5, 3.5, 4.5], [2.5, 7.5, 9.5]),
            ("Nodule", [1.5, 5.0, 5.0], [4.5, 11.0, 13.0]),
        ],
        2e-5,
    )


def test_coordinates_of_a_power_of_two_in_space_are_exact(tmp_path: Path) -> None:
    files = make_series(tmp_path / "ct", 3, "p")
    # Spacing 2, .5 and .5 mm from the origin: 32-bit numbers hold these corners as they are.
    corners = [[0.75, 0.25, 2], [2.25, 0.25, 2], [2.25, 3.25, 2], [0.75, 3.25, 2], [0.75, 0.25, 2]]
    write_sr(tmp_path / "sr.dcm", files, [planar(space_region(files[0], "POLYGON", corners))])
    check_rows(
        boxes(index_data(tmp_path).entries[0]), [("Nodule", [0.5, 0.5, 1.5], [1.5, 6.5, 4.5])]
    )


def test_a_region_in_space_is_on_the_series_that_the_report_is_about(tmp_path: Path) -> None:
    image = Image(pixels(1, (1, 3, 8, 9)).astype(np.int16), Geometry.axial((2.0, 0.5, 0.5)))
    image = replace(image, modality=Modality.CT, unit="HU")
    tags = dicom_tags("study", "p")
    first = write_dicom_series(image, tmp_path / "a", tags)
    again = replace(tags, series_uid=dicom_tags("other", "p").series_uid)
    second = write_dicom_series(image, tmp_path / "b", again)
    corners = [[1, 1, 2], [2, 1, 2], [2, 3, 2], [1, 3, 2], [1, 1, 2]]
    write_sr(tmp_path / "sr.dcm", first, [planar(space_region(second[0], "POLYGON", corners))])
    index = index_data(tmp_path)
    assert [entry.name for entry in index.entries] == ["a"]
    assert [entry.name for entry in index.unlabelled] == ["b"]


def test_a_report_tells_of_all_images_of_its_evidence(tmp_path: Path) -> None:
    files = []
    for number in (1, 2, 3):
        image = Image(pixels(number).astype(np.uint16), Geometry.detector((0.5, 0.5)))
        files.append(tmp_path / f"{number}.dcm")
        tags = dicom_tags("study", "p").numbered(number)
        write_dicom(replace(image, modality=Modality.XRAY), files[-1], tags)
    groups = [
        planar(region(files[0], "POLYLINE", SQUARE)),
        planar(region(files[2], "POINT", [[3, 3]])),
        planar(region(files[0], "POINT", [[3, 3]])),
    ]
    write_sr(tmp_path / "sr.dcm", files, groups)
    index = index_data(tmp_path)
    found = by_name(index)
    assert list(found) == ["1.dcm", "2.dcm"]
    assert len(found["1.dcm"]) == 1
    assert found["2.dcm"] == []
    # Where a point is found something is, but nobody knows how large: no image without a finding.
    assert [one.reason for one in index.skipped] == ["a finding in it has no outline"]
    assert [(one.case, one.fault) for one in index.box_flaws] == [("1.dcm", BoxFault.EMPTY)]


def test_a_segment_that_a_report_names_is_a_box(tmp_path: Path) -> None:
    masks = {"liver": stack((0, 0), (2, 4)), "tumour": stack((1, 4))}
    seg = make_seg(tmp_path, "a", masks)
    files = sorted((tmp_path / "a").iterdir())
    write_sr(tmp_path / "sr.dcm", [*files, seg], [volumetric(segment=segment_of(seg, 1))])
    options = IndexOptions(task="detection")
    index = index_data(tmp_path, options)
    assert index.layout == "dicom-findings"
    # Two squares of one segment are one finding, for the report says so.
    check_rows(boxes(index.entries[0]), [("Nodule", [-0.5, 1.5, -0.5], [2.5, 4.5, 6.5])])
    with pytest.raises(InputError, match="fits several layouts"):
        index_data(tmp_path)
    seg.unlink()
    assert "a finding in it has no outline" in _refusal(tmp_path, options)


def test_segmentations_without_a_report_are_boxes_around_their_pieces(tmp_path: Path) -> None:
    masks = {"left lesion": stack((0, 0), (2, 4)), "right lesion": stack((1, 4))}
    make_seg(tmp_path, "a", masks)
    index = index_data(tmp_path, IndexOptions(task="detection"))
    assert index.layout == "dicom-masks"
    assert isinstance(index.entries[0].target, MaskBoxes)
    target = read_case(index.entries[0]).target
    assert isinstance(target, BoxesTarget)
    found = sorted((box.label, list(box.low), list(box.high)) for box in target.boxes)
    check_rows(
        found,
        [
            ("left lesion", [-0.5, 1.5, -0.5], [0.5, 4.5, 2.5]),
            ("left lesion", [1.5, 1.5, 3.5], [2.5, 4.5, 6.5]),
            ("right lesion", [0.5, 1.5, 3.5], [1.5, 4.5, 6.5]),
        ],
    )


def test_segments_of_one_label_are_boxes_of_their_own_where_they_touch(tmp_path: Path) -> None:
    path = make_seg(tmp_path, "a", {"1": stack((1, 0)), "2": stack((1, 3), (2, 6))})
    ds = pydicom.dcmread(path)
    for segment in ds.SegmentSequence:
        segment.SegmentLabel = "lesion"
    ds.save_as(path)
    index = index_data(tmp_path, IndexOptions(task="detection"))
    assert index.task.labels == ("lesion",)
    target = read_case(index.entries[0]).target
    assert isinstance(target, BoxesTarget)
    found = sorted((box.label, list(box.low), list(box.high)) for box in target.boxes)
    # The second touches at a corner of its own: one piece over two slices.
    check_rows(
        found,
        [
            ("lesion", [0.5, 1.5, -0.5], [1.5, 4.5, 2.5]),
            ("lesion", [0.5, 1.5, 2.5], [2.5, 4.5, 8.5]),
        ],
    )


def test_a_later_version_of_a_report_replaces_it(tmp_path: Path) -> None:
    image = make_dicom(tmp_path / "a.dcm", 0, "a")
    first = write_sr(tmp_path / "1.dcm", [image], [planar(region(image, "POLYLINE", SQUARE))])
    circle = planar(region(image, "CIRCLE", [[4, 4], [4, 5.5]]))
    write_sr(tmp_path / "2.dcm", [image], [circle], [first])
    (tmp_path / "copy.dcm").write_bytes((tmp_path / "2.dcm").read_bytes())
    index = index_data(tmp_path)
    check_rows(boxes(index.entries[0]), [("Nodule", [2.0, 2.0], [5.0, 5.0])])
    assert any(note.startswith("2 reports are copies or earlier versions") for note in index.notes)


def test_findings_in_images_that_are_not_here_are_told(tmp_path: Path) -> None:
    here = make_dicom(tmp_path / "a.dcm", 0, "a")
    gone = make_dicom(tmp_path / "b.dcm", 1, "b")
    for name, image in (("1.dcm", here), ("2.dcm", gone)):
        write_sr(tmp_path / name, [image], [planar(region(image, "POLYLINE", SQUARE))])
    gone.unlink()
    index = index_data(tmp_path)
    assert [(one.source, one.reason) for one in index.skipped] == [
        ("2.dcm, group 1", "a finding in an image that is not here")
    ]


def test_a_damaged_report_is_a_reason_and_the_others_are_read(tmp_path: Path) -> None:
    image = make_dicom(tmp_path / "a.dcm", 0, "a")
    good = write_sr(tmp_path / "1.dcm", [image], [planar(region(image, "POLYLINE", SQUARE))])
    ds = pydicom.dcmread(good)
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    deep = ds.ContentSequence[-1]
    for _ in range(60):
        item = pydicom.Dataset()
        item.ContentSequence = [deep]
        deep = item
    ds.ContentSequence = [deep]
    ds.save_as(tmp_path / "deep.dcm")
    index = index_data(tmp_path)
    assert len(boxes(index.entries[0])) == 1
    assert [one.reason for one in index.skipped] == ["The report is nested too deeply."]


@pytest.mark.parametrize("name", ["highdicom_seg_sr_sm", "pydicom_test_files", "dcmqi_seg_pm"])
def test_real_reports_give_boxes_or_a_reason(
    name: str, shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = shared_data(f"dicom/{name}")
    if name != "highdicom_seg_sr_sm":
        _refusal(folder, IndexOptions(task="detection"))
        return
    for file in ("ct_image.dcm", "sr_document.dcm", "sr_document_with_multiple_groups.dcm"):
        (tmp_path / file).symlink_to(folder / file)
    index = index_data(tmp_path, IndexOptions(task="detection"))
    # A circle of radius 10 about column 45, row 55, and a rectangle, as the files have them.
    found = boxes(index.entries[0])
    check_rows(
        found[:2], [("Aorta", [44.5, 24.5], [64.5, 44.5]), ("Nodule", [44.5, 34.5], [64.5, 54.5])]
    )
    assert [row[0] for row in found[2:]] == ["Spinal cord"]


def _refusal(folder: Path, options: IndexOptions) -> str:
    with pytest.raises(InputError) as caught:
        index_data(folder, options)
    return str(caught.value)
