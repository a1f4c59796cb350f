"""What the compiler may assume of the floats in augmentation: nothing that changes a result.

Sums in another order, or products fused into sums, would be faster. But which of them the compiler
chooses differs between code just compiled and the same code read back from disk, and then a run
that goes on in another process would end with other weights.
"""

from collections.abc import Callable
from typing import TypeVar

from scanwright.base import compiled

__all__ = ["compiled", "compiled_for_numbers"]

Kernel = TypeVar("Kernel", bound=Callable[..., object])


def compiled_for_numbers(function: Kernel) -> Kernel:
    """Compile a kernel whose result means nothing where there is a NaN.

    Lowest and highest values are only found many at a time if NaN need not be thought of.
    """
    return compiled(function, fastmath={"nnan"})
