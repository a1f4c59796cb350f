"""Tests of slope and intercept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.io.rescale import is_identity, native, rescaled, rescaled_dtype, stored_range


@pytest.mark.parametrize("slope", [0.0, np.nan, np.inf])
def test_an_unusable_slope_means_no_scaling(slope: float) -> None:
    assert is_identity(slope, 7.0)
    array = np.arange(5, dtype=np.int16)
    assert rescaled(array, slope, 7.0) is array


@pytest.mark.parametrize(
    ("dtype", "slope", "intercept", "bits", "expected"),
    [
        ("uint16", 1, -1024, 12, "int16"),
        ("uint16", 1, -1024, 16, "int32"),
        ("int16", 1, -1024, 13, "int16"),
        ("int16", 1, 0, 16, "int16"),
        ("uint8", 2, 0, None, "int16"),
        ("uint8", -1, 255, None, "uint8"),
        ("int16", 0.5, 0, None, "float32"),
        ("int32", 0.5, 0, None, "float64"),
        ("uint64", 3, 0, None, "float64"),
        ("float32", 2.5, 1, None, "float32"),
        ("float64", 2.5, 1, None, "float64"),
    ],
)
def test_values_stay_integers_where_that_is_exact(
    dtype: str, slope: float, intercept: float, bits: int | None, expected: str
) -> None:
    assert rescaled_dtype(dtype, slope, intercept, bits) == expected
    low = 0 if dtype.startswith(("u", "f")) else -3
    array = np.arange(low, 5).astype(dtype)
    values = rescaled(array, slope, intercept, bits)
    assert values.dtype == expected
    assert np.allclose(values, array.astype(float) * slope + intercept)


@given(
    dtype=st.sampled_from(["uint8", "int8", "uint16", "int16", "int32"]),
    slope=st.integers(-9, 9).filter(bool),
    intercept=st.integers(-40000, 40000),
)
def test_whole_scales_never_overflow(dtype: str, slope: int, intercept: int) -> None:
    low, high = stored_range(dtype)
    values = rescaled(np.array([low, high], dtype=dtype), slope, intercept)
    assert values.dtype.kind in "ui"
    assert values.tolist() == [low * slope + intercept, high * slope + intercept]


def test_stored_range_knows_bits_and_sign() -> None:
    assert stored_range("int16", 12) == (-2048, 2047)
    assert stored_range("uint16", 12) == (0, 4095)
    assert stored_range("int8") == (-128, 127)


def test_native_turns_byte_order_and_keeps_values() -> None:
    big = np.arange(5, dtype=">i2")
    assert native(big).dtype.isnative
    assert np.array_equal(native(big), big)
