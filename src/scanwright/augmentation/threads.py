"""Rows of a batch shared out among threads; each row is one thread's alone, so nothing changes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
import torch

from scanwright.augmentation.drawn import Ints


def in_parts(rows: Ints, work: Callable[[Ints], None]) -> None:
    """Do work on rows, in as many parts at once as torch has threads.

    `work` must let go of Python's lock, as the compiled kernels do.
    """
    count = min(torch.get_num_threads(), len(rows))
    if count > 1:
        list(_pool(count).map(work, np.array_split(rows, count)))
    elif len(rows):
        work(rows)


@lru_cache(maxsize=1)
def _pool(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="augmentation")
