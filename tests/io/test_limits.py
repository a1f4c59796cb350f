"""Tests of the limits of size."""

from pathlib import Path

import pytest

from scanwright.base import FileError
from scanwright.io import DEFAULT_LIMITS, ReadLimits
from scanwright.io.limits import check_stored_bytes

WHERE = Path("picture.png")


def test_an_absurd_size_is_refused_with_numbers() -> None:
    with pytest.raises(FileError, match=r"1 × 1000000 × 1000000 uint16, 1.86e\+03 GiB"):
        DEFAULT_LIMITS.check((1, 1000000, 1000000), "uint16", WHERE)


@pytest.mark.parametrize("shape", [(), (0, 5), (3, -1), (-2, -2)])
def test_lengths_below_one_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(FileError, match="without pixels"):
        DEFAULT_LIMITS.check(shape, "uint8", WHERE)


def test_bytes_count_as_well_as_pixels() -> None:
    limits = ReadLimits(max_pixels=100, max_bytes=100)
    limits.check((1, 10, 10), "uint8", WHERE)
    with pytest.raises(FileError):
        limits.check((1, 10, 10), "uint16", WHERE)


def test_a_large_ct_is_within_the_default() -> None:
    DEFAULT_LIMITS.check((1, 2000, 512, 512), "int16", WHERE)


def test_missing_bytes_are_refused() -> None:
    check_stored_bytes(10, 10, WHERE)
    with pytest.raises(FileError, match="ends too early"):
        check_stored_bytes(10, 9, WHERE)
