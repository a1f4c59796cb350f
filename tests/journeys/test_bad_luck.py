"""Ctrl-C, kill -9, a full disk, two runs at once: no lost data, and the same result in the end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.journeys.conftest import SHORT, Command, assert_clear

from scanwright.bundle import read_bundle

pytestmark = pytest.mark.slow

LONGER = (
    *SHORT[:-1], "schedule.steps=[150]",
    "--set", "training.validations=15", "--set", "augmentation.noise_chance=0.5",
)  # fmt: skip
TWO = (
    *LONGER, "--set", "training.members=2", "--set", "training.workers=2",
    "--set", "schedule.steps=[150, 150]",
)  # fmt: skip


def start(scans: Path, output: str, *flags: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "scanwright", "train", str(scans), "-o", output, *flags],
        cwd=scans.parent,
        env={**os.environ, "SCANWRIGHT_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path: Path, process: subprocess.Popen[str], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def weights_of(run: Path) -> dict[str, str]:
    hashes = json.loads((run / "bundle" / "manifest.json").read_text())["sha256"]
    return {name: digest for name, digest in hashes.items() if name.startswith("weights/")}


@pytest.mark.parametrize("flags", [LONGER, TWO], ids=["alone", "side by side"])
def test_killed_and_resumed_equals_never_killed(
    scans: Path, scanwright: Command, flags: tuple[str, ...]
) -> None:
    assert scanwright("train", scans, "-o", "whole", *flags).returncode == 0
    process = start(scans, "cut", *flags)
    wait_for(scans.parent / "cut" / "state" / "member-0.safetensors", process)
    wait_for(scans.parent / "cut" / "bundle" / "manifest.json", process)
    process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()
    read_bundle(scans.parent / "cut" / "bundle")
    resumed = scanwright("train", scans, "-o", "cut", *flags)
    assert resumed.returncode == 0, resumed.stderr
    assert weights_of(scans.parent / "cut") == weights_of(scans.parent / "whole")


@pytest.mark.parametrize("flags", [LONGER, TWO], ids=["alone", "side by side"])
def test_interrupted_and_resumed_equals_never_interrupted(
    scans: Path, scanwright: Command, flags: tuple[str, ...]
) -> None:
    assert scanwright("train", scans, "-o", "whole", *flags).returncode == 0
    process = start(scans, "cut", *flags)
    wait_for(scans.parent / "cut" / "state" / "member-0.safetensors", process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err + out
    assert "Traceback" not in err
    assert scanwright("train", scans, "-o", "cut", *flags).returncode == 0
    assert weights_of(scans.parent / "cut") == weights_of(scans.parent / "whole")


def test_a_second_run_on_the_same_output_is_refused(scans: Path, scanwright: Command) -> None:
    process = start(scans, "run", *LONGER)
    try:
        wait_for(scans.parent / "run" / "state" / "run.json", process)
        assert_clear(scanwright("train", scans, "-o", "run", *LONGER), 7, "-o")
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0,
    reason="a small disk is mounted as root on Linux",
)
def test_a_full_disk_says_so_and_loses_nothing(scans: Path, scanwright: Command) -> None:
    disk = scans.parent / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this system does not let tests mount a small disk")
    try:
        done = scanwright("train", scans, "-o", disk / "run", *LONGER)
        assert_clear(done, 6, "disk")
        subprocess.run(
            ["mount", "-o", "remount,size=50m", str(disk)], check=True, capture_output=True
        )
        again = scanwright("train", scans, "-o", disk / "run", *LONGER)
        assert again.returncode == 0, again.stderr
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False, capture_output=True)
