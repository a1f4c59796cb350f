"""DICOM's stored numbers to values: decoding, modality rescale, photometric interpretation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanwright.base import FileError
from scanwright.image import Array
from scanwright.io.dicom_decode import decode_stored
from scanwright.io.rescale import native, rescaled, rescaled_dtype, stored_range

if TYPE_CHECKING:
    from pydicom import Dataset

PIXEL_KEYWORDS = (
    "Rows",
    "Columns",
    "NumberOfFrames",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PlanarConfiguration",
    "RescaleSlope",
    "RescaleIntercept",
    "ModalityLUTSequence",
    "RedPaletteColorLookupTableDescriptor",
)
GREY = ("MONOCHROME1", "MONOCHROME2")
PALETTE = "PALETTE COLOR"
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT")


@dataclass(frozen=True, slots=True)
class Scale:
    """Value = stored × slope + intercept."""

    slope: float = 1.0
    intercept: float = 0.0


@dataclass(frozen=True, slots=True)
class PixelFacts:
    """How the pixels of one object are stored.

    Parameters
    ----------
    dtype, bits
        Number type that the stored numbers decode to, and how many bits of it are in use (None
        for floats).
    scales
        One for each frame, or one for all.
    lut_bits
        Bits of the Modality LUT's output, None where there is no such table.
    palette_bits
        Bits of each colour in the palette.
    """

    rows: int
    columns: int
    frames: int
    photometric: str
    dtype: str
    bits: int | None
    scales: tuple[Scale, ...]
    lut_bits: int | None = None
    palette_bits: int = 16

    @property
    def channels(self) -> int:
        """Channels once decoded: 1, or 3 for colour and palette."""
        return 1 if self.photometric in GREY else 3

    @property
    def is_inverted(self) -> bool:
        """Whether small numbers are meant to look bright."""
        return self.photometric == "MONOCHROME1"

    @property
    def value_dtype(self) -> str:
        """Number type of the values."""
        if self.photometric == PALETTE:
            return "uint8" if self.palette_bits <= 8 else "uint16"
        if self.channels == 3:
            return self.dtype
        if self.lut_bits is not None:
            return "uint8" if self.lut_bits <= 8 else "uint16"
        kinds = {self.scaled_dtype(scale) for scale in self.scales}
        return np.result_type(*kinds).name

    def scaled_dtype(self, scale: Scale) -> str:
        """Return the number type of values under one scale."""
        return rescaled_dtype(self.dtype, scale.slope, scale.intercept, self.bits)

    def ends(self, scale: Scale) -> tuple[float, float]:
        """Return the two ends of the range of values, for turning MONOCHROME1 over."""
        if self.lut_bits is not None:
            return 0.0, float((1 << self.lut_bits) - 1)
        if self.bits is None:
            return 0.0, 0.0
        low, high = stored_range(self.dtype, self.bits)
        return low * scale.slope + scale.intercept, high * scale.slope + scale.intercept


def read_facts(ds: Dataset) -> PixelFacts:
    """Read how pixels are stored.

    Raises
    ------
    FileError
        The object holds no image, or one of a kind that is not read.
    """
    rows, columns = int(ds.get("Rows") or 0), int(ds.get("Columns") or 0)
    if rows < 1 or columns < 1 or ds.get("BitsAllocated") is None:
        raise FileError(
            "The DICOM object holds no image.",
            got=object_name(ds),
            legal="an object with rows, columns and pixels",
        )
    frames = int(ds.get("NumberOfFrames") or 1)
    photometric = str(ds.get("PhotometricInterpretation") or "").strip().upper()
    samples = int(ds.get("SamplesPerPixel") or 1)
    if not photometric:
        photometric = "RGB" if samples == 3 else "MONOCHROME2"
    expected = 1 if photometric in (*GREY, PALETTE) else 3
    if photometric not in (*GREY, PALETTE, *COLOUR) or samples != expected:
        raise FileError(
            "The colours of the DICOM image are not read.",
            got=f"{photometric}, {samples} samples per pixel",
            legal=", ".join((*GREY, PALETTE, *COLOUR)),
        )
    dtype, bits = _stored_type(ds)
    table = ds.get("ModalityLUTSequence")
    lut_bits = int(table[0].LUTDescriptor[2]) if table else None
    palette = ds.get("RedPaletteColorLookupTableDescriptor")
    palette_bits = int(palette[2]) if palette else 16
    # Frames are only as many as there are items that tell them apart: the count may be a lie.
    told = min(frames, len(ds.get("PerFrameFunctionalGroupsSequence") or ()))
    scales = tuple(_scale(ds, index) for index in range(max(told, 1)))
    return PixelFacts(
        rows, columns, frames, photometric, dtype, bits, scales, lut_bits, palette_bits
    )


def stored_bytes(ds: Dataset, facts: PixelFacts) -> int:
    """Return how many bytes the pixels take uncompressed."""
    bits = int(ds.BitsAllocated) * facts.frames * facts.rows * facts.columns
    samples = int(ds.get("SamplesPerPixel") or 1)
    if facts.photometric == "YBR_FULL_422":
        return bits * 2 // 8
    return bits * samples // 8


def decode(ds: Dataset, facts: PixelFacts) -> Array:
    """Return the values, shape (C, frames, rows, columns), bright meaning much.

    Raises
    ------
    FileError
        No decoder for the transfer syntax is installed, or the pixels are not there.
    """
    stored = decode_stored(ds)
    if facts.channels == 1:
        frames = stored.reshape(facts.frames, facts.rows, facts.columns)
        return _grey_values(frames, ds, facts)[None]
    if facts.photometric == PALETTE:
        from pydicom.pixels import apply_color_lut

        stored = native(apply_color_lut(stored, ds)).astype(facts.value_dtype, copy=False)
    colour = stored.reshape(facts.frames, facts.rows, facts.columns, 3)
    return np.ascontiguousarray(np.moveaxis(colour, -1, 0))


def object_name(ds: Dataset) -> str:
    """Return what kind of object this is, for messages."""
    uid = ds.get("SOPClassUID") or ds.get("MediaStorageSOPClassUID")
    if uid is None and hasattr(ds, "file_meta"):
        uid = ds.file_meta.get("MediaStorageSOPClassUID")
    return str(getattr(uid, "name", "")) or "no SOP class"


def _stored_type(ds: Dataset) -> tuple[str, int | None]:
    allocated = int(ds.BitsAllocated)
    if ds.get("PixelRepresentation") is None and ds.get("BitsStored") is None:
        return ("float64" if allocated == 64 else "float32"), None
    bits = int(ds.get("BitsStored") or allocated)
    if allocated not in (1, 8, 16, 32, 64) or not 1 <= bits <= allocated:
        raise FileError(
            "The DICOM image declares an odd number of bits.",
            got=f"{bits} of {allocated} bits",
            legal="8, 16, 32 or 64 bits allocated, and no more stored",
        )
    sign = "" if int(ds.get("PixelRepresentation") or 0) == 1 else "u"
    return f"{sign}int{max(allocated, 8)}", bits


def _scale(ds: Dataset, frame: int) -> Scale:
    for keyword, item in (
        ("PerFrameFunctionalGroupsSequence", frame),
        ("SharedFunctionalGroupsSequence", 0),
    ):
        sequence = ds.get(keyword)
        if sequence and item < len(sequence):
            macro = sequence[item].get("PixelValueTransformationSequence")
            if macro:
                return _plain_scale(macro[0])
    return _plain_scale(ds)


def _plain_scale(ds: Dataset) -> Scale:
    slope, intercept = ds.get("RescaleSlope"), ds.get("RescaleIntercept")
    return Scale(
        1.0 if slope is None else float(slope), 0.0 if intercept is None else float(intercept)
    )


def _grey_values(stored: Array, ds: Dataset, facts: PixelFacts) -> Array:
    if facts.lut_bits is not None:
        from pydicom.pixels import apply_modality_lut

        values = native(apply_modality_lut(stored, ds)).astype(facts.value_dtype)
        return _turned_over(values, facts, Scale()) if facts.is_inverted else values
    if len(set(facts.scales)) == 1 or len(facts.scales) != facts.frames:
        return _scaled(stored, facts, facts.scales[0]).astype(facts.value_dtype, copy=False)
    values = np.empty(stored.shape, dtype=facts.value_dtype)
    for index, scale in enumerate(facts.scales):
        values[index] = _scaled(stored[index], facts, scale)
    return values


def _scaled(stored: Array, facts: PixelFacts, scale: Scale) -> Array:
    values = rescaled(stored, scale.slope, scale.intercept, facts.bits)
    return _turned_over(values, facts, scale) if facts.is_inverted else values


def _turned_over(values: Array, facts: PixelFacts, scale: Scale) -> Array:
    """Exchange bright and dark within the range of values that the stored bits allow."""
    total = sum(facts.ends(scale))
    if values.dtype.kind == "f":
        return (total - values).astype(values.dtype)
    return (int(total) - values.astype(np.int64)).astype(values.dtype)
