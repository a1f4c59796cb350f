"""How kernels are compiled: by numba, once for a machine where a folder for the result is found."""

import logging
from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

logger = logging.getLogger(__name__)

Kernel = TypeVar("Kernel", bound=Callable[..., object])

SAFE_MATH = {"contract", "arcp", "reassoc", "nsz", "afn"}
"""What the compiler may assume of floats; that there is no NaN and no infinity is not among it."""


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel at its first call, without Python's lock, and keep the result on disk.

    numba looks for a folder beside the source and then in the user's cache. Where neither can be
    written (a read-only installation), each process compiles anew, and a warning says so.
    """
    return _compiled(function, SAFE_MATH)


def compiled_for_numbers(function: Kernel) -> Kernel:
    """Compile a kernel whose result means nothing where there is a NaN.

    Lowest and highest values are only found many at a time if NaN need not be thought of.
    """
    return _compiled(function, SAFE_MATH | {"nnan"})


def _compiled(function: Kernel, math: set[str]) -> Kernel:
    try:
        return cast("Kernel", njit(cache=True, nogil=True, fastmath=math)(function))
    except RuntimeError:
        logger.warning(
            "No folder can be written to keep compiled augmentation in, so %s is compiled again in "
            "each process; set NUMBA_CACHE_DIR to a folder that can be.",
            function.__name__,
        )
        return cast("Kernel", njit(nogil=True, fastmath=math)(function))
