"""What the compiler may assume of the floats in augmentation."""

from collections.abc import Callable
from typing import TypeVar

from scanwright import base

Kernel = TypeVar("Kernel", bound=Callable[..., object])

SAFE_MATH = {"contract", "arcp", "reassoc", "nsz", "afn"}
"""That there is no NaN and no infinity is not among it."""


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel that treats NaN and infinity as it should."""
    return base.compiled(function, fastmath=SAFE_MATH)


def compiled_for_numbers(function: Kernel) -> Kernel:
    """Compile a kernel whose result means nothing where there is a NaN.

    Lowest and highest values are only found many at a time if NaN need not be thought of.
    """
    return base.compiled(function, fastmath=SAFE_MATH | {"nnan"})
