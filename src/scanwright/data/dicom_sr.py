"""Findings in DICOM Structured Reports of measurements (PS3.16, TID 1500)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scanwright.base import InputError
from scanwright.data.index import reason_of
from scanwright.data.sr_item import SrItem, datasets_in, item_tree, text_in
from scanwright.data.sr_region import PlaneRegion, Region, SegmentRegion, SpaceRegion
from scanwright.data.sr_shape import is_closed, shape_of
from scanwright.io import open_tags, reading

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SR_CLASSES = "1.2.840.10008.5.1.4.1.1.88."
"""How the SOP classes of all structured reports begin (PS3.4, B.5)."""
KEYWORDS = (
    "SOPClassUID",
    "SOPInstanceUID",
    "ValueType",
    "ConceptNameCodeSequence",
    "ContentSequence",
    "CurrentRequestedProcedureEvidenceSequence",
    "PredecessorDocumentsSequence",
)
REPORTS = frozenset({"126000", "126001", "126002", "126003"})
"""Titles of reports of measurements (PS3.16, CID 7021)."""
GROUP = "125007"
FINDING = "121071"
SITES = ("363698007", "G-C0E3")
"""Finding Site in SNOMED CT and in its older codes."""
TRACKING = "112040"
REGIONS = frozenset({"111030", "121231", "130488"})
"""Image Region, Volume Surface, Region in Space (TID 1410 and 1411)."""
SEGMENTS = frozenset({"121191", "121214"})
"""Referenced Segment and Referenced Segmentation Frame (TID 1410 and 1411)."""
SOURCE_SERIES = "121232"
UNNAMED = "finding"
"""Label where a group names neither a finding nor a site."""
NO_REPORT = "a structured report that is no report of measurements (TID 1500)"


@dataclass(frozen=True, slots=True)
class SrFinding:
    """What one group of measurements says.

    Parameters
    ----------
    label
        Meaning of the finding's code, else of its site's.
    tracking
        Unique identifier that groups about one finding share; empty where there is none.
    regions
        Where it is.
    lost
        Number of regions that enclose nothing: points, lines, numbers that do not fit together.
    instances, series_uids, frame_uids
        All objects, series and frames of reference that the group refers to.
    """

    label: str
    tracking: str
    regions: tuple[Region, ...]
    lost: int
    instances: frozenset[str]
    series_uids: frozenset[str]
    frame_uids: frozenset[str]


@dataclass(frozen=True, slots=True)
class SrReport:
    """A report of measurements.

    Parameters
    ----------
    uid
        SOP Instance UID.
    replaces
        Earlier versions of it.
    evidence
        Instances that it is about, whether it found something in them or not.
    findings
        What it found.
    """

    uid: str
    replaces: frozenset[str]
    evidence: frozenset[str]
    findings: tuple[SrFinding, ...]

    @property
    def has_regions(self) -> bool:
        """Whether a finding has a place."""
        return any(finding.regions for finding in self.findings)


def is_report(path: Path) -> bool:
    """Whether a file is a structured report of any kind."""
    try:
        return text_in(open_tags(path, KEYWORDS[:1]), KEYWORDS[0]).startswith(SR_CLASSES)
    except InputError:
        return False


def read_report(path: Path) -> SrReport | str:
    """Read a structured report; where it is damaged or none of measurements, say so."""
    try:
        # Elements are decoded as they are looked at: damage may show anywhere below.
        with reading(path):
            return _report(open_tags(path, KEYWORDS))
    except InputError as error:
        return reason_of(error)


def _report(ds: "Dataset") -> SrReport | str:
    root = item_tree(ds)
    groups = [item for item in root.walk() if item.concept == GROUP]
    if not groups and root.concept not in REPORTS:
        return NO_REPORT
    return SrReport(
        text_in(ds, "SOPInstanceUID"),
        frozenset(_instances(ds, "PredecessorDocumentsSequence")),
        frozenset(_instances(ds, "CurrentRequestedProcedureEvidenceSequence")),
        tuple(_finding(group, root) for group in groups),
    )


def _instances(ds: "Dataset", keyword: str) -> Iterator[str]:
    """Give the instances of a hierarchy of studies and series."""
    for study in datasets_in(ds, keyword):
        for series in datasets_in(study, "ReferencedSeriesSequence"):
            for instance in datasets_in(series, "ReferencedSOPSequence"):
                yield text_in(instance, "ReferencedSOPInstanceUID")


def _finding(group: SrItem, root: SrItem) -> SrFinding:
    named = (group.first(FINDING), group.first(*SITES))
    tracking = group.first(TRACKING)
    found = [_regions(item, root) for item in _drawn(group)]
    inside = [_target(item, root) for item in group.walk()]
    return SrFinding(
        label=next((item.text for item in named if item is not None and item.text), UNNAMED),
        tracking=tracking.text if tracking else "",
        regions=tuple(region for regions in found for region in regions),
        lost=sum(not regions for regions in found),
        instances=frozenset(one.uid for item in inside for one in item.instances),
        series_uids=frozenset(item.text for item in inside if item.concept == SOURCE_SERIES),
        frame_uids=frozenset(item.frame_uid for item in inside) - {""},
    )


def _drawn(group: SrItem) -> list[SrItem]:
    """Return what the group draws; where it names no region, the outlines that it measured."""
    named = [
        child
        for child in group.children
        if (child.concept in REGIONS and child.kind in ("SCOORD", "SCOORD3D"))
        or (child.concept in SEGMENTS and child.instances)
    ]
    if named:
        return named
    # Viewers write a rectangle as that of which the area is inferred, once for each measurement.
    measured: dict[tuple[object, ...], SrItem] = {}
    for item in group.walk():
        rank = {"SCOORD": 2, "SCOORD3D": 3}.get(item.kind, 0)
        if rank and is_closed(item.graphic, item.numbers, rank):
            key = (item.graphic, item.numbers.tobytes(), item.frame_uid, _instances_below(item))
            measured.setdefault(key, item)
    return list(measured.values())


def _instances_below(item: SrItem) -> tuple[object, ...]:
    return tuple((child.instances, child.pointer) for child in item.children)


def _regions(item: SrItem, root: SrItem) -> list[Region]:
    """Return the regions of an item, one for each image that it refers to."""
    if item.kind == "SCOORD3D":
        solid = shape_of(item.graphic, item.numbers, 3)
        return [] if solid is None else [SpaceRegion(solid, item.frame_uid)]
    if item.kind != "SCOORD":
        return [SegmentRegion(one) for one in item.instances]
    shape = shape_of(item.graphic, item.numbers, 2)
    if shape is None:
        return []
    edges = np.ascontiguousarray(shape.bounds[::-1])  # columns come first in the report
    images = [one for child in item.children for one in _target(child, root).instances]
    return [PlaneRegion(one, edges) for one in images]


def _target(item: SrItem, root: SrItem) -> SrItem:
    """Return the item, or the one that it points to."""
    return (root.at(item.pointer) or item) if item.pointer else item
