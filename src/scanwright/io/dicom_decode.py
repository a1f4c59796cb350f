"""Encoded DICOM pixels to stored numbers, with whichever installed package can."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scanwright.base import FileError
from scanwright.image import Array
from scanwright.io.rescale import native

if TYPE_CHECKING:
    from pydicom import Dataset

PIXEL_ELEMENTS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
JPEG_FAMILY = "1.2.840.10008.1.2.4."
"""Begin of the transfer syntaxes whose frames are JPEG, JPEG-LS, JPEG 2000 or HTJ2K streams."""
J2K_START = b"\xff\x4f\xff\x51"
"""Start of codestream and size markers (ISO/IEC 15444-1, annex A)."""
J2K_HEAD_BYTES = 1024
NO_FRAME_MARKERS = (0xC4, 0xC8, 0xCC)
"""Within 0xC0 to 0xCF, markers that begin no frame (ISO/IEC 10918-1, table B.1)."""
JPEG_LS_FRAME = 0xF7


def decode_stored(ds: Dataset) -> Array:
    """Return the stored numbers, shape ([frames,] rows, columns[, 3]), YBR turned into RGB.

    Raises
    ------
    FileError
        There are no pixels, their size contradicts the header, or no installed package decodes
        the transfer syntax.
    """
    from pydicom.pixels import get_decoder

    if not any(name in ds for name in PIXEL_ELEMENTS):
        raise FileError("The DICOM object has no pixels.")
    syntax = ds.file_meta.TransferSyntaxUID
    if syntax.startswith(JPEG_FAMILY):
        _check_streams(ds)
    if syntax == JPEG_EXTENDED and int(ds.BitsStored) > 8:
        return _decode_with_gdcm(ds)
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError as error:
        raise _no_decoder(syntax, "none is known") from error
    if not decoder.is_available:
        raise _no_decoder(syntax, "; ".join(decoder.missing_dependencies))
    pixels, _ = decoder.as_array(ds, view_only=True)
    return native(pixels)


def stream_size(stream: bytes) -> tuple[int, int] | None:
    """Return rows and columns that a JPEG, JPEG-LS or JPEG 2000 stream declares, if it does."""
    start = stream[:J2K_HEAD_BYTES].find(J2K_START)
    if start >= 0:
        # After the markers: length 2, capabilities 2, then width, height and their offsets.
        width, height, left, top = np.frombuffer(stream, ">u4", 4, start + 8).tolist()
        return height - top, width - left
    place = 2
    while place + 9 <= len(stream) and stream[place] == 0xFF:
        marker = stream[place + 1]
        is_frame = 0xC0 <= marker <= 0xCF and marker not in NO_FRAME_MARKERS
        if is_frame or marker == JPEG_LS_FRAME:
            rows = int.from_bytes(stream[place + 5 : place + 7], "big")
            columns = int.from_bytes(stream[place + 7 : place + 9], "big")
            return (rows, columns) if rows else None  # 0: given only after the first scan
        if marker == 0xFF:  # fill byte
            place += 1
        else:
            place += 2 + int.from_bytes(stream[place + 2 : place + 4], "big")
    return None


def _check_streams(ds: Dataset) -> None:
    """Refuse frames that would unpack to another size than the header's: limits saw only that."""
    from pydicom.encaps import generate_frames

    frames = int(ds.get("NumberOfFrames") or 1)
    expected = (int(ds.Rows), int(ds.Columns))
    for frame in generate_frames(ds.PixelData, number_of_frames=frames):
        found = stream_size(frame)
        if found is not None and found != expected:
            raise FileError(
                "The compressed pixels have another size than the header says.",
                got=f"{found[0]} × {found[1]}",
                legal=f"{expected[0]} × {expected[1]}",
                next="export the file again",
            )


def _decode_with_gdcm(ds: Dataset) -> Array:
    """Decode JPEG Extended of 12 bits, which pydicom's own plugs refuse, from the file itself."""
    try:
        import gdcm
    except ImportError as error:
        raise _no_decoder(ds.file_meta.TransferSyntaxUID, "python-gdcm") from error

    reader = gdcm.ImageReader()
    reader.SetFileName(str(Path(ds.filename)))
    if not reader.Read():
        raise FileError("The compressed pixels are damaged.", next="export the file again")
    image = reader.GetImage()
    data = image.GetBuffer().encode("utf-8", "surrogateescape")
    dtype = np.dtype(np.int16 if int(ds.PixelRepresentation) == 1 else np.uint16)
    frames = int(ds.get("NumberOfFrames") or 1)
    pixels = np.frombuffer(data, dtype)
    return pixels.reshape(frames, int(ds.Rows), int(ds.Columns))


def _no_decoder(syntax: object, packages: str) -> FileError:
    return FileError(
        "No installed package decodes this transfer syntax.",
        got=f"{getattr(syntax, 'name', '')} ({syntax})",
        legal="uncompressed, deflated, RLE, JPEG, JPEG-LS, JPEG 2000 and HTJ2K",
        next=f"install what is missing ({packages}), or convert the file",
    )
