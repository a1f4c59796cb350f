"""A run of outlines is killed while it prepares, trains or outlines: it ends as if it had not."""

import csv
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.journeys.conftest import Command
from tests.journeys.test_bad_luck import start, weights_of
from tests.journeys.test_outline_journey import make_set, short

pytestmark = pytest.mark.slow

Seen = Callable[[Path], bool]


def is_preparing(run: Path) -> bool:
    """Whether some cases are prepared, and the store is not finished."""
    store = run / "state" / "store"
    return any(store.glob("[!.]*.json")) and not (store / "windows.json").exists()


def is_training(run: Path) -> bool:
    """Whether a network has a state on disk; the next steps are lost with the process."""
    return (run / "state" / "member-0.safetensors").exists()


def is_outlining(run: Path) -> bool:
    """Whether a validation case is outlined, and others are not."""
    return any((run / "state" / "answers").glob("[!.]*.npz"))


def kill_when(seen: Seen, run: Path, process: subprocess.Popen[str]) -> None:
    """Kill a process without warning as soon as something is seen of its run."""
    deadline = time.monotonic() + 90
    while not seen(run):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.kill()
    process.communicate()


def measured(run: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((run / "cases.csv").read_text().splitlines()))


def finished_files(run: Path) -> list[Path]:
    """Return what is kept of cases that were prepared or outlined to the end."""
    state = run / "state"
    records = [path for path in (state / "store").glob("[!.]*.json") if path.stem != "windows"]
    prepared = [path.with_suffix(".image.b2nd") for path in records]
    return [*prepared, *(state / "answers").glob("[!.]*.npz")]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_set(tmp_path_factory.mktemp("bad_luck") / "set", (80, 88), ".png", count=24)


@pytest.fixture(scope="module")
def whole(data: Path) -> Path:
    """Return a run that nothing happened to."""
    process = start(data, "whole", *FLAGS)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return data.parent / "whole"


FLAGS = (*short(40), "--set", "training.validations=8")


@pytest.mark.parametrize("seen", [is_preparing, is_training, is_outlining])
def test_killed_and_resumed_equals_never_killed(
    seen: Seen, data: Path, whole: Path, scanwright: Command
) -> None:
    name = seen.__name__
    run = data.parent / name
    kill_when(seen, run, start(data, name, *FLAGS))
    kept = {path: path.stat().st_mtime_ns for path in finished_files(run)}
    assert kept.keys() < {run / path.relative_to(whole) for path in finished_files(whole)}
    done = scanwright("train", data, "-o", run, *FLAGS)
    assert done.returncode == 0, done.stderr
    assert weights_of(run) == weights_of(whole)
    assert measured(run) == measured(whole)
    assert all(path.stat().st_mtime_ns == at for path, at in kept.items())
    assert not list((run / "state").rglob(".writing-*"))
