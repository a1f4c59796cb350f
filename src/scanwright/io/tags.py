"""What a DICOM object says besides its pixels, and identifiers made from names."""

import hashlib
import uuid
from dataclasses import dataclass, replace

from scanwright.base import InputError
from scanwright.image import Frame, Image, Modality

UID_SPACE = uuid.UUID("a3a5b7f0-6f7c-5d9e-9c0a-52b6d1c1f3e4")
"""Name space of the identifiers made here; a fixed, arbitrary number."""

CODES = {
    Modality.CT: "CT",
    Modality.MRI: "MR",
    Modality.ULTRASOUND: "US",
    Modality.OTHER: "OT",
    Modality.UNKNOWN: "OT",
}


@dataclass(frozen=True, slots=True)
class DicomTags:
    """Whom an object belongs to and how it came about.

    Parameters
    ----------
    patient_id, patient_name
        Whom it belongs to.
    study_uid, series_uid
        Unique identifiers; `derive_uid` makes them from names.
    modality
        "CR", "DX", "CT", "MR", "US" or "OT"; chosen from the image when empty.
    frame_uid
        Frame of Reference UID; made from the study when empty.
    instance_number
        Counts from 1 within the series.
    sex
        "F", "M", "O" or unknown.
    age_years
        None where unknown.
    study_date
        As YYYYMMDD.
    body_part, laterality, view_position
        Defined terms, for example "CHEST", "L", "PA"; taken from `Image.about` when empty.
    burned_in
        Whether text that identifies is burned into the pixels ("YES", "NO").

    Raises
    ------
    InputError
        A unique identifier is missing or malformed.
    """

    patient_id: str
    study_uid: str
    series_uid: str
    patient_name: str = ""
    modality: str = ""
    frame_uid: str = ""
    instance_number: int = 1
    series_number: int = 1
    sex: str = ""
    age_years: float | None = None
    study_date: str = ""
    study_description: str = ""
    series_description: str = ""
    body_part: str = ""
    laterality: str = ""
    view_position: str = ""
    institution: str = ""
    manufacturer: str = ""
    model: str = ""
    burned_in: str = "NO"

    def __post_init__(self) -> None:
        for name in ("study_uid", "series_uid", "frame_uid"):
            value = str(getattr(self, name))
            if name == "frame_uid" and not value:
                continue
            if not 1 <= len(value) <= 64 or set(value) - set("0123456789."):
                raise InputError(
                    "A unique identifier is malformed.",
                    legal="1 to 64 digits and dots",
                    next="make one with derive_uid",
                    where=name,
                )

    @property
    def instance_uid(self) -> str:
        """SOP Instance UID, made from the series and the instance number."""
        return derive_uid(self.series_uid, str(self.instance_number))

    def numbered(self, instance_number: int) -> "DicomTags":
        """Return the tags of another instance of the same series."""
        return replace(self, instance_number=instance_number)


def derive_uid(*names: str) -> str:
    """Make a unique identifier from names: equal names, equal identifier.

    Built as a UUID under the root 2.25 (PS3.5, annex B.2).

    Examples
    --------
    >>> derive_uid("cohort", "case 1") == derive_uid("cohort", "case 1")
    True
    """
    # The length before each name keeps ("a", "bc") apart from ("ab", "c").
    joined = "".join(f"{len(name)}:{name}" for name in names)
    return f"2.25.{uuid.uuid5(UID_SPACE, joined).int}"


def tags_for(image: Image) -> DicomTags:
    """Make tags for an image of which nothing more is known, from its own content."""
    digest = hashlib.sha256(image.array.tobytes())
    digest.update(repr((image.array.shape, image.array.dtype, image.geometry)).encode())
    name = digest.hexdigest()
    return DicomTags(
        patient_id="",
        study_uid=derive_uid("study", name),
        series_uid=derive_uid("series", name),
    )


def modality_code(image: Image, tags: DicomTags) -> str:
    """Return the modality to write: as the tags say, else the best fit for the image."""
    if tags.modality:
        return tags.modality
    if image.modality is Modality.XRAY:
        is_digital = image.geometry.frame is Frame.DETECTOR and image.array.dtype.kind == "u"
        return "DX" if is_digital else "CR"
    return CODES[image.modality]
