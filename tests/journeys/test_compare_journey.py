"""From a finished run to the question whether it was worth it, by the command line."""

import json
from pathlib import Path

import pytest
from tests.journeys.conftest import SHORT, Command, assert_clear

pytestmark = pytest.mark.slow


def test_a_run_is_compared_and_the_verdict_is_shown(
    scans: Path, scanwright: Command, tmp_path: Path
) -> None:
    trained = scanwright("train", scans, "-o", "run", *SHORT, "--json")
    assert trained.returncode == 0, trained.stderr
    shown = scanwright("compare", scans, "--run", "run", "-o", "out", "--budget", "20s")
    assert shown.returncode == 0, shown.stderr
    assert "classical model" in shown.stdout
    assert "report: out/report.html" in shown.stdout
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Learning curve" in page
    assert str(tmp_path) not in page

    same = scanwright("compare", "run", "run", "-o", "same", "--json")
    assert same.returncode == 0, same.stderr
    found = json.loads(same.stdout)
    assert found["verdict"]["choice"] == "open"
    assert found == json.loads((tmp_path / "same" / "comparison.json").read_text())


def test_what_is_no_run_is_refused_clearly(scans: Path, scanwright: Command) -> None:
    done = scanwright("compare", scans, "--run", scans, "-o", "out")
    assert_clear(done, 3, "no finished run", "scanwright train")
