"""Masks hold whole numbers, however they are stored."""

import numpy as np
import pytest

from scanwright.base import LabelError
from scanwright.data.mask_values import values_of, whole_numbers


@pytest.mark.parametrize("kind", ["bool", "uint8", "int16", "uint16", "int64", "float32"])
def test_whole_numbers_are_taken_whatever_their_type(kind: str) -> None:
    stored = np.array([[0, 1], [1, 0]], dtype=kind)
    read = whole_numbers(stored, "m")
    assert read.dtype.kind in "ui"
    np.testing.assert_array_equal(read, [[0, 1], [1, 0]])


def test_fractions_are_refused_and_shown() -> None:
    with pytest.raises(LabelError, match=r"no whole numbers.*0\.25, 0\.5.*mask\.nii"):
        whole_numbers(np.array([0, 1, 0.5, 0.25]), "mask.nii")


def test_lost_values_are_refused_and_counted() -> None:
    with pytest.raises(LabelError, match="2 of 4 are NaN or infinite"):
        whole_numbers(np.array([0, 1, np.nan, np.inf]), "mask.nii")


@pytest.mark.parametrize("kind", ["bool", "uint8", "int16", "uint16", "int64"])
def test_values_are_found_once_each(kind: str) -> None:
    values = np.array([1, 0, 1, 1], dtype=kind)
    assert values_of(values) == (0, 1)


def test_negative_and_large_values_are_found() -> None:
    assert values_of(np.array([-1, 70000, 0, -1])) == (-1, 0, 70000)
