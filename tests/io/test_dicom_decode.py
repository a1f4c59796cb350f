"""Tests of compressed DICOM, against references decoded by others."""

import struct
from pathlib import Path

import numpy as np
import pyarrow
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, RLELossless

from scanwright.base import FileError
from scanwright.io import probe, read
from scanwright.io.dicom_decode import stream_size
from tests.io.builders import make_dicom, noise

LOSSLESS = ["J2KR", "JLSL", "JPLL", "RLE"]
NEAR_LOSSLESS = 4
"""JLSN's largest error as its coder set it (PROVENANCE.md)."""
LOSSY_SHARE = 0.05
"""Largest mean error of the lossy codings, as a share of the range of values."""


def reference(folder: Path, name: str, tmp_path: Path) -> Path:
    """Unpack an uncompressed original."""
    with pyarrow.input_stream(
        str(folder / "REF" / f"{name}_UNC.zst"), compression="zstd"
    ) as packed:
        content = packed.read()
    path = tmp_path / f"{name}.dcm"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("coding", LOSSLESS)
def test_lossless_codings_decode_bit_for_bit(
    coding: str, shared_data: object, tmp_path: Path
) -> None:
    folder = shared_data("dicom/wg04_codecs")
    paths = sorted((folder / coding).iterdir())
    assert len(paths) >= 6
    for path in paths:
        original = read(reference(folder, path.name.split("_")[0], tmp_path))
        image = read(path)
        assert image.array.dtype == original.array.dtype, path.name
        assert np.array_equal(image.array, original.array), path.name
        assert probe(path).agrees(image), path.name


@pytest.mark.parametrize("coding", ["JLSN", "J2KI", "JPLY"])
def test_lossy_codings_decode_nearly(coding: str, shared_data: object, tmp_path: Path) -> None:
    folder = shared_data("dicom/wg04_codecs")
    for path in sorted((folder / coding).iterdir()):
        original = read(reference(folder, path.name.split("_")[0], tmp_path)).array
        off = np.abs(read(path).array.astype(float) - original)
        if coding == "JLSN":
            slope = float(pydicom.dcmread(path).get("RescaleSlope", 1))
            assert off.max() <= NEAR_LOSSLESS * slope * 1.0001, path.name
        else:
            assert off.mean() <= LOSSY_SHARE * np.ptp(original), path.name


def compressed(path: Path, pixels: np.ndarray, syntax: str = RLELossless) -> pydicom.Dataset:
    make_dicom(path, pixels)
    ds = pydicom.dcmread(path)
    ds.compress(syntax, generate_instance_uid=False)
    ds.save_as(path)
    return ds


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16"])
@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless])
def test_own_compressed_files_round_trip(syntax: str, dtype: str, tmp_path: Path) -> None:
    pixels = noise((64, 48), dtype)
    compressed(tmp_path / "a.dcm", pixels, syntax)
    assert np.array_equal(read(tmp_path / "a.dcm").array[0], pixels)


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless])
@pytest.mark.parametrize("part", [0.5, 0.8, 0.95])
def test_truncated_streams_are_never_filled_up(syntax: str, part: float, tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    compressed(path, noise((64, 48), "uint16", 4096), syntax)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(FileError):
        read(path)


def test_an_unknown_syntax_is_named(tmp_path: Path) -> None:
    ds = compressed(tmp_path / "a.dcm", noise((64, 48), "uint8"))
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.100"
    ds.save_as(tmp_path / "a.dcm")
    with pytest.raises(FileError, match=r"MPEG2 .*1\.2\.840\.10008\.1\.2\.4\.100"):
        read(tmp_path / "a.dcm")


def test_a_missing_decoder_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed(tmp_path / "a.dcm", noise((64, 48), "uint8"), JPEG2000Lossless)
    decoder = pydicom.pixels.get_decoder(JPEG2000Lossless)
    monkeypatch.setattr(type(decoder), "is_available", False)
    with pytest.raises(
        FileError, match=r"No installed package.*JPEG 2000.*install what is missing"
    ):
        read(tmp_path / "a.dcm")


def test_a_stream_larger_than_its_header_is_refused_before_decoding(tmp_path: Path) -> None:
    ds = compressed(tmp_path / "a.dcm", noise((64, 48), "uint8"), JPEG2000Lossless)
    frame = next(pydicom.encaps.generate_frames(ds.PixelData, number_of_frames=1))
    start = frame.find(b"\xff\x4f\xff\x51")
    bomb = bytearray(frame)
    bomb[start + 8 : start + 16] = struct.pack(">II", 60000, 60000)
    ds.PixelData = encapsulate([bytes(bomb)])
    ds.save_as(tmp_path / "a.dcm")
    with pytest.raises(FileError, match="60000 × 60000"):
        read(tmp_path / "a.dcm")


def jpeg(marker: int, rows: int, columns: int) -> bytes:
    start = b"\xff\xd8\xff\xe0\x00\x04ab\xff"  # a segment and a fill byte first
    return start + struct.pack(">BBHBHH", 0xFF, marker, 11, 8, rows, columns) + bytes(9)


@pytest.mark.parametrize("marker", [0xC0, 0xC1, 0xC3, 0xF7])
def test_sizes_are_found_in_streams(marker: int) -> None:
    assert stream_size(jpeg(marker, 60, 50)) == (60, 50)
    assert stream_size(jpeg(marker, 0, 50)) is None
    j2k = b"\xff\x4f\xff\x51" + struct.pack(">HHIIII", 47, 0, 55, 67, 5, 7)
    assert stream_size(j2k) == (60, 50)
    assert stream_size(b"\0" * 12 + j2k) == (60, 50)


@pytest.mark.parametrize("stream", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"no picture at all"])
def test_no_size_is_found_where_there_is_none(stream: bytes) -> None:
    assert stream_size(stream) is None
