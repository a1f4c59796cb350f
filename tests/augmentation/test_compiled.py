"""Compiling: what holds for NaN, and what need not."""

import math
from types import ModuleType

import pytest
from numba.core.dispatcher import Dispatcher

from scanwright.augmentation import (
    bands,
    gaussian,
    image_walk,
    inverse,
    label_walk,
    philox,
    ray,
    tone,
    window_copy,
)
from scanwright.augmentation.compiled import compiled, compiled_for_numbers


def halves(number: float) -> float:
    return number / 2


def test_a_kernel_lets_what_is_no_number_through() -> None:
    assert math.isnan(compiled(halves)(math.nan))
    assert compiled(halves)(math.inf) == math.inf


def test_a_kernel_for_numbers_gives_the_same_numbers() -> None:
    assert compiled_for_numbers(halves)(3.0) == 1.5


@pytest.mark.parametrize(
    "module", [bands, gaussian, image_walk, inverse, label_walk, philox, ray, tone, window_copy]
)
def test_no_kernel_may_change_the_order_of_sums(module: ModuleType) -> None:
    """Else code just compiled and code read back from disk differ in the last bits."""
    kernels = [value for value in vars(module).values() if isinstance(value, Dispatcher)]
    assert kernels
    for kernel in kernels:
        flags = kernel.targetoptions["fastmath"]
        assert flags is False or flags == {"nnan"}, kernel
