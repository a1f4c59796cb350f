"""Where a finding of a DICOM report is: in a plane of an image, in space, or as a segment."""

from dataclasses import dataclass, field

from scanwright.data.sr_item import InstanceReference
from scanwright.data.sr_shape import Shape
from scanwright.image import Edges


@dataclass(frozen=True, slots=True)
class PlaneRegion:
    """A region in the pixels of an instance.

    Parameters
    ----------
    image
        Instance, and its frames.
    edges
        Low and high edge along rows (y), then columns (x), shape (2, 2), in pixels from the outer
        edge of the first (PS3.3, C.18.6.1.1).
    size
        Rows and columns that the instance must have; empty where that is not known.
    """

    image: InstanceReference
    edges: Edges = field(repr=False)
    size: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SpaceRegion:
    """A region in mm of the patient frame LPS.

    Parameters
    ----------
    shape
        Its x, y, z.
    frame_uid
        Frame of Reference UID.
    series_uid
        Series whose images it was drawn on; empty where that is not known.
    """

    shape: Shape
    frame_uid: str
    series_uid: str = ""


@dataclass(frozen=True, slots=True)
class SegmentRegion:
    """Segments, or frames, of a DICOM Segmentation."""

    segment: InstanceReference


Region = PlaneRegion | SpaceRegion | SegmentRegion
