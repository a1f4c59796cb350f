import os
from pathlib import Path

import pytest

from scanwright.base import (
    cache_folder,
    free_disk_bytes,
    multiplies_bfloat16,
    read_machine,
    thread_count,
)


def test_threads_are_those_that_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCANWRIGHT_THREADS", raising=False)
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert thread_count() == allowed


@pytest.mark.parametrize(
    ("said", "heard"), [("3", True), ("0", False), ("-2", False), ("many", False), ("", False)]
)
def test_the_environment_overrides_threads_where_it_makes_sense(
    monkeypatch: pytest.MonkeyPatch, said: str, heard: bool
) -> None:
    monkeypatch.delenv("SCANWRIGHT_THREADS", raising=False)
    default = thread_count()
    monkeypatch.setenv("SCANWRIGHT_THREADS", said)
    assert thread_count() == (3 if heard else default)


def test_a_machine_has_cores_memory_and_a_name() -> None:
    machine = read_machine()
    assert machine.cores >= 1
    assert 1 << 20 < machine.memory_bytes < 1 << 50
    assert machine.system
    assert machine.processor


def test_the_cache_lies_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SCANWRIGHT_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
    assert not (tmp_path / "own").exists()
    monkeypatch.delenv("SCANWRIGHT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "scanwright"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "scanwright"


def test_free_space_is_known_for_folders_yet_to_be_made(tmp_path: Path) -> None:
    deep = tmp_path / "not" / "yet" / "there"
    assert free_disk_bytes(deep) == pytest.approx(free_disk_bytes(tmp_path), rel=0.1)
    assert not (tmp_path / "not").exists()


def test_bfloat16_is_multiplied_only_where_the_processor_says_so() -> None:
    info = Path("/proc/cpuinfo")
    flags = info.read_text(errors="replace") if info.exists() else ""
    assert multiplies_bfloat16() == ("avx512_bf16" in flags or "amx_bf16" in flags)
