"""Compiling: what holds for NaN, and what need not."""

import math

from scanwright.augmentation.compiled import compiled, compiled_for_numbers


def halves(number: float) -> float:
    return number / 2


def test_a_kernel_lets_what_is_no_number_through() -> None:
    assert math.isnan(compiled(halves)(math.nan))
    assert compiled(halves)(math.inf) == math.inf


def test_a_kernel_for_numbers_gives_the_same_numbers() -> None:
    assert compiled_for_numbers(halves)(3.0) == 1.5
