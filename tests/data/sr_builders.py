"""DICOM reports of measurements (TID 1500), written by highdicom."""

from collections.abc import Sequence
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
from highdicom.sr import (
    Comprehensive3DSR,
    FindingSite,
    ImageRegion,
    ImageRegion3D,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    ReferencedSegment,
    SourceImageForRegion,
    SourceImageForSegmentation,
    SourceSeriesForSegmentation,
    TrackingIdentifier,
    VolumeSurface,
    VolumetricROIMeasurementsAndQualitativeEvaluations,
)
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from scanwright.io import derive_uid

NODULE = Code("27925004", "SCT", "Nodule")
LUNG = Code("39607008", "SCT", "Lung")
Group = (
    PlanarROIMeasurementsAndQualitativeEvaluations
    | VolumetricROIMeasurementsAndQualitativeEvaluations
)


def region(
    file: Path, graphic: str, points: Sequence[Sequence[float]], *frames: int
) -> ImageRegion:
    """Return a region in the pixels of a file: points as (column, row)."""
    ds = pydicom.dcmread(file, stop_before_pixels=True)
    source = SourceImageForRegion(ds.SOPClassUID, ds.SOPInstanceUID, list(frames) or None)
    return ImageRegion(graphic, np.array(points, np.float64), source)


def space_region(file: Path, graphic: str, points: Sequence[Sequence[float]]) -> ImageRegion3D:
    """Return a region in the patient frame of a file: points in mm, LPS."""
    uid = pydicom.dcmread(file, stop_before_pixels=True).FrameOfReferenceUID
    return ImageRegion3D(graphic, np.array(points, np.float64), uid)


def planar(
    where: ImageRegion | ImageRegion3D,
    tracking: str = "",
    finding: Code | None = NODULE,
    site: Code | None = None,
) -> Group:
    """Return a group about one region; equal `tracking` is one finding."""
    return PlanarROIMeasurementsAndQualitativeEvaluations(
        _tracking(tracking),
        referenced_region=where,
        finding_type=finding,
        finding_sites=None if site is None else [FindingSite(site)],
    )


def volumetric(
    regions: Sequence[ImageRegion] = (),
    outside: VolumeSurface | None = None,
    segment: ReferencedSegment | None = None,
) -> Group:
    """Return a group about several regions, a surface or a segment: one nodule."""
    return VolumetricROIMeasurementsAndQualitativeEvaluations(
        _tracking(""),
        referenced_regions=list(regions) or None,
        referenced_volume_surface=outside,
        referenced_segment=segment,
        finding_type=NODULE,
    )


def surface(file: Path, graphic: str, points: Sequence[Sequence[float]]) -> VolumeSurface:
    """Return a surface in the patient frame of a file: points in mm, LPS."""
    ds = pydicom.dcmread(file, stop_before_pixels=True)
    source = SourceImageForSegmentation(ds.SOPClassUID, ds.SOPInstanceUID)
    return VolumeSurface(
        graphic, np.array(points, np.float64), ds.FrameOfReferenceUID, source_images=[source]
    )


def segment_of(seg: Path, number: int) -> ReferencedSegment:
    """Return a reference to a segment."""
    ds = pydicom.dcmread(seg, stop_before_pixels=True)
    series = ds.ReferencedSeriesSequence[0].SeriesInstanceUID
    source = SourceSeriesForSegmentation(series)
    return ReferencedSegment(ds.SOPClassUID, ds.SOPInstanceUID, number, source_series=source)


def write_sr(
    path: Path,
    evidence: Sequence[Path],
    groups: Sequence[Group] = (),
    replaces: Sequence[Path] = (),
) -> Path:
    """Write a report about images, all of one study, with a group for each finding."""
    reader = ObserverContext(
        codes.DCM.Person, PersonObserverIdentifyingAttributes("Reader^Simulated")
    )
    content = MeasurementReport(
        ObservationContext(reader),
        codes.LN.CTUnspecifiedBodyRegion,
        # highdicom insists on a group, which a report without a finding has not: taken out below.
        list(groups) or [planar(region(evidence[0], "POINT", [[1, 1]]))],
    )
    report = Comprehensive3DSR(
        [pydicom.dcmread(file, stop_before_pixels=True) for file in evidence],
        content[0],
        series_instance_uid=derive_uid("sr series", path.name),
        series_number=8,
        sop_instance_uid=derive_uid("sr", path.name),
        instance_number=1,
        previous_versions=[pydicom.dcmread(file) for file in replaces] or None,
    )
    if not groups:
        del report.ContentSequence[-1]
    report.save_as(path)
    return path


def _tracking(name: str) -> TrackingIdentifier:
    uid = derive_uid("tracking", name) if name else hd.UID()
    return TrackingIdentifier(uid=uid, identifier=name or "unnamed")
