from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset

from scanwright.data.dicom_sr import NO_REPORT, SrReport, is_report, read_report
from scanwright.data.sr_region import PlaneRegion, SegmentRegion, SpaceRegion
from tests.data.builders import make_dicom, make_series
from tests.data.seg_builders import make_seg, stack
from tests.data.sr_builders import (
    LUNG,
    Group,
    planar,
    region,
    segment_of,
    space_region,
    volumetric,
    write_sr,
)
from tests.data.test_sr_item import code, item

SQUARE = [[2, 1], [6, 1], [6, 3], [2, 3], [2, 1]]


def read(path: Path) -> SrReport:
    report = read_report(path)
    assert isinstance(report, SrReport), report
    return report


def written(folder: Path, *groups: Group) -> tuple[Path, Path]:
    image = make_dicom(folder / "a.dcm", 0, "a")
    return image, write_sr(folder / "sr.dcm", [image], groups)


def measured(path: Path, concept: str, graphic: list[float]) -> None:
    """Make the region of each group of a report one that a measurement is inferred from."""
    ds = pydicom.dcmread(path)
    for group in ds.ContentSequence[-1].ContentSequence:
        drawn = group.ContentSequence.pop()
        drawn.GraphicData = graphic
        del drawn.ConceptNameCodeSequence
        for _ in range(2):
            group.ContentSequence.append(
                item("NUM", drawn, ConceptNameCodeSequence=code(concept, "x"))
            )
    ds.save_as(path)


def test_a_report_says_what_was_found_and_where(tmp_path: Path) -> None:
    image = make_dicom(tmp_path / "a.dcm", 0, "a")
    drawn = region(image, "POLYLINE", SQUARE)
    groups = [planar(drawn, "one"), planar(drawn, "one", None, LUNG), planar(drawn, finding=None)]
    path = write_sr(tmp_path / "sr.dcm", [image], groups)
    assert is_report(path)
    assert not is_report(image)
    report = read(path)
    uid = pydicom.dcmread(image).SOPInstanceUID
    assert report.evidence == {uid}
    assert [finding.label for finding in report.findings] == ["Nodule", "Lung", "finding"]
    first, second, third = report.findings
    assert first.tracking == second.tracking != third.tracking
    assert first.instances == {uid}
    (place,) = first.regions
    assert isinstance(place, PlaneRegion)
    assert place.image.uid == uid
    assert place.edges.tolist() == [[1, 3], [2, 6]]
    assert report.has_regions


def test_regions_in_space_and_segments_keep_what_they_refer_to(tmp_path: Path) -> None:
    seg = make_seg(tmp_path, "a", {"liver": stack((1, 0)), "tumour": stack((1, 1))})
    files = sorted((tmp_path / "a").iterdir())
    corners = [[0, 0, 2], [1, 0, 2], [1, 2, 2], [0, 2, 2], [0, 0, 2]]
    groups = [
        planar(space_region(files[0], "POLYGON", corners)),
        volumetric(segment=segment_of(seg, 2)),
        planar(space_region(files[0], "POINT", corners[:1])),
    ]
    found = read(write_sr(tmp_path / "sr.dcm", [*files, seg], groups)).findings
    slice_of = pydicom.dcmread(files[0])
    (solid,), (segment,), none = (finding.regions for finding in found)
    assert isinstance(solid, SpaceRegion)
    assert solid.frame_uid == slice_of.FrameOfReferenceUID
    np.testing.assert_array_equal(solid.shape.bounds, [[0, 1], [0, 2], [2, 2]])
    assert isinstance(segment, SegmentRegion)
    assert segment.segment.uid == pydicom.dcmread(seg).SOPInstanceUID
    assert segment.segment.segments == (2,)
    assert found[1].series_uids == {slice_of.SeriesInstanceUID}
    assert none == ()
    assert [finding.lost for finding in found] == [0, 0, 1]
    assert found[2].frame_uids == {slice_of.FrameOfReferenceUID}


