"""What this machine has: cores, memory, disk; and the only place that reads the environment."""

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine as the rules see it."""

    cores: int
    memory_bytes: int
    system: str
    processor: str


def read_machine() -> Machine:
    """Read the cores that this process may use and the memory that is free now."""
    return Machine(
        cores=thread_count(),
        memory_bytes=_memory_limit(),
        system=f"{platform.system()} {platform.release()}",
        processor=_processor_name(),
    )


def thread_count() -> int:
    """Return the number of threads to compute with (`SCANWRIGHT_THREADS` overrides)."""
    asked = os.environ.get("SCANWRIGHT_THREADS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def multiplies_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself; emulated, it is slower than float32."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return False
    flags = info.read_text(errors="replace")
    return "avx512_bf16" in flags or "amx_bf16" in flags


def cache_folder() -> Path:
    """Return the folder for downloads (`SCANWRIGHT_CACHE` overrides), without making it."""
    asked = os.environ.get("SCANWRIGHT_CACHE")
    if asked:
        return Path(asked)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "scanwright"


def free_disk_bytes(folder: Path) -> int:
    """Return the free space of the disk that holds `folder` or its nearest existing parent."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def _memory_limit() -> int:
    available = int(psutil.virtual_memory().available)
    limit_file = Path("/sys/fs/cgroup/memory.max")
    if limit_file.exists():
        text = limit_file.read_text().strip()
        if text.isdigit():
            return min(available, int(text))
    return available


def _processor_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
