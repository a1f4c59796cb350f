"""A search on the command line: killed and gone on with, and shared between two machines."""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.journeys.conftest import Command, assert_clear, make_scans
from tests.postgres import PASSWORD, temporary_server

pytestmark = pytest.mark.slow

TUNE = (
    "--device", "cpu", "--budget", "15m", "--folds", "4", "--trials", "4", "--trial-length", "1",
    "--vary", "optimiser.rate", "--vary", "network.dropout",
    "--set", "network.name=tutorial", "--set", "network.width=0.25",
    "--set", "network.zero_last=false", "--set", "network.size=[16, 16]",
    "--set", "training.members=1", "--set", "training.workers=1", "--set", "training.threads=1",
    "--set", "training.validations=1",
)  # fmt: skip
SHORT, LONGER = ("--set", "schedule.steps=[30]"), ("--set", "schedule.steps=[90]")


@pytest.fixture
def few(tmp_path: Path) -> Path:
    return make_scans(tmp_path / "scans", per_class=20)


@pytest.fixture
def postgres() -> Iterator[str]:
    with temporary_server() as url:
        yield url


def start(scans: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "scanwright", "tune", str(scans), *words],
        cwd=scans.parent,
        env={**os.environ, "SCANWRIGHT_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rows(run: Path) -> list[dict[str, str]]:
    """Return the table of trials, times left out."""
    with (run / "tune" / "trials.csv").open() as stream:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(stream)]


def wait(condition: object, process: subprocess.Popen[str], seconds: float = 150) -> None:
    """Wait until a callable says yes."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_killed_in_a_trial_and_gone_on_with_equals_never_killed(
    few: Path, scanwright: Command, tmp_path: Path
) -> None:
    whole = scanwright("tune", few, "-o", "whole", "--helper", *TUNE, *LONGER)
    assert whole.returncode == 0, whole.stderr
    process = start(few, "-o", "cut", *TUNE, *LONGER)
    table, work = tmp_path / "cut" / "tune" / "trials.csv", tmp_path / "cut" / "tune" / "work"
    wait(lambda: table.exists() and len(rows(tmp_path / "cut")) >= 1, process)
    wait(lambda: any(work.glob("*")), process)  # the next trial trains
    kill(process)
    done = scanwright("tune", few, "-o", "cut", *TUNE, *LONGER, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert rows(tmp_path / "cut") == rows(tmp_path / "whole")
    assert [one["trial"] for one in result["search"]["trials"]] == [0, 1, 2, 3]
    assert sum(one["retries"] for one in result["search"]["trials"]) == 1
    assert set(result["scores"]) == {"test", "validation"}
    answered = scanwright("predict", "cut/bundle", few / "upright", "--json")
    assert len(json.loads(answered.stdout)["predictions"]) == 20


def test_two_machines_share_a_search_and_one_is_killed(
    few: Path, scanwright: Command, tmp_path: Path, postgres: str
) -> None:
    shared = ("--storage", postgres, "--study", "both", "--grace", "6s", *TUNE, *LONGER)
    doomed = start(few, "-o", "doomed", "--helper", *shared)
    work = tmp_path / "doomed" / "tune" / "work"
    wait(lambda: any(work.glob("*")), doomed)
    survivor = start(few, "-o", "survivor", *shared, "--json")
    kill(doomed)
    out, errors = survivor.communicate(timeout=400)
    assert survivor.returncode == 0, errors
    trials = json.loads(out)["search"]["trials"]
    assert [one["trial"] for one in trials] == [0, 1, 2, 3]
    assert {one["state"] for one in trials} <= {"complete", "stopped"}
    assert sum(one["retries"] for one in trials) == 1
    for path in (tmp_path / "survivor").rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes(), path
    assert PASSWORD not in out + errors
    # The same study on other data is refused.
    other = make_scans(tmp_path / "more", per_class=22)
    refused = scanwright("tune", other, "-o", "other", *shared)
    assert_clear(refused, 3, "other", "--study")


def test_what_cannot_be_is_said_clearly(few: Path, scanwright: Command, tmp_path: Path) -> None:
    for words, code, shown in (
        (("--vary", "optimiser.rat"), 4, "optimiser.rate"),
        (("--storage", "mysql://me:secret@host/db"), 4, "postgresql://"),
        (("--storage", "postgresql://me:secret@127.0.0.1:1/db"), 6, "127.0.0.1"),
        (("--grace", "soon"), 4, "10m"),
    ):
        failed = scanwright("tune", few, "-o", "run", *SHORT, *words)
        assert_clear(failed, code, shown)
        assert "secret" not in failed.stderr
    assert not (tmp_path / "run").exists()
