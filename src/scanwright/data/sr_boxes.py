"""What reports say of images, put on the images: boxes, and what is known without one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from scanwright.data.dicom_sr import SrFinding, SrReport
from scanwright.data.image_planes import ImagePlanes
from scanwright.data.seg_region import SegmentPiece
from scanwright.data.sr_item import InstanceReference
from scanwright.data.sr_region import PlaneRegion, SegmentRegion, SpaceRegion
from scanwright.image import Edges

NOT_HERE = "a finding in an image that is not here"
NOT_IN_IMAGE = "a finding that does not lie in the image it names"
Pieces = Callable[[str], Sequence[SegmentPiece]]
"""SOP Instance UID of a segmentation → what its frames show; nothing where it is not here."""


@dataclass(slots=True)
class Reported:
    """What reports say of one image.

    Parameters
    ----------
    boxes
        (finding, label) → the box around all of it, shape (D, 2), in pixels.
    lost
        Labels of findings that are points or lines.
    is_named
        Whether a group of measurements refers to it.
    is_listed
        Whether a report is about it, be there a finding or not.
    """

    boxes: dict[tuple[str, str], Edges] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    is_named: bool = False
    is_listed: bool = False

    @property
    def distinct(self) -> tuple[list[list[float]], list[str]]:
        """The boxes as rows of low, then high edges, and their labels; each once."""
        known = {
            (label, tuple(edges.T.ravel().tolist())) for (_, label), edges in self.boxes.items()
        }
        ordered = sorted(known)
        return [list(row) for _, row in ordered], [label for label, _ in ordered]


class Reader:
    """Puts findings on images.

    Parameters
    ----------
    images
        All there are.
    pieces_of
        What shows the segments that findings refer to.
    """

    def __init__(self, images: Sequence[ImagePlanes], pieces_of: Pieces) -> None:
        self._images = images
        self._pieces_of = pieces_of
        self._by_instance: dict[str, list[int]] = defaultdict(list)
        self._by_series: dict[str, list[int]] = defaultdict(list)
        self._by_frame: dict[str, list[int]] = defaultdict(list)
        for place, image in enumerate(images):
            for uid in image.planes:
                self._by_instance[uid].append(place)
            self._by_series[image.case.header.series_uid].append(place)
            self._by_frame[image.frame_uid].append(place)
        self.reported = [Reported() for _ in images]

    def add(self, report: SrReport) -> dict[int, str]:
        """Note what a report says.

        Returns
        -------
        Number of each finding, counted from 1, that lies in none of the images → why.
        """
        listed = self._places(self._by_instance, report.evidence)
        for place in listed:
            self.reported[place].is_listed = True
        homeless = {}
        for number, finding in enumerate(report.findings, start=1):
            # Groups that share a tracking identifier are about one finding.
            name = finding.tracking or f"{report.uid} {number}"
            held = self._hold(finding, name, listed)
            named = self._named(finding)
            if not (named or held):
                inside = self._places(self._by_frame, finding.frame_uids)
                named = inside & listed or inside
            for place in named - held:
                self.reported[place].is_named = True
                self.reported[place].lost += [finding.label] * bool(finding.lost and not held)
            if finding.regions and not held:
                homeless[number] = NOT_IN_IMAGE if named else NOT_HERE
        return homeless

    def _hold(self, finding: SrFinding, name: str, listed: set[int]) -> set[int]:
        """Note the boxes of a finding, and return the images they are in."""
        held: set[int] = set()
        for region in self._expanded(finding):
            for place, edges in self._placed(region, listed):
                boxes = self.reported[place].boxes
                known = boxes.get((name, finding.label), edges)
                low = np.minimum(known[:, 0], edges[:, 0])
                high = np.maximum(known[:, 1], edges[:, 1])
                boxes[name, finding.label] = np.stack([low, high], axis=1)
                held.add(place)
        return held

    def _named(self, finding: SrFinding) -> set[int]:
        """Return the images that a finding refers to, not by its place alone."""
        by_instance = self._places(self._by_instance, finding.instances)
        return by_instance | self._places(self._by_series, finding.series_uids)

    def _expanded(self, finding: SrFinding) -> Iterator[PlaneRegion | SpaceRegion]:
        """Give the regions of a finding, segments frame by frame."""
        for region in finding.regions:
            if not isinstance(region, SegmentRegion):
                yield region
                continue
            for piece in self._pieces_of(region.segment.uid):
                if _is_meant(piece, region.segment):
                    yield piece.region

    def _placed(
        self, region: PlaneRegion | SpaceRegion, listed: set[int]
    ) -> list[tuple[int, Edges]]:
        """Return the images that a region is in, and the box around it in each."""
        if isinstance(region, PlaneRegion):
            places = set(self._by_instance.get(region.image.uid, ()))
        else:
            places = self._in_space(region, listed)
        found = [
            (place, edges)
            for place in sorted(places)
            if (edges := self._images[place].edges_of(region)) is not None
        ]
        # One frame of reference holds many series, of which a region need not reach all.
        reached = [one for one in found if _does_reach(one[1], self._images[one[0]].case.size)]
        return reached or found

    def _in_space(self, region: SpaceRegion, listed: set[int]) -> set[int]:
        """Return the images that a region in space was drawn on, as far as that is known."""
        series = set(self._by_series.get(region.series_uid, ())) if region.series_uid else set()
        if not region.frame_uid:
            return series
        inside = set(self._by_frame.get(region.frame_uid, ()))
        return inside & series or inside & listed or inside

    @staticmethod
    def _places(index: dict[str, list[int]], uids: Iterable[str]) -> set[int]:
        return {place for uid in uids for place in index.get(uid, ())}


def _is_meant(piece: SegmentPiece, segment: InstanceReference) -> bool:
    return (not segment.segments or piece.segment in segment.segments) and (
        not segment.frames or piece.frame in segment.frames
    )


def _does_reach(edges: Edges, size: tuple[int, ...]) -> bool:
    return bool((edges[:, 1] > 0).all() and (edges[:, 0] < np.array(size)).all())
