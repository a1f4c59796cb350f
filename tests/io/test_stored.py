"""Tests of the integers that DICOM objects store."""

from pathlib import Path

import numpy as np
import pytest

from scanwright.base import FileError
from scanwright.io.stored import AIR_HU, store
from tests.io.builders import noise

WHERE = Path("a.dcm")


def test_ct_is_shifted_and_uses_few_bits() -> None:
    array = np.array([[[-1024, 0, 3071]]], np.int16)
    stored = store(array, "CT", WHERE)
    assert stored.array.dtype == np.int16
    assert (stored.bits, stored.intercept) == (13, AIR_HU)
    assert np.array_equal(stored.array + AIR_HU, array)


def test_ct_beyond_the_usual_range_is_stored_as_it_is() -> None:
    array = np.array([[[-32768, 32767]]], np.int16)
    stored = store(array, "CT", WHERE)
    assert (stored.bits, stored.intercept) == (16, 0)
    assert np.array_equal(stored.array, array)


def test_ct_beyond_16_bits_is_refused() -> None:
    with pytest.raises(FileError, match="cannot hold"):
        store(np.array([[[0, 40000]]], np.int32), "CT", WHERE)


@pytest.mark.parametrize(("high", "bits"), [(4095, 12), (4096, 16), (65535, 16)])
def test_x_rays_use_12_bits_where_they_do(high: int, bits: int) -> None:
    stored = store(np.array([[[0, high]]], np.uint16), "DX", WHERE)
    assert (stored.bits, stored.array.dtype, stored.intercept) == (bits, np.uint16, None)


@pytest.mark.parametrize(
    ("code", "dtype", "kept"),
    [("US", "uint8", "uint8"), ("MR", "uint8", "uint16"), ("MR", "int16", "int16")],
)
def test_types_fit_the_modality(code: str, dtype: str, kept: str) -> None:
    array = noise((1, 4, 5), dtype)
    stored = store(array, code, WHERE)
    assert stored.array.dtype == kept
    assert np.array_equal(stored.array, array)


@pytest.mark.parametrize(
    ("code", "shape", "dtype"),
    [
        ("CT", (1, 4, 5), "float32"),
        ("DX", (1, 4, 5), "int16"),
        ("DX", (3, 4, 5), "uint8"),
        ("US", (1, 4, 5), "uint16"),
        ("OT", (3, 4, 5), "uint16"),
        ("OT", (2, 4, 5), "uint8"),
    ],
)
def test_what_does_not_fit_is_refused(code: str, shape: tuple[int, ...], dtype: str) -> None:
    with pytest.raises(FileError, match="cannot hold"):
        store(noise(shape, dtype), code, WHERE)


def test_a_plane_keeps_the_bits_of_the_whole() -> None:
    array = np.zeros((1, 2, 3, 4), np.uint16)
    array[0, 1] = 60000
    plane = store(array, "MR", WHERE).plane(0)
    assert (plane.array.shape, plane.bits) == ((1, 3, 4), 16)
