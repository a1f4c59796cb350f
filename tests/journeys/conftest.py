"""A small data set that a small network learns at once, and the command line to train on it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scanwright.cli.main import run as run_command_line
from scanwright.image import Image
from scanwright.io import write

SHORT = (
    "--device", "cpu", "--budget", "5m", "--folds", "0",
    "--set", "network.name=tutorial", "--set", "network.width=1.0",
    "--set", "network.zero_last=false",
    "--set", "training.members=1", "--set", "training.workers=1", "--set", "training.threads=1",
    "--set", "training.validations=3", "--set", "schedule.steps=[24]",
)  # fmt: skip
"""Flags of a run that ends in a few seconds."""

Command = Callable[..., subprocess.CompletedProcess[str]]


def picture(label: int, rng: np.random.Generator) -> Image:
    """Draw noise with a bright bar: upright for label 1, lying for label 0."""
    array = rng.normal(90, 20, (1, 24, 24))
    place = int(rng.integers(6, 18))
    if label:
        array[:, 4:20, place - 2 : place + 2] += 90
    else:
        array[:, place - 2 : place + 2, 4:20] += 90
    return Image.from_array(np.clip(array, 0, 255).astype(np.uint8))


def make_scans(folder: Path, per_class: int = 40, seed: int = 0) -> Path:
    """Write a folder per class."""
    rng = np.random.default_rng(seed)
    for label, name in enumerate(("lying", "upright")):
        place = folder / name
        place.mkdir(parents=True)
        for index in range(per_class):
            write(picture(label, rng), place / f"{index:03d}.png")
    return folder


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    return make_scans(tmp_path / "scans")


@pytest.fixture
def scanwright(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run the command line as installed, in this process: its imports cost seconds elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCANWRIGHT_THREADS", "1")

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        command = ["scanwright", *map(str, words)]
        monkeypatch.setattr(sys, "argv", command)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run_command_line()
        shown = capsys.readouterr()
        code = ended.value.code
        return subprocess.CompletedProcess(
            command, code if isinstance(code, int) else 0, shown.out, shown.err
        )

    return run


def assert_clear(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Check that a command failed with one clear message and the right code."""
    assert done.returncode == code, done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout
    assert "error:" in done.stderr
    for word in words:
        assert word in done.stderr
