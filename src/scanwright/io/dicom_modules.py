"""The attributes that one modality's objects need and others do not (PS3.3, annexes A and C)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanwright.image import Frame, Image
from scanwright.io.tags import DicomTags

if TYPE_CHECKING:
    from pydicom import Dataset

REGIONS = {
    "ABDOMEN": ("818981001", "Abdomen"),
    "BREAST": ("76752008", "Breast"),
    "CHEST": ("51185008", "Chest"),
    "HAND": ("85562004", "Hand"),
    "HEAD": ("69536005", "Head"),
    "KNEE": ("72696002", "Knee"),
}
"""SNOMED CT codes of anatomic regions (PS3.16, CID 4009)."""
WHOLE_BODY = ("38266002", "Entire body")

UNPAIRED_TERMS = (
    "ABDOMEN ABDOMENPELVIS AORTA BLADDER BRAIN CHEST CHESTABDOMEN CHESTABDPELVIS COCCYX "
    "COLON CSPINE CTSPINE DUODENUM ESOPHAGUS GALLBLADDER HEAD HEADNECK HEART JAW LARYNX "
    "LIVER LSPINE LSSPINE MEDIASTINUM NECK NOSE PANCREAS PELVIS PENIS PHARYNX PROSTATE "
    "RECTUM SKULL SPINE SPLEEN SSPINE STERNUM STOMACH THYMUS THYROID TLSPINE TONGUE TRACHEA "
    "TSPINE UTERUS VAGINA WHOLEBODY"
)
UNPAIRED = frozenset(UNPAIRED_TERMS.split())
"""Body parts without sides (PS3.16, annex L)."""


def add_modality_module(ds: Dataset, image: Image, kind: str, tags: DicomTags) -> None:
    """Fill in what objects of `kind` ("CR", "DX", "CT", "MR", "US", "SC") need."""
    ds.BurnedInAnnotation = tags.burned_in
    ds.PatientOrientation = ""
    part = tags.body_part or _fact(image, "body_part")
    if part:
        ds.BodyPartExamined = part
    {
        "CR": _add_cr,
        "DX": _add_dx,
        "CT": _add_ct,
        "MR": _add_mr,
        "US": _add_us,
        "SC": _add_sc,
    }[kind](ds, image, tags)


def _fact(image: Image, name: str) -> str:
    return str(image.about.get(name, ""))


def _laterality(image: Image, tags: DicomTags) -> str:
    side = tags.laterality or _fact(image, "laterality")
    return side if side in ("L", "R") else ""


def _add_laterality(ds: Dataset, image: Image, tags: DicomTags) -> None:
    """Say the side unless the body part has none; empty where it is not known (PS3.3 C.7.3.1)."""
    if (tags.body_part or _fact(image, "body_part")) not in UNPAIRED:
        ds.Laterality = _laterality(image, tags)


def _add_cr(ds: Dataset, image: Image, tags: DicomTags) -> None:
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.BodyPartExamined = tags.body_part or _fact(image, "body_part")
    ds.ViewPosition = tags.view_position or _fact(image, "view_position")
    _add_laterality(ds, image, tags)


def _add_dx(ds: Dataset, image: Image, tags: DicomTags) -> None:
    ds.ImageType = ["ORIGINAL", "PRIMARY", ""]
    ds.PresentationIntentType = "FOR PRESENTATION"
    ds.ImageLaterality = _laterality(image, tags) or "U"
    code, meaning = REGIONS.get(tags.body_part or _fact(image, "body_part"), WHOLE_BODY)
    ds.AnatomicRegionSequence = [_code(code, "SCT", meaning)]
    view = tags.view_position or _fact(image, "view_position")
    if view:
        ds.ViewPosition = view
    ds.PatientOrientation = ["L", "F"]
    ds.PixelIntensityRelationship = "LOG"
    ds.PixelIntensityRelationshipSign = -1
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", "1", "US"
    ds.PresentationLUTShape = "IDENTITY"
    ds.LossyImageCompression = "00"
    ds.DetectorType = ""
    ds.PositionerType = ""
    ds.AcquisitionContextSequence = []
    if "window_center" not in image.about:
        low, high = int(image.array.min()), int(image.array.max())
        ds.WindowCenter, ds.WindowWidth = str((low + high) // 2), str(max(high - low, 1))


def _add_ct(ds: Dataset, image: Image, tags: DicomTags) -> None:
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.AcquisitionNumber = 1
    ds.PatientPosition = ""
    ds.KVP = ""
    ds.SliceThickness = ""
    _add_laterality(ds, image, tags)


def _add_mr(ds: Dataset, image: Image, tags: DicomTags) -> None:
    ds.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    ds.PatientPosition = ""
    ds.ScanningSequence = "RM"
    ds.SequenceVariant = "NONE"
    ds.ScanOptions = ""
    ds.MRAcquisitionType = "2D"
    ds.RepetitionTime = ""
    ds.EchoTime = ""
    ds.EchoTrainLength = ""
    ds.SliceThickness = ""
    _add_laterality(ds, image, tags)


def _add_us(ds: Dataset, image: Image, tags: DicomTags) -> None:
    from pydicom import Dataset

    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.LossyImageCompression = "00"
    _add_laterality(ds, image, tags)
    if image.geometry.frame is Frame.PIXELS:
        return
    height, width = image.size
    region = Dataset()
    region.RegionSpatialFormat = 1  # 2-D
    region.RegionDataType = 1  # tissue
    region.RegionFlags = 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = width - 1, height - 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3  # cm
    region.PhysicalDeltaX = image.geometry.spacing_mm[1] / 10
    region.PhysicalDeltaY = image.geometry.spacing_mm[0] / 10
    ds.SequenceOfUltrasoundRegions = [region]


def _add_sc(ds: Dataset, image: Image, tags: DicomTags) -> None:
    ds.ImageType = ["DERIVED", "SECONDARY"]
    ds.ConversionType = "WSD"  # made at a workstation
    _add_laterality(ds, image, tags)


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    from pydicom import Dataset

    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item
