"""DICOM objects of any common transfer syntax: one image, or frames that form a volume."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from scanwright.base import FileError
from scanwright.image import DICOM_MODALITIES, Frame, Geometry, Image, Modality
from scanwright.io.dicom_pixels import (
    PIXEL_KEYWORDS,
    PixelFacts,
    decode,
    object_name,
    read_facts,
    stored_bytes,
)
from scanwright.io.dicom_place import PLACE_KEYWORDS, frames_of, plane_of
from scanwright.io.guard import check_is_file, reading
from scanwright.io.header import Header
from scanwright.io.limits import DEFAULT_LIMITS, ReadLimits, check_stored_bytes
from scanwright.io.rescale import is_identity

if TYPE_CHECKING:
    from pydicom import Dataset

PREAMBLE = 128
KNOWN_VRS = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN "
    b"SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV".split()
)
LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
"""Value representations with four bytes of length (PS3.5, 7.1.2)."""
DEFLATED = b"1.2.840.10008.1.2.1.99"
META_BYTES = 1 << 14
"""How far into a file its meta information may reach."""

IDENTITY_KEYWORDS = (
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SeriesDescription",
    "InstanceNumber",
    "PatientID",
    "PatientSex",
    "PatientAge",
    "InstitutionName",
    "Modality",
    "ImageType",
    "FrameOfReferenceUID",
)
ABOUT_KEYWORDS = {
    "WindowCenter": "window_center",
    "WindowWidth": "window_width",
    "PixelPaddingValue": "padding_value",
    "PhotometricInterpretation": "photometric",
    "ImageLaterality": "laterality",
    "Laterality": "laterality",
    "BodyPartExamined": "body_part",
    "ViewPosition": "view_position",
    "PresentationIntentType": "presentation_intent",
    "BurnedInAnnotation": "burned_in_annotation",
    "SliceThickness": "slice_thickness_mm",
    "RescaleType": "rescale_type",
}
VALUES_ON_SCALE = ("window_center", "padding_value")
"""Facts that move when bright and dark are exchanged."""
HEADER_KEYWORDS = [*IDENTITY_KEYWORDS, *PIXEL_KEYWORDS, *PLACE_KEYWORDS, *ABOUT_KEYWORDS]
AGE_UNITS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}


@dataclass(frozen=True, slots=True)
class Dicom:
    """DICOM Part 10 files, and bare data sets without their preamble."""

    suffixes: ClassVar[tuple[str, ...]] = (".dcm", ".dicom", ".ima")

    @staticmethod
    def signature(head: bytes) -> bool:
        """Whether "DICM" follows the preamble, or a data set begins at once."""
        return head[PREAMBLE : PREAMBLE + 4] == b"DICM" or _is_bare(head)

    def probe(self, path: Path, limits: ReadLimits) -> Header:
        """Read everything but the pixels."""
        return header_of(open_header(path, limits), path, limits)

    def read(self, path: Path, limits: ReadLimits) -> Image:
        """Read one frame as (C, Y, X), frames that form a volume as (C, Z, Y, X)."""
        return image_of(open_whole(path, limits), path, limits)

    def write(self, image: Image, path: Path) -> None:
        """Write a 2-D image with identifiers made from its own content."""
        from scanwright.io.dicom_write import write_dicom
        from scanwright.io.tags import tags_for

        write_dicom(image, path, tags_for(image))


def open_header(path: Path, limits: ReadLimits) -> Dataset:
    """Open a data set without its pixels."""
    import pydicom

    _check_deflated(path, limits)
    ds = pydicom.dcmread(path, stop_before_pixels=True, force=True, specific_tags=HEADER_KEYWORDS)
    return _checked(ds, path)


def open_whole(path: Path, limits: ReadLimits) -> Dataset:
    """Open a data set with its pixels."""
    import pydicom

    _check_deflated(path, limits)
    return _checked(pydicom.dcmread(path, force=True), path)


def open_tags(path: Path, keywords: Sequence[str], limits: ReadLimits = DEFAULT_LIMITS) -> Dataset:
    """Open the attributes that are named, of any DICOM object, an image or not.

    Raises
    ------
    FileError
        The file cannot be read, is not DICOM, or unpacks to more than the limit.
    """
    import pydicom

    with reading(path):
        check_is_file(path)
        _check_deflated(path, limits)
        return pydicom.dcmread(path, specific_tags=list(keywords))


def frame_order(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> tuple[int, ...]:
    """Return which frame of a file, counted from 0, each plane of its image is once read.

    Raises
    ------
    FileError
        The file cannot be read, or its frames form no volume.
    """
    with reading(path):
        ds = open_header(path, limits)
        return tuple(_grid(ds, _checked_facts(ds, path, limits), path)[2])


def header_of(ds: Dataset, path: Path, limits: ReadLimits) -> Header:
    """Describe an opened data set."""
    facts = _checked_facts(ds, path, limits)
    size, geometry, _ = _grid(ds, facts, path)
    return Header(
        "dicom",
        size,
        facts.channels,
        facts.value_dtype,
        geometry,
        modality_of(ds),
        patient_id=_text(ds, "PatientID"),
        study_uid=_text(ds, "StudyInstanceUID"),
        series_uid=_text(ds, "SeriesInstanceUID"),
        instance_uid=_text(ds, "SOPInstanceUID"),
        series_description=_text(ds, "SeriesDescription"),
        sex=_text(ds, "PatientSex"),
        age_years=_age(_text(ds, "PatientAge")),
        institution=_text(ds, "InstitutionName"),
        frame_uid=_text(ds, "FrameOfReferenceUID"),
    )


def image_of(ds: Dataset, path: Path, limits: ReadLimits) -> Image:
    """Decode an opened data set."""
    facts = _checked_facts(ds, path, limits)
    _, geometry, order = _grid(ds, facts, path)
    values = decode(ds, facts)  # (C, frames, Y, X)
    array = values[:, 0] if geometry.rank == 2 else values[:, order]
    return Image(
        array,
        geometry,
        modality_of(ds),
        unit_of(ds),
        about=about(ds, facts, geometry),
    )


def modality_of(ds: Dataset) -> Modality:
    """Return how the image was made."""
    code = _text(ds, "Modality")
    return DICOM_MODALITIES.get(code, Modality.OTHER) if code else Modality.UNKNOWN


def unit_of(ds: Dataset) -> str:
    """Return HU for CT that is rescaled to it, else nothing (PS3.3 C.8.2.1.1.2)."""
    kind = _text(ds, "RescaleType") or "HU"
    is_ct = modality_of(ds) is Modality.CT
    return "HU" if is_ct and kind in ("HU", "HU_MOD") and "LOCALIZER" not in image_type(ds) else ""


def image_type(ds: Dataset) -> tuple[str, ...]:
    """Return the values of Image Type."""
    value = ds.get("ImageType")
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(part) for part in value)


def about(ds: Dataset, facts: PixelFacts, geometry: Geometry) -> dict[str, str | float]:
    """Collect what steers preprocessing; nothing that identifies anyone."""
    found: dict[str, str | float] = {}
    for keyword, name in ABOUT_KEYWORDS.items():
        value = _first(ds.get(keyword))
        if value not in (None, "") and name not in found:
            found[name] = value if isinstance(value, str) else float(value)  # type: ignore[arg-type]  # a number of pydicom's
    scale = facts.scales[0]
    padding = found.get("padding_value")
    if isinstance(padding, float) and not is_identity(scale.slope, scale.intercept):
        found["padding_value"] = padding * scale.slope + scale.intercept
    if facts.is_inverted:
        for name in VALUES_ON_SCALE:
            value = found.get(name)
            if isinstance(value, float):
                found[name] = sum(facts.ends(scale)) - value
    source = plane_of(ds)[1] if geometry.frame is Frame.DETECTOR else ""
    if source:
        found["spacing_source"] = source
    return found


def _is_bare(head: bytes) -> bool:
    """Whether the first element is one of group 0002 or 0008, explicit or implicit."""
    if len(head) < 12:
        return False
    orders: tuple[Literal["little", "big"], ...] = ("little", "big")
    for order in orders:
        group = int.from_bytes(head[0:2], order)
        if group not in (2, 8):
            continue
        if head[4:6] in KNOWN_VRS:
            return True
        length = int.from_bytes(head[4:8], "little")
        if order == "little" and length <= 256 and int.from_bytes(head[2:4], "little") <= 0x60:
            return True
    return False


def _check_deflated(path: Path, limits: ReadLimits) -> None:
    """Refuse a deflated data set that unpacks to more than the limit, without keeping it."""
    with path.open("rb") as stream:
        head = stream.read(META_BYTES)
        start = PREAMBLE + 4 if head[PREAMBLE : PREAMBLE + 4] == b"DICM" else 0
        if DEFLATED not in head[start:]:
            return
        stream.seek(_meta_end(head, start))
        engine = zlib.decompressobj(-zlib.MAX_WBITS)
        total = 0
        while (block := stream.read(1 << 16)) and not engine.eof:
            while block:
                total += len(engine.decompress(block, 1 << 20))
                block = engine.unconsumed_tail
                if total > limits.max_bytes:
                    raise FileError(
                        "The deflated file unpacks to more than the limit.",
                        legal=f"at most {limits.max_bytes / 2**30:.3g} GiB",
                        where=path,
                    )


def _meta_end(head: bytes, place: int) -> int:
    """Return where the elements of group 0002 end, which are explicit, little endian."""
    while head[place : place + 2] == b"\x02\x00":
        if head[place + 4 : place + 6] in LONG_VRS:
            place += 12 + int.from_bytes(head[place + 8 : place + 12], "little")
        else:
            place += 8 + int.from_bytes(head[place + 6 : place + 8], "little")
    return place


def _checked(ds: Dataset, path: Path) -> Dataset:
    """Refuse what is no DICOM, and say how the rest is encoded where the file does not."""
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    if len(ds) == 0 and len(ds.file_meta) == 0:
        raise FileError(
            "The file is not DICOM.", legal="DICOM, with or without its preamble", where=path
        )
    if ds.file_meta.get("TransferSyntaxUID") is None:
        implicit, little = ds.original_encoding
        plain = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
        ds.file_meta.TransferSyntaxUID = plain if little else ExplicitVRBigEndian
    return ds


def _checked_facts(ds: Dataset, path: Path, limits: ReadLimits) -> PixelFacts:
    facts = read_facts(ds)
    if _text(ds, "Modality") == "SEG" or object_name(ds).startswith("Segmentation"):
        raise FileError(
            "The DICOM object is a segmentation, not an image.",
            next="use it as the truth of the image that it belongs to",
            where=path,
        )
    if "MOSAIC" in image_type(ds):
        raise FileError(
            "The DICOM object is a mosaic: many slices tiled into one picture.",
            next="convert it with the vendor's tools, or with dcm2niix",
            where=path,
        )
    limits.check((facts.channels, facts.frames, facts.rows, facts.columns), facts.value_dtype, path)
    syntax = ds.file_meta.TransferSyntaxUID
    if not syntax.is_compressed and not syntax.is_deflated and not syntax.is_private:
        check_stored_bytes(stored_bytes(ds, facts), path.stat().st_size, path)
    return facts


def _grid(
    ds: Dataset, facts: PixelFacts, path: Path
) -> tuple[tuple[int, ...], Geometry, list[int]]:
    """Return size, geometry and the order of the frames."""
    plane = (facts.rows, facts.columns)
    if facts.frames == 1:
        return plane, plane_of(ds)[0], [0]
    order, geometry = frames_of(ds, facts.frames)
    return (facts.frames, *plane), geometry, order


def _first(value: object) -> object:
    if value is None or isinstance(value, str | int | float):
        return value
    try:
        return next(iter(value), None)  # type: ignore[call-overload]  # pydicom's lists
    except TypeError:
        return value


def _text(ds: Dataset, keyword: str) -> str:
    value = _first(ds.get(keyword))
    return "" if value is None else str(value).strip()


def _age(text: str) -> float | None:
    """Return years of an age such as "042Y" (PS3.5, 6.2, AS)."""
    number, unit = text[:-1], text[-1:]
    return int(number) * AGE_UNITS[unit] if number.isdigit() and unit in AGE_UNITS else None