def test_a_closed_outline_that_was_measured_is_a_region_and_a_length_is_none(
    tmp_path: Path,
) -> None:
    image = make_dicom(tmp_path / "a.dcm", 0, "a")
    path = write_sr(tmp_path / "sr.dcm", [image], [planar(region(image, "POLYLINE", SQUARE))])
    measured(path, "42798000", [value for point in SQUARE for value in point])
    (finding,) = read(path).findings
    (place,) = finding.regions  # once, though two numbers are inferred from it
    assert isinstance(place, PlaneRegion)
    assert place.edges.tolist() == [[1, 3], [2, 6]]
    other = write_sr(tmp_path / "sr2.dcm", [image], [planar(region(image, "POLYLINE", SQUARE))])
    measured(other, "410668003", [2, 1, 6, 3])
    (finding,) = read(other).findings
    assert (finding.regions, finding.lost) == ((), 0)
    assert finding.instances == {pydicom.dcmread(image).SOPInstanceUID}


def test_a_region_may_point_to_its_image_elsewhere_in_the_report(tmp_path: Path) -> None:
    image = make_dicom(tmp_path / "a.dcm", 0, "a")
    path = write_sr(tmp_path / "sr.dcm", [image], [planar(region(image, "POLYLINE", SQUARE))])
    ds = pydicom.dcmread(path)
    drawn = ds.ContentSequence[-1].ContentSequence[0].ContentSequence[-1]
    ds.ContentSequence.append(drawn.ContentSequence[0])
    pointer = Dataset()
    pointer.RelationshipType = "SELECTED FROM"
    pointer.ReferencedContentItemIdentifier = [1, len(ds.ContentSequence)]
    drawn.ContentSequence = [pointer]
    ds.save_as(path)
    (finding,) = read(path).findings
    (place,) = finding.regions
    assert isinstance(place, PlaneRegion)
    assert place.image.uid == pydicom.dcmread(image).SOPInstanceUID
    pointer.ReferencedContentItemIdentifier = [1, 999]
    ds.save_as(path)
    assert read(path).findings[0].regions == ()


def test_reports_of_other_kinds_are_told_apart(tmp_path: Path) -> None:
    _, path = written(tmp_path)
    assert read(path).findings == ()
    ds = pydicom.dcmread(path)
    ds.ConceptNameCodeSequence[0].CodeValue = "18748-4"
    ds.save_as(path)
    assert read_report(path) == NO_REPORT


def test_a_damaged_report_is_a_word_and_never_a_crash(tmp_path: Path) -> None:
    files = make_series(tmp_path / "ct", 0, "p")
    corners = [[0, 0, 2], [1, 0, 2], [1, 2, 2], [0, 2, 2], [0, 0, 2]]
    groups = [
        planar(region(files[0], "POLYLINE", SQUARE), "one"),
        planar(space_region(files[0], "POLYGON", corners)),
    ]
    whole = write_sr(tmp_path / "sr.dcm", files, groups).read_bytes()
    rng = np.random.default_rng(0)
    said = []
    for _ in range(100):
        data = bytearray(whole)
        for place in rng.integers(400, len(data), 12):
            data[place] = rng.integers(256)
        (tmp_path / "sr.dcm").write_bytes(data[: rng.integers(len(data) // 2, 2 * len(data))])
        said.append(read_report(tmp_path / "sr.dcm"))
    assert all(isinstance(one, SrReport) or one for one in said)
    assert any(isinstance(one, str) for one in said)
    assert any(isinstance(one, SrReport) for one in said)


def test_what_is_no_dicom_is_no_report(tmp_path: Path) -> None:
    (tmp_path / "x.dcm").write_bytes(b"not DICOM at all" * 20)
    assert not is_report(tmp_path / "x.dcm")
    assert isinstance(read_report(tmp_path / "x.dcm"), str)
