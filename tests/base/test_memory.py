import platform
import subprocess
import sys

import pytest

WORK = """
import resource
import numpy as np
from scanwright.base import keep_freed_memory

{first}
for turn in range(20):
    if turn == 10:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    maps = [np.ones((2, 2**20)) for _ in range(3)]  # 16 MiB each
    del maps
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def pages_fetched(first: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", WORK.format(first=first)], check=True, capture_output=True, text=True
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_freed_maps_are_used_again_without_asking_the_system_for_their_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"):
        monkeypatch.delenv(name, raising=False)
    kept, given_back = pages_fetched("keep_freed_memory()"), pages_fetched("")
    assert given_back > 100
    assert kept < given_back / 10
