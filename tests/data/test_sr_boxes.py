from pathlib import Path

import numpy as np

from scanwright.data.dicom_sr import SrFinding, SrReport
from scanwright.data.image_planes import ImagePlanes
from scanwright.data.seg_region import SegmentPiece
from scanwright.data.sr_boxes import NOT_HERE, NOT_IN_IMAGE, Reader
from scanwright.data.sr_item import InstanceReference
from scanwright.data.sr_region import PlaneRegion, Region, SegmentRegion
from tests.data.builders import make_dicom, make_series
from tests.data.test_image_planes import planes

LOW, HIGH = np.array([[1.0, 3], [2, 6]]), np.array([[2.0, 8], [1, 4]])


def finding(*regions: Region, tracking: str = "", label: str = "x", **facts: object) -> SrFinding:
    known = {"lost": 0, "instances": frozenset(), "series_uids": frozenset()}
    known |= {"frame_uids": frozenset(), **facts}
    return SrFinding(label, tracking, regions, **known)  # type: ignore[arg-type]  # facts by name


def report(*findings: SrFinding, uid: str = "1", evidence: tuple[str, ...] = ()) -> SrReport:
    return SrReport(uid, frozenset(), frozenset(evidence), findings)


def x_ray(folder: Path, name: str = "a") -> tuple[ImagePlanes, str]:
    image = planes(make_dicom(folder / f"{name}.dcm", 0, name))
    (uid,) = image.planes
    return image, uid


def test_groups_of_one_tracking_identifier_are_one_box_across_reports(tmp_path: Path) -> None:
    image, uid = x_ray(tmp_path)
    here = InstanceReference(uid)
    reader = Reader([image], lambda _: ())
    one = finding(PlaneRegion(here, LOW), tracking="t")
    two = finding(PlaneRegion(here, HIGH), tracking="t")
    assert reader.add(report(one)) == {}
    assert reader.add(report(two, uid="2")) == {}
    assert reader.reported[0].distinct == ([[1, 1, 8, 6]], ["x"])


def test_groups_without_one_are_boxes_of_their_own_and_equal_ones_are_one(tmp_path: Path) -> None:
    image, uid = x_ray(tmp_path)
    here = InstanceReference(uid)
    reader = Reader([image], lambda _: ())
    again = finding(PlaneRegion(here, LOW))
    other = finding(PlaneRegion(here, LOW), label="y")
    reader.add(report(again, finding(PlaneRegion(here, HIGH)), other))
    reader.add(report(again, uid="2"))
    rows, labels = reader.reported[0].distinct
    assert labels == ["x", "x", "y"]
    assert rows == [[1, 2, 3, 6], [2, 1, 8, 4], [1, 2, 3, 6]]


def test_what_a_report_says_without_a_box_is_kept_apart(tmp_path: Path) -> None:
    (first, a), (second, b), (third, c) = (x_ray(tmp_path, name) for name in "abc")
    reader = Reader([first, second, third], lambda _: ())
    point = finding(instances=frozenset({b}), lost=1)
    assert reader.add(report(point, evidence=(a, b))) == {}
    said = reader.reported
    assert [(one.is_listed, one.is_named, one.lost) for one in said] == [
        (True, False, []),
        (True, True, ["x"]),
        (False, False, []),
    ]
    assert c not in (a, b)


def test_a_finding_in_no_image_has_its_reason(tmp_path: Path) -> None:
    image, uid = x_ray(tmp_path)
    reader = Reader([image], lambda _: ())
    away = finding(PlaneRegion(InstanceReference("9"), LOW))
    wrong = finding(PlaneRegion(InstanceReference(uid), LOW, (3, 3)), instances=frozenset({uid}))
    assert reader.add(report(away, wrong)) == {1: NOT_HERE, 2: NOT_IN_IMAGE}
    assert reader.reported[0].is_named


def test_a_segment_is_what_its_frames_show(tmp_path: Path) -> None:
    image = planes(*make_series(tmp_path, 0, "p"))
    uids = {plane: uid for uid, (plane,) in image.planes.items()}
    pieces = [
        SegmentPiece(frame, segment, PlaneRegion(InstanceReference(uids[plane]), LOW))
        for frame, segment, plane in ((1, 1, 0), (2, 2, 1), (3, 2, 2))
    ]
    for segment, expected in (
        (InstanceReference("s", (), (2,)), [1, 3]),
        (InstanceReference("s", (3,), (2,)), [2, 3]),
        (InstanceReference("s"), [0, 3]),
    ):
        reader = Reader([image], {"s": pieces}.__getitem__)
        assert reader.add(report(finding(SegmentRegion(segment)))) == {}
        ((low, *_),), _ = reader.reported[0].distinct
        ((*_, high, _, _),), _ = reader.reported[0].distinct
        assert [low, high] == expected


def test_ten_thousand_findings_of_one_image_are_ten_thousand_boxes(tmp_path: Path) -> None:
    image, uid = x_ray(tmp_path)
    here = InstanceReference(uid)
    many = [finding(PlaneRegion(here, LOW + number / 1e4)) for number in range(10_000)]
    reader = Reader([image], lambda _: ())
    reader.add(report(*many))
    assert len(reader.reported[0].distinct[0]) == 10_000
